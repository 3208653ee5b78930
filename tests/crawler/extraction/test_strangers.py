"""Markups that pages of strangers were found to have, with invented people: one table for each cause."""

from __future__ import annotations

import pytest

from crawler.extraction import mentions
from crawler.items import Mention, MentionType, Property
from crawler.page import Page


def people(html: str, country: str = "") -> dict[str, Mention]:
    found = mentions(Page("https://www.site.example/page", html.encode(), country=country))
    return {one.text(Property.NAME): one for one in found if one.type is MentionType.PERSON}


def owner(html: str) -> str:
    found = mentions(Page("https://www.site.example/page", html.encode()))
    return next((one.text(Property.NAME) for one in found if one.type is MentionType.ORGANISATION), "")


@pytest.mark.parametrize(
    "brand",
    [
        '<a class="logo ir" href="/">Tidewater Pilots</a>',
        '<nav><a class="navbar-brand" href="/">Tidewater Pilots</a> <a href="/a">About</a> <a href="/b">Team</a></nav>',
        '<a id="logo" href="/">Tide<span>water Pilots</span></a>',
        '<a class="navbar-brand" href="/">&lsaquo; Tidewater Pilots</a>',
    ],
)
def test_a_logo_in_words_names_the_owner(brand: str) -> None:
    assert owner(f"<title>Tidewater Pilots - List of peple</title>{brand}<h2>List of peple</h2>") == "Tidewater Pilots"


@pytest.mark.parametrize("wrapper", ["nav", "header", "section", "main", "article"])
def test_a_page_without_a_body_tag_is_read_from_its_first_element(wrapper: str) -> None:
    html = f"<title>Team</title><{wrapper}><h3>Jane Holloway</h3><p>Managing Director</p></{wrapper}><p>Since 1998</p>"
    assert ("Jane Holloway" in people(html)) == (wrapper != "nav")
