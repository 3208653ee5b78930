"""RSS, Atom and JSON Feed: what an entry links to, and who wrote it with a way to reach them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from crawler.extraction.decode import addresses
from crawler.extraction.structured_node import Node, Text, clean
from crawler.extraction.structured_schema import Mapper
from crawler.items import Disposal, Mention, Method
from crawler.page import Kind, Page

#: Entries of a feed that are read; a feed that a reader polls has up to a hundred.
MAX_ENTRIES = 2_000

_ENTRIES = frozenset({"item", "entry"})
_HOLDERS = frozenset({"channel", "feed"})
_AUTHORS = frozenset({"author", "creator", "contributor", "managingEditor", "webMaster", "owner", "publisher"})
_BRACKETS = re.compile(r"[(\[<\"]?([^()\[\]<>\"]*)[)\]>\"]?")


@dataclass(slots=True)
class Author:
    """Who wrote an entry or keeps a feed, as far as the feed says."""

    name: str
    locator: str
    email: str = ""
    url: str = ""


@dataclass(slots=True)
class Entry:
    """One entry: the absolute URL that it announces (empty when it has none), its title, its authors."""

    link: str
    title: str
    locator: str
    authors: list[Author] = field(default_factory=list)


def read(page: Page, disposals: list[Disposal]) -> list[Mention]:
    """Return the authors and editors of a feed who can be reached; those with a name only are dropped and counted.

    What entries say in their text is read from the pages that they link to.
    """
    nodes: dict[tuple[str, str], Node] = {}
    for author in _all_authors(page, disposals):
        node = Node(frozenset({"person"}), author.locator)
        for name, text in (("name", author.name), ("email", author.email), ("url", author.url)):
            if text:
                node.add(name, Text(text, author.locator))
        if author.name:
            nodes.setdefault((author.name.casefold(), author.email.casefold()), node)
    if not nodes:
        return []
    # As authors of one thing, so that the rule for authors decides: a name alone is no contact.
    feed = Node(frozenset({"datafeed"}), "#")
    for node in nodes.values():
        feed.add("author", node)
    return Mapper(page, Method.FEED, disposals).mentions([feed])


def entries(page: Page) -> list[Entry]:
    """Return the entries of a feed in its order; an empty list when the document is no feed or cannot be read."""
    if page.kind is not Kind.FEED:
        return []
    if page.text.lstrip().startswith("{"):
        return [_json_entry(page, item, number) for number, item in enumerate(_items(_json(page)))]
    root = _xml(page)
    if root is None:
        return []
    return [_xml_entry(page, element, place) for element, place in _xml_parts(root) if _local(element) in _ENTRIES]


def _all_authors(page: Page, disposals: list[Disposal]) -> Iterator[Author]:
    if page.kind is not Kind.FEED:
        return
    if page.text.lstrip().startswith("{"):
        feed = _json(page)
        if not feed:
            disposals.append(Disposal("extraction", "unreadable", Method.FEED, "json-feed"))
        yield from _json_authors(feed, "#")
        for number, item in enumerate(_items(feed)):
            yield from _json_authors(item, f"#/items/{number}")
        return
    root = _xml(page)
    if root is None:
        disposals.append(Disposal("extraction", "unreadable", Method.FEED, "xml-feed"))
        return
    for element, place in _xml_parts(root):
        yield from _xml_authors(element, place)


# XML: RSS of all versions, Atom.


def _xml(page: Page) -> Any:
    """Parse a feed without entities, without network, and mended where it is broken; None when nothing is left."""
    parser = etree.XMLParser(
        encoding="utf-8", recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        return etree.fromstring(page.text.strip().encode("utf-8"), parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _local(element: Any) -> str:
    if element is None or not isinstance(element.tag, str):
        return ""
    return element.tag.rpartition("}")[2].rpartition(":")[2]  # a prefix that the feed does not declare stays in the tag


def _text(element: Any) -> str:
    return clean("".join(element.itertext())[:1_600])


def _child(element: Any, name: str) -> str:
    return next((_text(child) for child in element if _local(child) == name and _text(child)), "")


def _xml_parts(root: Any) -> Iterator[tuple[Any, str]]:
    """Yield the elements that hold authors, the feed itself and its entries, each with its XPath.

    The paths are counted here: libxml2 would count all siblings anew for each, which takes a minute for 50,000 of them.
    """
    number = 0
    for element in root.iter():
        name = _local(element)
        if name in _HOLDERS:
            yield element, f"//*[local-name()='{name}']"
        elif name in _ENTRIES:
            number += 1
            if number > MAX_ENTRIES:
                return
            yield element, f"(//*[local-name()='{name}'])[{number}]"


def _xml_authors(element: Any, place: str) -> Iterator[Author]:
    for child in element:
        if _local(child) in _AUTHORS:
            yield from _xml_author(child, f"{place}/*[local-name()='{_local(child)}']")


def _xml_entry(page: Page, element: Any, place: str) -> Entry:
    link = ""
    for child in element:
        name, href = _local(child), child.get("href") or ""
        if name == "link" and href and (child.get("rel") or "alternate") == "alternate":
            link = link or href
        elif _is_address(child, name):
            link = link or _text(child)
    return Entry(_web(page, link), _child(element, "title"), place, list(_xml_authors(element, place)))


def _is_address(child: Any, name: str) -> bool:
    """Say whether the text of an element is the address of its entry."""
    if name == "guid":
        return (child.get("isPermaLink") or "true") == "true" and _text(child).startswith("http")
    return name == "link" and not child.get("href")


def _xml_author(element: Any, place: str) -> Iterator[Author]:
    name, email = _child(element, "name"), _child(element, "email")
    if not len(element):
        name, email = _named_address(_text(element))
    if name or email:
        yield Author(name, place, email, _child(element, "uri") or _child(element, "url"))


def _named_address(text: str) -> tuple[str, str]:
    """Split `jane@firma.example (Jane Roe)` or `Jane Roe <jane@firma.example>` into name and address."""
    found = addresses(text)
    if not found:
        return text, ""
    rest = f"{text[: found[0].start]} {text[found[0].end :]}".strip(" <>,;")
    inner = _BRACKETS.fullmatch(rest.strip())
    return clean(inner[1] if inner else ""), found[0].address


# JSON Feed.


def _json(page: Page) -> dict[str, Any]:
    try:
        feed = json.loads(page.text, strict=False)
    except (ValueError, RecursionError):
        return {}
    return feed if isinstance(feed, dict) else {}


def _items(feed: dict[str, Any]) -> list[dict[str, Any]]:
    items = feed.get("items")
    return [item for item in items[:MAX_ENTRIES] if isinstance(item, dict)] if isinstance(items, list) else []


def _json_entry(page: Page, item: dict[str, Any], number: int) -> Entry:
    pointer = f"#/items/{number}"
    link = _string(item, "url") or _string(item, "external_url") or _string(item, "id")
    return Entry(_web(page, link), _string(item, "title"), pointer, list(_json_authors(item, pointer)))


def _json_authors(holder: dict[str, Any], pointer: str) -> Iterator[Author]:
    several = holder.get("authors")
    listed = (
        [(one, f"{pointer}/authors/{number}") for number, one in enumerate(several)]
        if isinstance(several, list)
        else []
    )
    for one, place in [*listed, (holder.get("author"), f"{pointer}/author")]:
        if isinstance(one, dict) and (name := _string(one, "name")):
            url = _string(one, "url")
            email = addresses(url.removeprefix("mailto:")) if url.startswith("mailto:") else []
            yield Author(name, place, email[0].address if email else "", "" if email else url)


def _string(holder: dict[str, Any], key: str) -> str:
    value = holder.get(key)
    return clean(value) if isinstance(value, str) else ""


def _web(page: Page, link: str) -> str:
    url = page.absolute(link) if link else ""
    return url if url.startswith(("http://", "https://")) else ""
