"""h-card and hCard, as typed nodes with the names of schema.org, so that one mapping serves all markup.

mf2py reads every microformat of a page through BeautifulSoup and html5lib, at 65 times the cost; what people need of
it is small. The tests compare both on the same cards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.structured_node import MAX_DEPTH, Node, Text, clean
from crawler.extraction.structured_schema import Mapper
from crawler.items import Disposal, Mention, Method
from crawler.page import Page

#: Elements that all cards of a page may visit together, and cards that stand in no other.
MAX_VISITS, MAX_CARDS = 100_000, 10_000
#: Elements of one property that are looked at: a property of more is a whole page and no value.
_MAX_BELOW = 150

_SHARED = {
    "given-name": "givenname",
    "additional-name": "additionalname",
    "family-name": "familyname",
    "honorific-prefix": "honorificprefix",
    "honorific-suffix": "honorificsuffix",
    "org": "worksfor",
    "email": "email",
    "tel": "telephone",
    "url": "url",
    "adr": "address",
}
_ADDRESS = frozenset(
    {"street-address", "extended-address", "post-office-box", "postal-code", "locality", "region", "country-name"}
)
_ORGANISATION = frozenset({"organization-name", "organization-unit"})
_PRIVATE = frozenset(
    {"bday", "note", "photo", "nickname", "category", "geo", "sound", "key", "sex", "gender-identity", "anniversary"}
)
_CARD = re.compile(r"(?:^|\s)(?:h-card|vcard)(?:$|\s)")
_MARKS = ("h-card", "vcard")
_MARKED = "//*[contains(@class, 'card')]"


@dataclass(frozen=True)
class _Dialect:
    """How one generation of microformats spells its class names."""

    root: str
    name: str
    properties: dict[str, str]
    organisation: frozenset[str]
    address: frozenset[str]
    private: frozenset[str]
    nested: frozenset[str]


def _prefixed(names: frozenset[str] | dict[str, str], *prefixes: str) -> set[str]:
    return {f"{prefix}{name}" for name in names for prefix in prefixes}


_ANY = ("p-", "u-", "e-", "dt-")
_H_CARD = _Dialect(
    "h-card",
    "p-name",
    {
        **{f"{prefix}{name}": ours for name, ours in _SHARED.items() for prefix in ("p-", "u-", "h-")},
        "p-job-title": "jobtitle",
        "p-role": "jobtitle",
        "p-fax": "faxnumber",
    },
    frozenset({"p-organization-name", "p-organization-unit"}),
    frozenset(_prefixed(_ADDRESS, "p-")),
    frozenset(_prefixed(_PRIVATE, *_ANY)),
    frozenset({"h-card", "h-adr", "h-geo", "h-entry", "h-event", "h-feed", "h-review", "h-product", "h-cite"}),
)
_HCARD = _Dialect(
    "vcard",
    "fn",
    {**_SHARED, "title": "jobtitle", "role": "jobtitle"},
    _ORGANISATION,
    _ADDRESS,
    _PRIVATE,
    frozenset({"vcard", "hentry", "vevent", "hreview"}),
)


def read(page: Page, disposals: list[Disposal]) -> list[Mention]:
    """Return the people and organisations of a page's h-cards and hCards; what is dropped by rule is counted."""
    if page.root is None or not page.shows(*_MARKS):
        return []
    walk = _Walk()
    tops = (
        (element, dialect)
        for element in page.root.xpath(_MARKED)
        if (dialect := _dialect(element)) is not None and not _inside_card(element)
    )
    nodes = [walk.card(element, dialect, 0) for element, dialect in islice(tops, MAX_CARDS)]
    return Mapper(page, Method.H_CARD, disposals).mentions(nodes)


def _below(element: HtmlElement, *tags: str) -> Iterator[HtmlElement]:
    return islice(element.iter(*tags), _MAX_BELOW)


def _dialect(element: HtmlElement) -> _Dialect | None:
    classes = element.get("class")
    if not classes or not _CARD.search(classes):
        return None
    return _H_CARD if "h-card" in classes.split() else _HCARD


def _inside_card(element: HtmlElement) -> bool:
    """Say whether a card is a property of another one: it is read there."""
    if not any(one.startswith(("p-", "u-")) or one in ("org", "agent") for one in element.get("class", "").split()):
        return False
    return any(_dialect(ancestor) is not None for ancestor in element.iterancestors())


class _Walk:
    """Reads the cards of one page."""

    def __init__(self) -> None:
        self._left = MAX_VISITS

    def card(self, element: HtmlElement, dialect: _Dialect, depth: int) -> Node:
        """Make a node of a card and everything in it up to the next one."""
        node = Node(frozenset(), element)
        pending = list(reversed(element)) if depth < MAX_DEPTH else []
        while pending and self._left > 0:
            child = pending.pop()
            self._left -= 1
            classes = (child.get("class") or "").split()
            nested = _dialect(child)
            if nested is not None:
                if any(dialect.properties.get(one) == "worksfor" for one in classes):
                    node.add("worksfor", self._employer(child, nested, depth))
                continue
            if not self._properties(node, child, classes, dialect) and dialect.nested.isdisjoint(classes):
                pending.extend(reversed(child))
        if not node.properties.get("name"):
            _imply_name(node, element, dialect)
        node.types = frozenset({"organization" if _is_organisation(node) else "person"})
        return node

    def _employer(self, element: HtmlElement, dialect: _Dialect, depth: int) -> Node:
        node = self.card(element, dialect, depth + 1)
        node.types = frozenset({"organization"})
        return node

    def _properties(self, node: Node, element: HtmlElement, classes: list[str], dialect: _Dialect) -> bool:
        """Add what one element says; returns whether the elements below it have been read too."""
        whole = False
        for name in classes:
            if name == dialect.name:
                node.add("name", Text(_text(element), element))
            elif name in dialect.private:
                node.add(f"private:{name}", Text("", element))
            elif (ours := dialect.properties.get(name)) is not None:
                whole = self._property(node, element, ours, dialect) or whole
        return whole

    def _property(self, node: Node, element: HtmlElement, ours: str, dialect: _Dialect) -> bool:
        if ours == "address":
            address = _address(element, dialect)
            node.add(ours, address or Text(_text(element), element, _kinds(element)))
            return True
        if ours == "worksfor":
            named = [
                child
                for child in _below(element)
                if not dialect.organisation.isdisjoint((child.get("class") or "").split())
            ]
            organisation = named[0] if named else element
            node.add(ours, Text(_text(organisation), organisation))
            return False  # `class="fn org"` and a title below `org` are common
        if ours in ("telephone", "email", "url", "faxnumber"):
            kinds = _kinds(element)
            ours = "faxnumber" if ours == "telephone" and "fax" in kinds.lower() else ours
            node.add(ours, Text(_target(element, ours), element, kinds))
            return False
        node.add(ours, Text(_text(element), element))
        return False


def _text(element: HtmlElement) -> str:
    """Return the text of a property: of its `value` parts if it has some, of an abbreviation what it stands for."""
    if element.tag == "abbr" and element.get("title"):
        return clean(element.get("title") or "")
    if element.tag in ("img", "area"):
        return clean(element.get("alt") or "")
    if element.tag in ("data", "input"):
        return clean(element.get("value") or "")
    below = list(_below(element))
    classes = [(child.get("class") or "").split() for child in below]
    values = [child for child, named in zip(below, classes, strict=True) if "value" in named and child is not element]
    if values:
        return clean("".join(text for child in values for text in islice(child.itertext(), _MAX_BELOW)))
    read = (child for child, named in zip(below, classes, strict=True) if "type" not in named or child is element)
    return clean(" ".join(text for child in read for text in _own(child, element)))


def _own(child: HtmlElement, top: HtmlElement) -> list[str]:
    return [
        text
        for text in (child.text if isinstance(child.tag, str) else None, None if child is top else child.tail)
        if text
    ]


def _kinds(element: HtmlElement) -> str:
    """Return what a property is said to be (`TYPE=home`), as vCard writes it."""
    kinds = [
        clean(child.get("title") or "".join(islice(child.itertext(), _MAX_BELOW)))
        for child in _below(element)
        if child is not element and "type" in (child.get("class") or "").split()
    ]
    return f"TYPE={','.join(kinds)}" if kinds else ""


def _target(element: HtmlElement, ours: str) -> str:
    href = element.get("href") or ""
    if not href:
        inner = next((child for child in _below(element, "a") if child.get("href")), None)
        href = (inner.get("href") or "") if inner is not None else ""
    if ours == "url" or href.lower().startswith(("mailto:", "tel:", "fax:")):
        return href.strip()
    return _text(element)


def _address(element: HtmlElement, dialect: _Dialect) -> Node | None:
    node = Node(frozenset({"address"}), element)
    for child in _below(element):
        for name in (child.get("class") or "").split():
            if name in dialect.address:
                node.add(name.removeprefix("p-"), Text(_text(child), child))
    if kinds := _kinds(element).removeprefix("TYPE="):
        node.add("type", Text(kinds, element))
    return node if node.properties else None


def _imply_name(node: Node, element: HtmlElement, dialect: _Dialect) -> None:
    """Take the whole text of a small h-card for its name, as microformats2 says; hCard has no such rule."""
    if dialect.root == "h-card" and not node.properties:
        text = _text(element) or clean(next((child.get("alt") or "" for child in _below(element, "img")), ""))
        if text:
            node.add("name", Text(text, element))
        if element.get("href"):
            node.add("url", Text(element.get("href") or "", element))


def _is_organisation(node: Node) -> bool:
    """Say whether a card is an organisation's: its name is also its organisation (RFC 2426 and hCard both say so)."""
    name = node.first_text(frozenset({"name"}))
    works_for = [value.text for value in node.properties.get("worksfor", []) if isinstance(value, Text)]
    if node.properties.keys() & {"givenname", "familyname", "jobtitle"}:
        return False
    if not name and works_for:
        node.properties["name"] = node.properties["worksfor"]
        return True
    return bool(name) and name in works_for
