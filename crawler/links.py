"""Which links of a page lead to people, best first. Pure: no Scrapy, no network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml import etree
from w3lib.url import canonicalize_url

from crawler import lexicon
from crawler.page import Page
from crawler.urls import document_url

#: What a link's words are worth as a request priority; a page without any is still read when the budget allows.
PRIORITIES = {"people": 30, "contact": 20, "documents": 10}
_CARDS = frozenset({"pdf", "vcf", "vcard"})


class Link(NamedTuple):
    """A URL worth reading, without a fragment, and its priority (higher is sooner)."""

    url: str
    priority: int


@dataclass(frozen=True, slots=True)
class _Cues:
    pattern: re.Pattern[str]
    classes: dict[str, str]


def same_site(url: str, host: str) -> bool:
    """Tell whether a URL is http(s) on a host or on that host with or without `www.`."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and _bare(parts.hostname or "") == _bare(host)


def links(page: Page) -> list[Link]:
    """Return the links of an HTML page that stay on its site, each once with its best priority, in document order.

    Link texts, titles and paths are read with the words of `links.toml`, all languages at once: a Dutch site may well
    have an English menu.
    """
    if page.root is None:
        return []
    found: dict[str, int] = {}
    for element in page.root.iter("a", "area", "link"):
        href = (element.get("href") or "").strip()
        relation = (element.get("rel") or "").casefold().split()
        if not href or href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
            continue
        if element.tag == "link" and not _is_document_link(relation, element.get("type") or ""):
            continue
        url = _absolute(page, href)
        if url is None or "nofollow" in relation:
            continue
        text = " ".join((element.text_content(), element.get("title") or "", element.get("aria-label") or ""))
        priority = _priority(url, text, following="next" in relation)
        if priority is not None:
            found[url] = max(priority, found.get(url, priority))
    return [Link(url, priority) for url, priority in found.items()]


def sitemap(page: Page) -> tuple[list[Link], list[str]]:
    """Return the page links and the further sitemaps of an XML sitemap; both empty when it cannot be read."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    root = etree.fromstring(page.body, parser) if page.body.strip() else None
    if root is None:
        return [], []
    pages: list[Link] = []
    further: list[str] = []
    for location in root.iter("{*}loc"):
        url = _absolute(page, (location.text or "").strip())
        parent = location.getparent()
        if url is None or parent is None:
            continue
        if etree.QName(parent).localname == "sitemap":
            further.append(url)
        elif (priority := _priority(url, "")) is not None:
            pages.append(Link(url, priority))
    return pages, further


def _absolute(page: Page, href: str) -> str | None:
    try:
        url = canonicalize_url(document_url(page.absolute(href)))
    except ValueError:
        return None
    return url if same_site(url, page.host) else None


def _priority(url: str, text: str, *, following: bool = False) -> int | None:
    """Return what a link promises, or None when it is no document or leads away."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    suffix = path.rpartition(".")[2].casefold() if "." in path.rpartition("/")[2] else ""
    if suffix in lexicon.words("links", "files") or len(parse_qsl(parts.query)) > 3:
        return None
    words = f"{text} {re.sub(r'[/_.+-]+', ' ', path)} ".casefold()
    classes = {_cues().classes[match] for match in _cues().pattern.findall(" ".join(words.split()))}
    if "away" in classes and not classes & {"people", "contact"}:
        return None
    best = max((PRIORITIES[name] for name in classes & set(PRIORITIES)), default=0)
    return best + 5 * (suffix in _CARDS) + 5 * following


@cache
def _cues() -> _Cues:
    classes: dict[str, str] = {}
    for kind in ("away", "documents", "contact", "people"):
        classes.update(dict.fromkeys((_plain(word) for word in lexicon.words("links", kind)), kind))
    longest_first = sorted(classes, key=lambda word: (-len(word), word))
    return _Cues(re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)"), classes)


def _plain(word: str) -> str:
    return word.replace("-", " ")


def _is_document_link(relation: list[str], media_type: str) -> bool:
    if "next" in relation:
        return True
    return "alternate" in relation and media_type.casefold() in {
        "application/rss+xml",
        "application/atom+xml",
        "text/vcard",
    }


def _bare(host: str) -> str:
    return host.casefold().removeprefix("www.")
