"""Which canonical URL of a page is believed."""

from __future__ import annotations

import pytest

from crawler.navigation.canonical import canonical, key

URL = "http://www.noord.example/team/roe.html?print=1"


@pytest.mark.parametrize(
    ("url", "href", "believed"),
    [
        (URL, "/team/roe.html", True),
        (URL, "https://noord.example/team/roe.html", True),
        (URL, "/people/roe.html", True),
        (URL, "/", False),
        (URL, "/team/", False),
        (URL, "http://elsewhere.example/team/roe.html", False),
        (URL, "http://[broken", False),
        ("http://www.noord.example/team?page=2", "/team", False),
        ("http://www.noord.example/team/page/2/", "/team/", False),
        ("http://www.noord.example/team?style=plain", "/team", True),
    ],
)
def test_a_name_is_believed(url: str, href: str, *, believed: bool) -> None:
    found = canonical(url, f'<head><link rel="stylesheet" href="/a.css"><link href="{href}" rel=canonical></head>')
    assert bool(found) is believed


@pytest.mark.parametrize("head", ["", "<link rel=next href='/team'>", "<link rel=canonical>", "<link rel='canonical' "])
def test_no_name(head: str) -> None:
    assert canonical(URL, head) == ""


@pytest.mark.parametrize(
    "spelling",
    [
        "http://noord.example/team",
        "https://www.noord.example/team/",
        "http://noord.example/team/index.html",
        "http://noord.example/team?utm_source=mail#jane",
    ],
)
def test_spellings_of_one_url(spelling: str) -> None:
    assert key(spelling) == "noord.example/team?"


def test_other_pages_are_others() -> None:
    assert key("http://noord.example/team?id=1") != key("http://noord.example/team?id=2")
