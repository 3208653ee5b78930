"""What is not meant for everybody: networks behind a log-in, result pages of search engines, data that are sold. Pure.

Known places are data (`closed_sites.toml`); a wall that nobody listed is told by its shape. Neither is worked around:
the refusal is counted and the source's other pages are read.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.page import Page

#: Words beside the form on a page that is a log-in and nothing else; a site with a log-in box has more to say.
_FEW_WORDS = 60
_ASIDE = frozenset({"form", "nav", "header", "footer", "script", "style", "noscript", "template", "select", "head"})
_MOST_ELEMENTS = 5_000
_MOST_SUFFIX = 3


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a place is not read: the rule as one word for statistics, the reason as a clause."""

    rule: str
    reason: str
    hosts: frozenset[str]
    brands: frozenset[str]
    paths: tuple[str, ...]

    def covers(self, host: str, path: str) -> bool:
        """Tell whether a URL's host (lower case) and path fall under this entry."""
        labels = host.split(".")
        below = any(".".join(labels[at:]) in self.hosts for at in range(len(labels)))
        if not below and not any(_is_brand(labels, at) and labels[at] in self.brands for at in range(len(labels))):
            return False
        return not self.paths or any(path == place or path.startswith(f"{place}/") for place in self.paths)


def closed(url: str) -> Closed | None:
    """Return why a URL is not read, None when nothing is known against it or it is malformed."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return None
    return next((entry for entry in _entries() if entry.covers(host, parts.path or "/")), None)


def is_login(url: str) -> bool:
    """Tell whether a URL is where people log in, by a segment of its path."""
    try:
        segments = urlsplit(url).path.casefold().split("/")
    except ValueError:
        return False
    return any(segment.partition(".")[0] in _login_segments() for segment in segments if segment)


def is_login_wall(page: Page) -> bool:
    """Tell whether a page asks for a password and shows nothing else: no text of its own beside forms and menus."""
    if page.root is None or not page.shows("password"):
        return False
    fields = page.root.xpath("//input[translate(@type, 'PASWORD', 'pasword') = 'password']")
    return bool(fields) and _words(page.root) < _FEW_WORDS


def _words(root: HtmlElement) -> int:
    """Return how many words stand outside forms, menus, header and footer; counts no further than is asked for."""
    count = 0
    pending = [root]
    for _ in range(_MOST_ELEMENTS):
        if not pending or count >= _FEW_WORDS:
            break
        element = pending.pop()
        if not isinstance(element.tag, str) or element.tag in _ASIDE:
            continue
        inside = [element.text, *(child.tail for child in islice(element, _MOST_ELEMENTS))]
        count += sum(len(text.split()) for text in inside if text)
        pending.extend(islice(element, _MOST_ELEMENTS))
    return count


def _is_brand(labels: list[str], at: int) -> bool:
    """Tell whether a label stands where a registered name does: before one or two short labels (`de`, `co.uk`)."""
    suffix = labels[at + 1 :]
    return len(suffix) in {1, 2} and all(len(label) <= _MOST_SUFFIX for label in suffix)


@cache
def _document() -> dict[str, object]:
    return tomllib.loads(resources.files("crawler.lexicon").joinpath("closed_sites.toml").read_text("utf-8"))


@cache
def _entries() -> tuple[Closed, ...]:
    tables = _document()["closed"]
    assert isinstance(tables, list)
    return tuple(
        Closed(
            table["rule"],
            table["reason"],
            frozenset(table.get("hosts", ())),
            frozenset(table.get("brands", ())),
            tuple(table.get("paths", ())),
        )
        for table in tables
    )


@cache
def _login_segments() -> frozenset[str]:
    table = _document()["login"]
    assert isinstance(table, dict)
    return frozenset(table["segments"])
