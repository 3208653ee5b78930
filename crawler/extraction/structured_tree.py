"""Microdata and RDFa as nodes. Both hang properties on elements, so one walk reads either.

Of RDFa this is the part that pages use for people: `typeof`, `property`, `rel`, `resource`, `about`, `content`.
Prefixes are dropped rather than resolved; the closed list of types and properties is the check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.structured_node import MAX_DEPTH, MAX_VALUE, Node, Text, clean, short
from crawler.items import Method
from crawler.page import Page

#: Elements that all items of a page may visit together; an item that refers to its own ancestors would have no end.
MAX_VISITS = 100_000
#: Items of a page that stand in no other; a directory that lists more is read from its pages.
MAX_ITEMS = 20_000

_LINKED = frozenset({"url", "sameas", "image", "logo", "photo", "mbox", "homepage", "account", "knows"})
_SCHEMES = {
    "email": ("mailto:",),
    "telephone": ("tel:",),
    "phone": ("tel:",),
    "tel": ("tel:",),
    "faxnumber": ("tel:", "fax:"),
}


@dataclass(frozen=True)
class Dialect:
    """The attributes in which one syntax says its things."""

    method: Method
    scope: str
    types: str
    properties: tuple[str, ...]
    ids: tuple[str, ...]
    references: str = ""


MICRODATA = Dialect(Method.MICRODATA, "itemscope", "itemtype", ("itemprop",), ("itemid",), "itemref")
RDFA = Dialect(Method.RDFA, "typeof", "typeof", ("property", "rel"), ("resource", "about"))


def nodes(page: Page, dialect: Dialect) -> list[Node]:
    """Return the top items of a page in one syntax; an empty list, at the cost of a search, when it has none."""
    if page.root is None or not page.shows(dialect.scope):
        return []
    walk = _Walk(page.root, dialect)
    # libxml2 finds them ten times as fast as a loop here would.
    tops = (one for one in page.root.xpath(f"//*[@{dialect.scope}]") if not walk.names(one))
    return [walk.node(element, 0) for element in islice(tops, MAX_ITEMS)]


class _Walk:
    """Reads the items of one page."""

    def __init__(self, root: HtmlElement, dialect: Dialect) -> None:
        self._root = root
        self._dialect = dialect
        self._left = MAX_VISITS

    def names(self, element: HtmlElement) -> list[str]:
        """Return the properties that an element gives to its item."""
        said = (element.get(attribute) for attribute in self._dialect.properties)
        return [short(name) for names in said if names for name in names.split()[:8]]

    def node(self, element: HtmlElement, depth: int) -> Node:
        """Make a node of an item and everything in it."""
        dialect = self._dialect
        types = frozenset(short(one) for one in (element.get(dialect.types) or "").split()[:8])
        identifier = next((found for name in dialect.ids if (found := element.get(name))), "")
        node = Node(types, element, identifier)
        for child in (*element, *self._referred(element)):
            self._collect(node, child, depth)
        return node

    def _referred(self, element: HtmlElement) -> Iterator[HtmlElement]:
        for identifier in (
            (element.get(self._dialect.references) or "").split()[:20] if self._dialect.references else ()
        ):
            found = self._by_id.get(identifier)
            if found is not None and found is not element and self._left > 0:
                yield found

    @cached_property
    def _by_id(self) -> dict[str, HtmlElement]:
        found: dict[str, HtmlElement] = {}
        for element in self._root.iter():
            if identifier := element.get("id"):
                found.setdefault(identifier, element)
        return found

    def _collect(self, node: Node, start: HtmlElement, depth: int) -> None:
        """Add what `start` and the elements below it, up to the next item, say about a node."""
        pending = [start]
        while pending and self._left > 0:
            element = pending.pop()
            self._left -= 1
            names = self.names(element)
            if element.get(self._dialect.scope) is not None:
                if names and depth < MAX_DEPTH:
                    nested = self.node(element, depth + 1)
                    for name in names:
                        node.add(name, nested)
                continue
            for name in names:
                if text := self._value(element, name):
                    node.add(name, Text(text, element))
            pending.extend(reversed(element))

    def _value(self, element: HtmlElement, name: str) -> str:
        content = element.get("content")
        if content is not None and (element.tag == "meta" or content.strip()):
            return clean(content)
        href = element.get("href") or element.get("src") or element.get("resource") or ""
        if element.tag in ("link", "img", "audio", "video", "iframe") or (href and name in _LINKED):
            return clean(href)
        if href and name in _SCHEMES and href.lower().startswith(_SCHEMES[name]):
            return clean(href)
        if element.tag in ("data", "meter"):
            return clean(element.get("value") or "")
        if element.tag == "time":
            return clean(element.get("datetime") or "")
        return clean(" ".join(_some_text(element)))


def _some_text(element: HtmlElement) -> Iterator[str]:
    """Yield the text of an element until it is too long for a value."""
    size = 0
    for text in element.itertext():
        yield text
        size += len(text)
        if size > 10 * MAX_VALUE:
            return
