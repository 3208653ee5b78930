"""Sitemaps (sitemaps.org, Google News) and feeds as navigation: what is there, newest first. Pure."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml import etree

from crawler.extraction.feeds import entries
from crawler.navigation.anchors import on_site
from crawler.page import MAX_TEXT, Kind, Page

#: Locations of one file that are read; the protocol allows 50,000.
MOST = 50_000
#: Elements of one entry that are looked at; a page with many images has more, behind what matters here.
_MOST_PARTS = 40
_DATE = re.compile(r"\d{4}-\d\d(?:-\d\d)?")


@dataclass(frozen=True, slots=True)
class Listed:
    """A page that a sitemap or a feed names: canonical URL, day of its last change (ISO 8601, perhaps empty), title.

    `article` says that it was announced as one: by a feed, or with a date of publication.
    """

    url: str
    modified: str = ""
    title: str = ""
    article: bool = False


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap names: pages of its own site, newest first, then those without a date; and further sitemaps."""

    pages: tuple[Listed, ...] = ()
    further: tuple[str, ...] = ()


def read(page: Page) -> Sitemap:
    """Return what a sitemap names: XML, an index of sitemaps, compressed or plain text, or a feed; empty for others."""
    body = _unpacked(page.body)
    if body is None:
        return Sitemap()
    document = Page(page.url, body, page.media_type if body is page.body else "application/xml", page.charset)
    if document.kind is Kind.FEED:
        return Sitemap(announced(document))
    if document.kind is Kind.TEXT:
        urls = (on_site(document, line.strip()) for line in document.text.splitlines()[:MOST] if "://" in line[:9])
        return Sitemap(tuple(Listed(url) for url in dict.fromkeys(urls) if url))
    return _xml(document)


def announced(page: Page) -> tuple[Listed, ...]:
    """Return the entries of a feed that link to its own site, in its order: a feed has the newest first."""
    found = ((on_site(page, entry.link), entry.title) for entry in entries(page) if entry.link)
    return tuple(Listed(url, title=title, article=True) for url, title in found if url)


def _xml(page: Page) -> Sitemap:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(page.body, parser) if page.body.strip() else None
    except (etree.XMLSyntaxError, ValueError):
        return Sitemap()
    pages: dict[str, Listed] = {}
    further: list[str] = []
    for number, location in enumerate(() if root is None else root.iter("{*}loc")):
        parent = location.getparent()
        url = on_site(page, (location.text or "").strip())
        if number == MOST:
            break
        if url is None or parent is None or not isinstance(parent.tag, str):
            continue
        if etree.QName(parent).localname == "sitemap":
            further.append(url)
        elif etree.QName(parent).localname == "url":  # an image or a video has a location, too
            published = _first(parent, "publication_date")
            pages[url] = Listed(url, published or _first(parent, "lastmod"), _first(parent, "title"), bool(published))
    listed = sorted(pages.values(), key=lambda one: one.modified, reverse=True)
    return Sitemap(tuple(listed), tuple(dict.fromkeys(further)))


def _first(element: Any, name: str) -> str:
    parts = (child for child in islice(element.iter(), _MOST_PARTS) if isinstance(child.tag, str))
    found = next((child.text or "" for child in parts if etree.QName(child).localname == name), "").strip()
    if name == "title":
        return found
    day = _DATE.match(found)
    return day[0] if day else ""


def _unpacked(body: bytes) -> bytes | None:
    """Return a body without its gzip shell, at most `MAX_TEXT` bytes of it; None when the shell is broken."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        return zlib.decompressobj(wbits=31).decompress(body, MAX_TEXT)
    except zlib.error:
        return None
