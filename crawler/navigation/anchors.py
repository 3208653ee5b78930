"""The links of a page, each with what the page shows about it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from w3lib.url import canonicalize_url

from crawler.page import Page
from crawler.urls import document_url

#: Links of one page that are looked at; the fullest of 254 real pages had 1,900.
MOST = 5_000
#: Elements above a link that say where it stands.
_CLIMB = 30
_LONGEST_TEXT = 300
#: Elements of a teaser that are searched for its date.
_BLOCK = 60
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|breadcrumbs?|footer|cookies?|consent|social)(?:$|[\s_-])|"
    r"(?:^|\s)(?:sidebar|widget-area|language-switcher|tagcloud)(?:$|\s)",
    re.IGNORECASE,
)
_PAGER = re.compile(
    r"(?:^|[\s_-])(?:pagination|pager|paginator|paging|page-?numbers|pagenav|nav-links|load-?more|browsebox|"
    r"seitenzahlen)(?:$|[\s_-])",
    re.IGNORECASE,
)
_DOCUMENT_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "text/vcard"})
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})  # h1 is the page's own
_DATED = re.compile(r"/(?:19|20)\d\d(?:[/-]\d{1,2}){0,2}[/-][^/]{3,}|[/_-](?:19|20)\d{2}-?[01]\d(?:-?[0-3]\d)?[_-]")


class Zone(StrEnum):
    """The part of a page that a link stands in."""

    CONTENT = "content"
    PAGER = "pager"
    FURNITURE = "furniture"  # menus, header and footer of the page
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link that stays on its page's site: canonical URL without a fragment, its texts, where it stands.

    `relation` holds the words of `rel`, `media_type` what a `<link>` announces. `entry` says that it stands in an
    `<article>` or beside a `<time>`, or that its URL carries a date; `titled` that it is a heading, or in one.
    """

    url: str
    text: str
    zone: Zone
    relation: frozenset[str] = frozenset()
    media_type: str = ""
    entry: bool = False
    titled: bool = False


def same_site(url: str, host: str) -> bool:
    """Tell whether a URL is http(s) on a host or on that host with or without `www.`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and _bare(parts.hostname or "") == _bare(host)


def on_site(page: Page, href: str) -> str | None:
    """Return a link of a page in its canonical form, or None when it is malformed or leads off the site."""
    try:
        url = canonicalize_url(document_url(page.absolute(href)))
    except ValueError:
        return None
    return url if same_site(url, page.host) else None


def anchors(page: Page) -> list[Anchor]:
    """Return the links of an HTML page that stay on its site, in document order, at most `MOST`.

    Left out is what the page itself asks not to follow (`rel=nofollow`) and what is no document (`mailto:`, …).
    """
    found: list[Anchor] = []
    for element in () if page.root is None else page.root.iter("a", "area", "link"):
        anchor = _anchor(page, element)
        if anchor is not None:
            found.append(anchor)
            if len(found) == MOST:
                break
    return found


def dated(url: str) -> bool:
    """Tell whether a URL carries the date of an article (`/2026/03/slug`, `/2026-03-20-slug`)."""
    return bool(_DATED.search(urlsplit(url).path))


def _anchor(page: Page, element: HtmlElement) -> Anchor | None:
    href = (element.get("href") or "").strip()
    relation = frozenset((element.get("rel") or "").casefold().split())
    media_type = (element.get("type") or "").casefold().partition(";")[0].strip()
    if not href or "nofollow" in relation or href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
        return None
    in_head = element.tag == "link"
    if in_head and "next" not in relation and not ("alternate" in relation and media_type in _DOCUMENT_TYPES):
        return None
    url = on_site(page, href)
    if url is None:
        return None
    if in_head:
        return Anchor(url, "", Zone.HEAD, relation, media_type)
    return Anchor(url, _text(element), _zone(element), relation, "", _entry(element, url), _titled(element))


def _text(element: HtmlElement) -> str:
    shown = "".join(islice(element.itertext(), _CLIMB))[:_LONGEST_TEXT]
    alternatives = [image.get("alt") or "" for image in element.iter("img")][:3] if not shown.strip() else []
    texts = (shown, element.get("title") or "", element.get("aria-label") or "", *alternatives)
    return " ".join(" ".join(texts).split())[: 2 * _LONGEST_TEXT]


def _above(element: HtmlElement) -> Iterator[HtmlElement]:
    for number, ancestor in enumerate(element.iterancestors()):
        if number == _CLIMB or ancestor.tag == "body":
            return
        yield ancestor


def _zone(element: HtmlElement) -> Zone:
    """Return where a link stands. A header or footer inside an article or the main part is content."""
    zone, edge, inside = Zone.CONTENT, False, False
    for ancestor in (element, *_above(element)):
        mark = f"{ancestor.get('class') or ''} {ancestor.get('id') or ''} {ancestor.get('aria-label') or ''}"
        if _PAGER.search(mark):
            return Zone.PAGER
        if ancestor.tag == "nav" or ancestor.get("role") == "navigation" or _FURNITURE.search(mark):
            zone = Zone.FURNITURE
        edge = edge or ancestor.tag in {"header", "footer", "aside"}
        inside = inside or ancestor.tag in {"main", "article"}
    return Zone.FURNITURE if edge and not inside else zone


def _entry(element: HtmlElement, url: str) -> bool:
    if dated(url):
        return True
    for number, ancestor in enumerate(_above(element)):
        if ancestor.tag == "article":
            return True
        if number < 3 and ancestor.tag in {"li", "div", "tr", "section"} and _has_time(ancestor):
            return True
    return False


def _titled(element: HtmlElement) -> bool:
    near = (element, *islice(element.iterancestors(), 2), *islice(element.iter(), 3))
    return any(one.tag in _HEADINGS for one in near)


def _has_time(block: HtmlElement) -> bool:
    """Tell whether a block speaks of one moment; a list of entries has many, and is not an entry itself."""
    return [element.tag for element in islice(block.iter(), _BLOCK)].count("time") == 1


def _bare(host: str) -> str:
    return host.casefold().removeprefix("www.")
