"""Lines of a page: what is seen, in order, with zones and levels."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from crawler.extraction import mentions
from crawler.extraction.lines import MAX_LINES, common, lines
from crawler.page import Page


def texts(markup: str) -> list[str]:
    return [line.text for line in lines(html.document_fromstring(f"<html><body>{markup}</body></html>"))]


@pytest.mark.parametrize(
    ("markup", "seen"),
    [
        ("<p>One</p><p>Two</p>", ["One", "Two"]),
        ("<p>One<br>Two</p>", ["One", "Two"]),
        ("<div>One<p>Two</p>Three</div>", ["One", "Two", "Three"]),
        ("<p>Jane<span>Head of IT</span></p>", ["Jane Head of IT"]),
        ("<p><span class=a>jane</span><span class=b>director</span></p>", ["jane director"]),
        ("<pre>One\nTwo</pre>", ["One", "Two"]),
        ("<x-card>One</x-card><x-card>Two</x-card>", ["One", "Two"]),
        ("<p>A\u00a0\u200b B</p>", ["A B"]),
        ("<p hidden>One</p><p style='display: none'>Two</p><script>three</script><template>four</template>", []),
    ],
)
def test_lines_are_what_a_reader_sees(markup: str, seen: list[str]) -> None:
    assert texts(markup) == seen


@pytest.mark.parametrize(
    ("markup", "zone"),
    [
        ("<nav>X</nav>", "nav"),
        ("<div class='main-menu'><a>X</a></div>", "nav"),
        ("<div class='menu-push'><p>A long text that is no link at all</p><a>X</a></div>", ""),
        ("<footer>X</footer>", "footer"),
        ("<header>X</header>", "header"),
        ("<div id=comments>X</div>", "comments"),
        ("<p>X</p>", ""),
    ],
)
def test_a_line_knows_its_zone(markup: str, zone: str) -> None:
    assert lines(html.document_fromstring(f"<html><body>{markup}</body></html>"))[0].zone == zone


def test_paths_say_how_closely_lines_are_grouped() -> None:
    markup = "<div><p>a</p><p>b</p></div><div><p>c</p></div>"
    first, second, third = lines(html.document_fromstring(f"<html><body>{markup}</body></html>"))
    assert common(first.path, second.path) > common(second.path, third.path)


def test_a_link_without_text_is_kept() -> None:
    found = lines(html.document_fromstring("<html><body><p><a href='mailto:a@b.example'><i></i></a></p></body></html>"))
    assert [atom.href for line in found for atom in line.atoms] == ["mailto:a@b.example"]


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 3000 + "Jane Holloway",
        "<p>Jane Holloway, Director<br>" * 3000,
        "<p>" + "a, " * 20_000,
        "<p>" + "1 2-3.4" * 5_000,
        "<tr><td>Jane Holloway<td>Director" * 1000,
        "\x00<p>Jane\x00 Holloway",
        "&#xD800;<p>\ufffe",
    ],
)
def test_hostile_pages_end(markup: str) -> None:
    page = Page("https://www.site.example/", markup.encode("utf-8", "surrogatepass"))
    assert len(lines(page.root)) <= MAX_LINES
    assert len(mentions(page)) < 100


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("<>/abp divtrh1 \n\"'=&;@.JaneHolway,Director:()+0123456789"), max_size=400))
def test_any_markup_is_read(markup: str) -> None:
    for mention in mentions(Page("https://www.site.example/", markup.encode())):
        assert mention.values
