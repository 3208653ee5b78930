"""One page under several URLs: which name a page gives itself, and whether to believe it. Pure."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from w3lib.url import canonicalize_url

from crawler.navigation.anchors import same_site
from crawler.navigation.roles import same_list
from crawler.urls import document_url

#: Where the head of a page is looked for its canonical link, in characters.
_HEAD = 200_000
_LINK = re.compile(r"<link\b([^<>]{1,2000})>", re.IGNORECASE)
_CANONICAL = re.compile(r"\brel\s*=\s*[\"']?canonical\b", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))", re.IGNORECASE)


def key(url: str) -> str:
    """Return what is the same for all spellings of a URL: no scheme, `www.`, index file, trailing slash or tracking."""
    parts = urlsplit(canonicalize_url(document_url(url)))
    path = re.sub(r"/(?:index|default)\.(?:html?|php|aspx?)$", "/", parts.path).rstrip("/")
    return f"{(parts.netloc or '').removeprefix('www.')}{path}?{parts.query}"


def canonical(url: str, text: str) -> str:
    """Return the canonical URL that a page names in its head, an empty string when it names none worth belief.

    Believed is a name on the same site with the same path, or with the same last segment, unless it differs by a page
    number only. Many systems name their front page, or the first page of a list, on every page; to follow that would
    lose what stands there.
    """
    for link in _LINK.finditer(text[:_HEAD]):
        found = _HREF.search(link[1])
        if found and _CANONICAL.search(link[1]):
            return _believed(url, found[1] or found[2] or found[3] or "")
    return ""


def _believed(url: str, href: str) -> str:
    try:
        named = urljoin(url, href.strip())
        if not same_site(named, urlsplit(url).hostname or "") or same_list(named, canonicalize_url(url)):
            return ""
        own, other = key(url).partition("?")[0], key(named).partition("?")[0]
    except ValueError:
        return ""
    same_end = "/" in other and own.rpartition("/")[2] == other.rpartition("/")[2]
    return named if own == other or same_end else ""
