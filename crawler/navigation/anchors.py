"""The links of a page, each with what the page shows about it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain, islice
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement
from w3lib.url import canonicalize_url

from crawler.page import Page
from crawler.remembering import REPEATS
from crawler.urls import document_url

#: Links of one page that are looked at; the fullest of 254 real pages had 1,900.
MOST = 5_000
#: Characters of a URL, as many as common servers take.
_LONGEST_URL = 8_000
_LONGEST_TEXT, _MOST_PIECES = 300, 30
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
_ABSOLUTE = re.compile(r"\s*(?:https?:)?//([^/?#:\s]+)", re.IGNORECASE)
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
    elsewhere = _ABSOLUTE.match(href)
    if elsewhere and _bare(elsewhere[1]) != _bare(page.host):
        return None  # the common case, and cheap to tell
    absolute = page.absolute(href)
    url = _canonical(absolute) if len(absolute) <= _LONGEST_URL else ""
    return url if url and same_site(url, page.host) else None


# The menu of a site stands on each of its pages.
@lru_cache(maxsize=REPEATS)
def _canonical(url: str) -> str:
    try:
        return canonicalize_url(document_url(url))
    except ValueError:
        return ""


def anchors(page: Page) -> list[Anchor]:
    """Return the links of an HTML page that stay on its site, in document order, at most `MOST`.

    Left out is what the page itself asks not to follow (`rel=nofollow`) and what is no document (`mailto:`, …).
    """
    found: list[Anchor] = []
    places = _Places(timed=page.shows("<time"))
    urls: dict[str, str | None] = {}
    for element in () if page.root is None else page.root.iter("a", "area", "link"):
        href = (element.get("href") or "").strip()
        if not href or href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
            continue
        if href not in urls:
            urls[href] = on_site(page, href)
        anchor = _anchor(element, urls[href], places)
        if anchor is not None:
            found.append(anchor)
            if len(found) == MOST:
                break
    return found


def dated(url: str) -> bool:
    """Tell whether a URL carries the date of an article (`/2026/03/slug`, `/2026-03-20-slug`)."""
    return bool(_DATED.search(urlsplit(url).path))


def _anchor(element: HtmlElement, url: str | None, places: _Places) -> Anchor | None:
    relation = frozenset((element.get("rel") or "").casefold().split())
    if url is None or "nofollow" in relation:
        return None
    if element.tag == "link":
        media_type = (element.get("type") or "").casefold().partition(";")[0].strip()
        if "next" not in relation and not ("alternate" in relation and media_type in _DOCUMENT_TYPES):
            return None
        return Anchor(url, "", Zone.HEAD, relation, media_type)
    place = places.of(element)
    entry = place.article or dated(url) or places.beside_a_time(element)
    return Anchor(url, _text(element), place.zone, relation, "", entry, _titled(element))


def _text(element: HtmlElement) -> str:
    # Not itertext: it walks on through elements without text, however many there are.
    steps = islice(etree.iterwalk(element, events=("start", "end")), 2 * _MOST_PIECES)
    pieces = (one.text if event == "start" else one.tail if one is not element else "" for event, one in steps)
    shown = "".join(piece for piece in pieces if piece)[:_LONGEST_TEXT]
    images = islice(element.iter(), _MOST_PIECES) if not shown.strip() else ()
    alternatives = [image.get("alt") or "" for image in images if image.tag == "img"]
    texts = (shown, element.get("title") or "", element.get("aria-label") or "", *alternatives)
    return " ".join(" ".join(texts).split())[: 2 * _LONGEST_TEXT]


@dataclass(frozen=True, slots=True)
class _Place:
    """What the elements around a link say about it."""

    pager: bool = False
    furniture: bool = False
    edge: bool = False
    inside: bool = False
    article: bool = False

    @property
    def zone(self) -> Zone:
        """Where it is. A header or footer inside an article or the main part is content."""
        if self.pager:
            return Zone.PAGER
        return Zone.FURNITURE if self.furniture or (self.edge and not self.inside) else Zone.CONTENT


class _Places:
    """The places of one page's elements, each looked at once: links share most of what stands around them."""

    def __init__(self, *, timed: bool) -> None:
        self._timed = timed
        self._known: dict[HtmlElement, _Place] = {}
        self._times: dict[HtmlElement, bool] = {}

    def of(self, element: HtmlElement) -> _Place:
        """Return the place of an element."""
        unknown: list[HtmlElement] = []
        place = _Place()
        for one in chain([element], element.iterancestors()):
            if one.tag == "body":
                break
            if one in self._known:
                place = self._known[one]
                break
            unknown.append(one)
        for one in reversed(unknown):
            place = self._known[one] = _inside(one, place)
        return place

    def beside_a_time(self, element: HtmlElement) -> bool:
        """Tell whether a block around a link speaks of one moment; a list of entries has many, and is none itself."""
        if not self._timed:
            return False
        blocks = (one for one in islice(element.iterancestors(), 3) if one.tag in {"li", "div", "tr", "section"})
        return any(self._has_time(block) for block in blocks)

    def _has_time(self, block: HtmlElement) -> bool:
        if block not in self._times:
            self._times[block] = [one.tag for one in islice(block.iter(), _BLOCK)].count("time") == 1
        return self._times[block]


def _inside(element: HtmlElement, around: _Place) -> _Place:
    """Return the place of an element that stands in a place."""
    tag = element.tag
    mark = " ".join(filter(None, map(element.get, ("class", "id", "aria-label"))))
    return _Place(
        around.pager or bool(mark and _PAGER.search(mark)),
        around.furniture or tag == "nav" or element.get("role") == "navigation" or bool(_FURNITURE.search(mark)),
        around.edge or tag in {"header", "footer", "aside"},
        around.inside or tag in {"main", "article"},
        around.article or tag == "article",
    )


def _titled(element: HtmlElement) -> bool:
    near = (element, *islice(element.iterancestors(), 2), *islice(element.iter(), 3))
    return any(one.tag in _HEADINGS for one in near)


def _bare(host: str) -> str:
    return host.casefold().removeprefix("www.")
