"""JSON-LD blocks as nodes. A broken block costs only itself, and is counted."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from crawler.extraction.structured_node import MAX_DEPTH, Node, Text, clean, short
from crawler.items import Disposal, Method
from crawler.page import Kind, Page

#: Blocks of a page, and characters of a block, that are read; a block of a megabyte is a product catalogue.
MAX_BLOCKS, MAX_BLOCK = 200, 1_000_000
#: Nodes of a page that are read: the members of a large directory.
MAX_NODES = 50_000

# Strings are matched first, so that nothing inside them is taken for a comment or a stray comma. What is not closed
# reaches to the end: were it not to match, the rest would be searched again from each of its signs. The comment is an
# atomic group and not a possessive one: before Python 3.11.5 these kept what their last, failing round had taken.
_LAPSE = re.compile(
    r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|/\*(?>[^*]*(?:\*(?!/)[^*]*)*)(?:\*/|\Z)|//[^\n]*|<!--|-->|,(?=\s*+[}\]])|[\x00-\x1f]',
    re.DOTALL,
)
_CDATA = re.compile(r"(?:(?://|/\*)\s{0,9})?(?:<!\[CDATA\[|\]\]>)(?:\s{0,9}\*/)?")


def nodes(page: Page, disposals: list[Disposal]) -> list[Node]:
    """Return the top nodes of all blocks, members of graphs included; nested nodes stay where they are."""
    found: list[Node] = []
    builder = _Builder()
    for locator, block in _blocks(page):
        values, whole = _load(block)
        if not whole:
            disposals.append(Disposal("extraction", "unreadable", Method.JSON_LD, "json-ld-syntax"))
        for value in values:
            found += builder.top(value, locator)
    if builder.left <= 0:
        disposals.append(Disposal("extraction", "too-large", Method.JSON_LD, "json-ld-nodes"))
    return found


def _blocks(page: Page) -> Iterator[tuple[str, str]]:
    if page.kind is Kind.JSON:
        if "json" in page.media_type and page.shows('"@context"'):
            yield "#", page.text
        return
    if page.root is None or not page.shows("ld+json"):
        return
    number = 0
    for element in page.root.iter("script"):
        if "ld+json" in (element.get("type") or "").lower():
            number += 1
            if number <= MAX_BLOCKS:
                yield f"script[{number}]#", element.text or ""


def _load(block: str) -> tuple[list[Any], bool]:
    """Return the JSON values of a block, lapses of hand-made JSON forgiven, and whether all of it could be read."""
    if len(block) > MAX_BLOCK:
        return [], False
    text = block.strip()
    try:
        return ([json.loads(text, strict=False)] if text else []), True
    except (ValueError, RecursionError):
        pass
    if "&quot;" in text:
        text = html.unescape(text)
    text = _LAPSE.sub(lambda lapse: lapse[1] or " ", _CDATA.sub(" ", text)).strip().rstrip(";")
    return _load_sequence(text)


def _load_sequence(text: str) -> tuple[list[Any], bool]:
    """Read one value after another, as templates that print several objects into one block leave them."""
    decoder, at = json.JSONDecoder(strict=False), 0
    values: list[Any] = []
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return values, False
        values.append(value)
        while at < len(text) and text[at] in " ,;\n\t":
            at += 1
    return values, True


class _Builder:
    """Makes nodes of JSON objects; counts them down so that a page cannot ask for more than `MAX_NODES`."""

    def __init__(self) -> None:
        self.left = MAX_NODES

    def top(self, value: Any, pointer: str) -> list[Node]:
        """Return the nodes of a value at the top of a block: an object, an array of them, or a graph."""
        if isinstance(value, list):
            return [node for number, one in enumerate(value) for node in self.top_once(one, f"{pointer}/{number}")]
        return self.top_once(value, pointer)

    def top_once(self, value: Any, pointer: str) -> list[Node]:
        """Return the node of one object, then the members of its graph."""
        if not isinstance(value, dict):
            return []
        graph = value.get("@graph")
        members = graph if isinstance(graph, list) else [graph] if isinstance(graph, dict) else []
        rest = {key: one for key, one in value.items() if key != "@graph"}
        found = [self.node(rest, pointer, 0)] if len(rest) > 1 or not members else []
        for number, member in enumerate(members):
            if isinstance(member, dict):
                place = f"{pointer}/@graph/{number}" if isinstance(graph, list) else f"{pointer}/@graph"
                found.append(self.node(member, place, 1))
        return found

    def node(self, value: dict[str, Any], pointer: str, depth: int) -> Node:
        """Make a node of an object."""
        self.left -= 1
        identifier = value.get("@id") or value.get("id")
        node = Node(_types(value), pointer, identifier if isinstance(identifier, str) else "")
        for key, one in value.items():
            if not key.startswith("@"):
                self._values(node, short(key), one, f"{pointer}/{_escape(key)}", depth)
        return node

    def _values(self, node: Node, name: str, value: Any, pointer: str, depth: int) -> None:
        if self.left <= 0 or depth > MAX_DEPTH:
            return
        if isinstance(value, list):
            for number, one in enumerate(value):
                self._values(node, name, one, f"{pointer}/{number}", depth + 1)
        elif isinstance(value, dict):
            literal = value.get("@value")
            if isinstance(literal, str):
                node.add(name, Text(clean(literal), pointer))
            else:
                node.add(name, self.node(value, pointer, depth + 1))
        elif isinstance(value, str) and (text := clean(value)):
            node.add(name, Text(text, pointer))
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**16:
            node.add(name, Text(str(value), pointer))  # a telephone number that a template printed without quotes


def _types(value: dict[str, Any]) -> frozenset[str]:
    types = value.get("@type") or value.get("type")
    return frozenset(short(one) for one in (types if isinstance(types, list) else [types]) if isinstance(one, str))


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
