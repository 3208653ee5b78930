"""Sitemaps and feeds as lists of pages."""

from __future__ import annotations

import gzip

import pytest

from crawler.links import Link, links, sitemap
from crawler.navigation.roles import Role
from crawler.navigation.sitemaps import Listed, Sitemap, read
from crawler.page import Page

URL = "http://www.noord.example/sitemap.xml"
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def page(body: str | bytes, media_type: str = "application/xml") -> Page:
    return Page(URL, body.encode() if isinstance(body, str) else body, media_type)


def place(path: str) -> str:
    return f"http://www.noord.example{path}"


def test_the_newest_comes_first() -> None:
    body = f"""<urlset {SPACE}><url><loc>{place("/a")}</loc></url>
    <url><loc>{place("/b")}</loc><lastmod>2026-05-01</lastmod></url>
    <url><loc>{place("/c")}</loc><lastmod>2026-09-14T08:00:00+02:00</lastmod></url></urlset>"""
    found = [Listed(place("/c"), "2026-09-14"), Listed(place("/b"), "2026-05-01"), Listed(place("/a"))]
    assert read(page(body)) == Sitemap(tuple(found))


def test_a_news_sitemap_lists_articles() -> None:
    body = f"""<urlset {SPACE} xmlns:news="http://www.sitemaps.org/news"><url><loc>{place("/x")}</loc><news:news>
    <news:publication_date>2026-11-02</news:publication_date><news:title>A new chair</news:title></news:news></url>
    </urlset>"""
    assert read(page(body)).pages == (Listed(place("/x"), "2026-11-02", "A new chair", article=True),)
    assert sitemap(page(body), {Role.ARTICLE: 30}) == ([Link(place("/x"), 28)], [])


def test_an_index_an_image_and_a_foreign_page() -> None:
    body = f"""<sitemapindex {SPACE}><sitemap><loc>{place("/more.xml.gz")}</loc></sitemap>
    <sitemap><loc>http://elsewhere.example/s.xml</loc></sitemap></sitemapindex>"""
    assert read(page(body)) == Sitemap((), (place("/more.xml.gz"),))
    body = f"""<urlset {SPACE} xmlns:image="http://www.sitemaps.org/image"><url><loc>{place("/team")}</loc>
    <image:image><image:loc>{place("/roe.jpg")}</image:loc></image:image></url></urlset>"""
    assert [one.url for one in read(page(body)).pages] == [place("/team")]


def test_compressed_and_as_plain_text() -> None:
    body = f"<urlset {SPACE}><url><loc>{place('/team')}</loc></url></urlset>".encode()
    assert [one.url for one in read(page(gzip.compress(body), "application/gzip")).pages] == [place("/team")]
    text = f"{place('/team')}\n\nnot a url\nhttp://elsewhere.example/\n"
    assert [one.url for one in read(page(text, "text/plain")).pages] == [place("/team")]


def test_an_entry_without_end_is_cut() -> None:
    body = "<urlset><url>" + f"<loc>{place('/team')}</loc>" * 5_000 + "</url></urlset>"
    assert [one.url for one in read(page(body)).pages] == [place("/team")]


def test_a_bomb_is_cut() -> None:
    assert read(page(gzip.compress(b"<urlset>" + b" " * 50_000_000), "application/gzip")) == Sitemap()


@pytest.mark.parametrize("body", [b"", b"\x1f\x8bbroken", b"<urlset", b"<html><body>404</body></html>", b"\x00\x00"])
def test_what_is_no_sitemap_lists_nothing(body: bytes) -> None:
    assert read(page(body)) == Sitemap()


def test_what_lies_below_a_list_is_an_entry() -> None:
    body = f"<urlset {SPACE}><url><loc>{place('/leden/roe')}</loc></url><url><loc>{place('/x')}</loc></url></urlset>"
    assert sitemap(page(body), {Role.ITEM: 25}, [place("/leden/")]) == ([Link(place("/leden/roe"), 25)], [])


FEED = """<rss version="2.0"><channel><item><title>One</title><link>http://www.noord.example/one</link></item>
<item><title>Two</title><link>http://www.noord.example/two?utm_source=feed</link></item>
<item><title>Away</title><link>http://elsewhere.example/three</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title><link href="/one"/></entry>
<entry><title>Two</title><link rel="alternate" href="/two"/></entry></feed>"""
JSON = '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","url":"/one"},{"id":"2","url":"/two"}]}'


@pytest.mark.parametrize(
    ("body", "media_type"),
    [(FEED, "application/rss+xml"), (ATOM, "application/atom+xml"), (JSON, "application/feed+json")],
)
def test_a_feed_announces_articles_in_its_order(body: str, media_type: str) -> None:
    found = links(page(body, media_type), {Role.ARTICLE: 30})
    assert found == [Link(place("/one"), 30), Link(place("/two"), 30)]
    assert [one.url for one in read(page(body, media_type)).pages] == [place("/one"), place("/two")]
