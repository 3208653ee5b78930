"""What a link is to its page, by structure and by words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.links import links, list_mark, same_site
from crawler.navigation.anchors import MOST, Zone, anchors
from crawler.navigation.roles import Role, roles, url_roles
from crawler.page import Page

LIST = "http://fair.example/stands/"
HOME = "http://fair.example/"


def read(body: str, url: str = LIST, below: tuple[str, ...] = ()) -> dict[str, set[Role]]:
    page = Page(url, f"<html><body>{body}</body></html>".encode())
    return {
        found.removeprefix("http://fair.example"): set(own) for found, own in roles(anchors(page), url, below).items()
    }


def test_links_below_a_list_are_its_entries() -> None:
    body = "<nav><a href='/stands/map'>Map</a></nav><a href='alder'>Alder</a><p><a href='birch'>Birch</a>"
    found = read(body)
    assert found["/stands/alder"] == found["/stands/birch"] == {Role.ITEM}
    assert found["/stands/map"] == {Role.OTHER}


def test_links_of_one_template_are_entries_wherever_they_lead() -> None:
    body = "".join(f"<li><a href='/show.php?id={number}'>Firm {number}</a></li>" for number in range(3))
    assert set(map(frozenset, read(body).values())) == {frozenset({Role.ITEM})}
    assert read("<a href='/show.php?id=1'>a</a>") == {"/show.php?id=1": {Role.OTHER}}


def test_a_heading_that_is_a_link_is_an_entry() -> None:
    assert read("<main><h3><a href='/paper/9'>On eels</a></h3></main>")["/paper/9"] == {Role.ITEM}
    assert read("<main><a href='/paper/9'><h3>On eels</h3></a></main>")["/paper/9"] == {Role.ITEM}


def test_what_lies_below_a_start_url_is_an_entry() -> None:
    assert read("<a href='/stands/roe'>Roe</a>", HOME, below=(LIST,)) == {"/stands/roe": {Role.ITEM}}
    assert read("<a href='/stands/roe'>Roe</a>", HOME, below=(HOME,)) == {"/stands/roe": {Role.OTHER}}


@pytest.mark.parametrize(
    "markup",
    [
        "<article><a href='/a-new-chair'>Read on</a></article>",
        "<li><time>12 May</time> <a href='/a-new-chair'>A new chair</a></li>",
        "<a href='/2026/05/a-new-chair'>A new chair</a>",
        "<a href='/20260512-a-new-chair'>A new chair</a>",
        "<a href='/releases/2026-05-12-a-new-chair.html'>A new chair</a>",
    ],
)
def test_an_entry_with_a_date_is_an_article(markup: str) -> None:
    (own,) = read(markup).values()
    assert Role.ARTICLE in own


@pytest.mark.parametrize(
    "markup",
    [
        "<a rel='next' href='/stands/?page=2'>Older</a>",
        "<link rel='next' href='/stands/?page=2'>",
        "<div class='pagination'><a href='/stands/?page=2'>2</a></div>",
        "<ul class='f3-widget-paginator'><li><a href='/stands/page-2.html'>2</a></li></ul>",
        "<nav aria-label='pagination'><a href='/stands/?page=2'>Nächste Seite ›</a></nav>",
        "<a href='/stands/?page=2'>Volgende »</a>",
        "<a href='/stands/page/2/'>[2]</a>",
        "<a href='/stands/?offset=20'>»</a>",
    ],
)
def test_the_next_page_of_a_list(markup: str) -> None:
    (own,) = read(markup).values()
    assert own == {Role.NEXT}


@pytest.mark.parametrize(
    "markup",
    ["<a href='/other/list'>Next</a>", "<a href='/halls/2'>2</a>", "<a href='/stands/alder'>›</a>"],
)
def test_what_only_looks_like_it(markup: str) -> None:
    (own,) = read(markup).values()
    assert Role.NEXT not in own


def test_an_a_to_z() -> None:
    body = "".join(f"<a href='/stands/{letter}'>{letter.upper()}</a> " for letter in "abcdef")
    assert all(own == {Role.LETTER} for own in read(body).values())
    assert Role.LETTER not in read("<a href='/x'>X</a>")["/x"]


@pytest.mark.parametrize(
    ("markup", "role"),
    [
        ("<a href='/files/report.pdf'>Report</a>", Role.FILE),
        ("<a href='/roe.vcf'>Card</a>", Role.CARD),
        ("<link rel='alternate' type='application/feed+json' href='/feed.json'>", Role.FEED),
        ("<a href='/redaktion'>Redaktion</a>", Role.PEOPLE),
        ("<a href='/downloads'>Jahresberichte</a>", Role.DOCUMENTS),
        ("<a href='/x'><img src=i.png alt='Our team'></a>", Role.PEOPLE),
    ],
)
def test_words_and_suffixes(markup: str, role: Role) -> None:
    assert any(role in own for own in read(markup).values())


@pytest.mark.parametrize(
    "markup",
    [
        "<a href='/stands/'>itself</a>",
        "<a href='/stands/?sort=name'>by name</a>",
        "<a href='/calendar/2026/11/'>November</a>",
        "<a href='/login'>Log in</a>",
        "<a href='/plan.dwg.zip'>Plan</a>",
        "<a href='http://[broken'>x</a>",
    ],
)
def test_what_is_not_worth_a_look(markup: str) -> None:
    assert read(markup) == {}


@pytest.mark.parametrize(
    ("markup", "zone"),
    [
        ("<nav><a href='/x'>x</a></nav>", Zone.FURNITURE),
        ("<div class='main-menu'><a href='/x'>x</a></div>", Zone.FURNITURE),
        ("<footer><a href='/x'>x</a></footer>", Zone.FURNITURE),
        ("<main><article><header><a href='/x'>x</a></header></article></main>", Zone.CONTENT),
        ("<div class='elementor-widget menus-of-the-day'><a href='/x'>x</a></div>", Zone.CONTENT),
        ("<div class='pager'><a href='/x'>x</a></div>", Zone.PAGER),
    ],
)
def test_the_zone_of_a_link(markup: str, zone: Zone) -> None:
    (anchor,) = anchors(Page(LIST, f"<body>{markup}</body>".encode()))
    assert anchor.zone is zone


def test_a_page_of_links_without_end_is_cut() -> None:
    page = Page(LIST, b"<div>" + b"<a href='x?id=1'>x</a>" * (MOST + 5))
    assert len(anchors(page)) == MOST


def test_a_url_alone_tells_a_little() -> None:
    assert url_roles("http://fair.example/team/") == frozenset({Role.PEOPLE})
    found = url_roles("http://fair.example/people/7", below=["http://fair.example/people/index.html"])
    assert found == frozenset({Role.ITEM, Role.PEOPLE})


HREFS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["http://[", "//", "?page=", "/a;jsessionid=1", "http://fair.example:99999/x", "\\\\x", "/2026/13/99/"]
    ),
)


@given(st.lists(st.tuples(st.sampled_from(["a", "area", "link"]), HREFS, st.text(max_size=12)), max_size=8))
def test_any_links_have_an_answer(parts: list[tuple[str, str, str]]) -> None:
    body = "".join(f'<{tag} rel="next" href="{href}">{text}</{tag}>' for tag, href, text in parts)
    page = Page(LIST, f"<html><body>{body}</body></html>".encode("utf-8", "replace"))
    assert all(same_site(link.url, "fair.example") for link in links(page))
    assert list_mark(page)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<a href=x>" * 50_000, id="nested links"),
        pytest.param("<div><a href=/x><img alt=y>" * 1_500, id="deep"),
        pytest.param("<a href=http://elsewhere.example/>x</a>" * 60_000, id="foreign"),
        pytest.param("<li><time>1</time><a href=/x>x</a>" * 30_000, id="dated"),
    ],
)
def test_hostile_pages_end(body: str) -> None:
    began = time.process_time()
    links(Page(LIST, f"<html><body>{body}".encode()))
    assert time.process_time() - began < 6
