"""Pages that say nothing before their scripts have run."""

from __future__ import annotations

import pytest

from crawler.navigation.emptiness import is_empty_without_scripts
from crawler.page import Page

SCRIPT = '<script src="/app.js"></script>'
MENU = "".join(f'<a href="/{number}">Chapter {number}</a>' for number in range(9))
TEXT = "<p>" + "The harbour board met on Tuesday. " * 8 + "</p>"


@pytest.mark.parametrize(
    ("body", "empty"),
    [
        pytest.param(f'<div id="root"></div>{SCRIPT}', True, id="root"),
        pytest.param(f'<div id="app">…</div>{SCRIPT}', True, id="dots"),
        pytest.param(f"<noscript>Please enable JavaScript.</noscript>{SCRIPT}", True, id="noscript"),
        pytest.param(f"<team-list></team-list>{SCRIPT}", True, id="custom-element"),
        pytest.param(
            f'<header>{MENU}</header><main><h1>Team</h1><div id="team"></div></main>{SCRIPT}', True, id="main"
        ),
        pytest.param('<div id="root"></div><script type="module">import "/a.js"</script>', True, id="module"),
        pytest.param('<div id="root"></div>', False, id="no-script"),
        pytest.param(f'<div id="root">{TEXT}</div>{SCRIPT}', False, id="rendered-by-the-server"),
        pytest.param(f'<div id="map"></div>{TEXT}{SCRIPT}', False, id="a-map-beside-text"),
        pytest.param(f'<ul>{MENU}</ul><div id="x"></div>{SCRIPT}', False, id="a-page-of-links"),
        pytest.param(f"<p>Moved.</p>{SCRIPT}", False, id="short-but-whole"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_what_has_to_be_drawn(body: str, *, empty: bool) -> None:
    page = Page("http://noord.example/", f"<!doctype html><html><body>{body}</body></html>".encode())
    assert is_empty_without_scripts(page) is empty


def test_other_documents_are_not() -> None:
    assert not is_empty_without_scripts(Page("http://noord.example/", b'{"a": "<script"}', "application/json"))
