"""Which links lead to people."""

from __future__ import annotations

import pytest

from crawler.links import Link, links, same_site, sitemap
from crawler.page import Page

URL = "http://www.noord.example/nl/"


def page(body: str, url: str = URL) -> Page:
    return Page(url, f"<html><body>{body}</body></html>".encode())


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a href="/over-ons/team">Ons team</a>', Link("http://www.noord.example/over-ons/team", 30)),
        ('<a href="x.html">Ansprechpartner</a>', Link("http://www.noord.example/nl/x.html", 30)),
        ('<a href="zespol">Zespół</a>', Link("http://www.noord.example/nl/zespol", 30)),
        ('<a href="/impressum">Impressum</a>', Link("http://www.noord.example/impressum", 20)),
        ('<a href="/pers">Persberichten</a>', Link("http://www.noord.example/pers", 10)),
        ('<a href="/producten">Producten</a>', Link("http://www.noord.example/producten", 0)),
        ('<a href="/team/jaarverslag.pdf">Jaarverslag</a>', Link("http://www.noord.example/team/jaarverslag.pdf", 35)),
        ('<a rel="next" href="?page=2">2</a>', Link("http://www.noord.example/nl/?page=2", 5, turns=True)),
        ('<a href="http://noord.example/team#jane">Team</a>', Link("http://noord.example/team", 30)),
        ('<a href="/team?ref=menu&utm_source=x&id=3">Team</a>', Link("http://www.noord.example/team?id=3", 30)),
        ('<link rel="alternate" type="application/rss+xml" href="/feed">', Link("http://www.noord.example/feed", 0)),
    ],
)
def test_a_link_is_worth_what_its_words_promise(markup: str, expected: Link) -> None:
    assert links(page(markup)) == [expected]


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="http://elsewhere.example/team">Team</a>',
        '<a href="mailto:team@noord.example">Team</a>',
        '<a href="javascript:team()">Team</a>',
        '<a href="#team">Team</a>',
        '<a href="/team.jpg">Team</a>',
        '<a href="/login">Inloggen</a>',
        '<a rel="nofollow" href="/team">Team</a>',
        '<a href="/search?a=1&b=2&c=3&d=4">Team</a>',
        '<a href="http://[broken/">Team</a>',
        '<link rel="stylesheet" href="/team.css">',
    ],
)
def test_what_is_not_followed(markup: str) -> None:
    assert links(page(markup)) == []


def test_a_url_is_listed_once_with_its_best_priority() -> None:
    assert links(page('<a href="/a">Products</a><a href="/a">Our team</a>')) == [Link("http://www.noord.example/a", 30)]


def test_an_empty_document_has_no_links() -> None:
    assert links(Page(URL, b"")) == []


def test_a_sitemap_lists_pages_and_further_sitemaps() -> None:
    body = b"""<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <sitemap><loc>http://www.noord.example/s2.xml</loc></sitemap>
    <url><loc>http://www.noord.example/team</loc></url><url><loc>http://elsewhere.example/team</loc></url>
    <url><loc>http://www.noord.example/logo.png</loc></url></sitemapindex>"""
    assert sitemap(Page(URL, body)) == (
        [Link("http://www.noord.example/team", 30)],
        ["http://www.noord.example/s2.xml"],
    )


@pytest.mark.parametrize("body", [b"", b"not xml", b"<urlset><url>", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'])
def test_a_broken_sitemap_lists_nothing(body: bytes) -> None:
    assert sitemap(Page(URL, body)) == ([], [])


@pytest.mark.parametrize(
    ("url", "same"),
    [("http://noord.example/", True), ("https://WWW.Noord.example/", True), ("http://x.noord.example/", False)],
)
def test_a_site_is_its_host(url: str, *, same: bool) -> None:
    assert same_site(url, "www.noord.example") is same
