"""What JSON-LD, microdata, RDFa, microformats and page metadata have in common: typed nodes with properties.

A reader builds nodes and knows nothing of people; `structured_schema` makes mentions of them and knows nothing of
markup.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from lxml.html import HtmlElement

#: Levels of nodes in nodes that are read. Real graphs have up to eight; hostile ones a million.
MAX_DEPTH = 40
#: Characters of one value: longer than any name, title or address, shorter than a biography.
MAX_VALUE = 400

_TAG = re.compile(r"<[^<>]{0,300}>")
_SPACES = re.compile(r"[\s\u00a0\u200b\u2060\ufeff\u00ad]+")
_VOCABULARY = re.compile(r"^.*[/#:]")


@dataclass(slots=True)
class Text:
    """A literal value and the place where it stands: an element, or a locator that is ready."""

    text: str
    place: HtmlElement | str
    around: str = ""

    @property
    def locator(self) -> str:
        """The XPath or JSON pointer of the value."""
        return locate(self.place)


@dataclass(slots=True, eq=False)
class Node:
    """A thing with types and properties, both in lower case without their vocabulary; `id` joins nodes of a page."""

    types: frozenset[str]
    place: HtmlElement | str
    id: str = ""
    properties: dict[str, list[Node | Text]] = field(default_factory=dict)

    @property
    def locator(self) -> str:
        """The XPath or JSON pointer of the node."""
        return locate(self.place)

    def add(self, name: str, value: Node | Text) -> None:
        """Append a value of a property."""
        self.properties.setdefault(name, []).append(value)

    def all(self, names: frozenset[str]) -> list[Node | Text]:
        """Return the values of all properties among `names`, in the order in which the node has them."""
        if names.isdisjoint(self.properties):  # most questions are about what a node does not have
            return []
        return [value for name, values in self.properties.items() if name in names for value in values]

    def first_text(self, names: frozenset[str]) -> str:
        """Return the first literal among some properties, or an empty string."""
        return next((value.text for value in self.all(names) if isinstance(value, Text) and value.text), "")


def locate(place: HtmlElement | str) -> str:
    """Return a place as a locator."""
    return place if isinstance(place, str) else str(place.getroottree().getpath(place))


def short(name: str) -> str:
    """Return the name of a type or property in lower case, without prefix or vocabulary."""
    return _VOCABULARY.sub("", name.strip().rstrip("/#")).lower()


def clean(text: str) -> str:
    """Return a literal without markup and entities that were escaped once too often, its white space folded."""
    if len(text) > MAX_VALUE * 4:
        return ""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    return _SPACES.sub(" ", text).strip()
