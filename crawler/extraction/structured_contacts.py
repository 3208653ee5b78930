"""Means of contact and places in typed nodes, as readings that a mention can take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lxml.html import HtmlElement

from crawler.extraction import links
from crawler.extraction.decode import addresses
from crawler.extraction.structured_node import Node, Text
from crawler.items import Property
from crawler.lexicon import words


class Reading(NamedTuple):
    """One value on its way into a mention; `around` is what the markup says about it (a contact type, `TYPE=home`)."""

    prop: Property
    text: str
    place: HtmlElement | str
    around: str = ""


#: The parts of a postal address in the order in which they are written down, schema.org's and the vCard ontology's.
_PARTS = (
    ("streetaddress", "street-address"),
    ("extendedaddress", "extended-address"),
    ("postofficeboxnumber", "post-office-box"),
    ("postalcode", "postal-code", "addresslocality", "locality"),
    ("addressregion", "region"),
    ("addresscountry", "country-name"),
)


def contact_readings(values: Iterable[Node | Text], prop: Property, around: str = "") -> list[Reading]:
    """Return the addresses or numbers of some values; a nested node gives its `value` or its name."""
    found: list[Reading] = []
    for value in values:
        text, cue = _unwrapped(value, around)
        if prop is Property.EMAIL:
            spelt = links.mailto(text) or [one.address for one in addresses(text)] or [text]
            found += [Reading(prop, one, value.place, cue) for one in spelt]
        else:
            found.append(Reading(prop, links.telephone(text) or text, value.place, cue))
    return found


def _unwrapped(value: Node | Text, around: str) -> tuple[str, str]:
    """Return the literal of a value and what is said about it."""
    if isinstance(value, Text):
        return value.text, around or value.around
    kind = value.first_text(frozenset({"type", "contacttype"}))
    inner = value.first_text(frozenset({"value", "name"})) or value.id
    return inner, f"{around} TYPE={kind}".strip() if kind else around


def place_readings(value: Node | Text) -> list[Reading]:
    """Return the postal address of a place as one line: street, code and town, region, country."""
    if isinstance(value, Text):
        return [Reading(Property.WORK_LOCATION, value.text, value.place, value.around)]
    if not value.types & words("schema_org", "address"):
        inner = value.all(frozenset({"address", "adr"}))
        if inner:
            return [reading for one in inner for reading in place_readings(one)] if _flat(inner) else []
    line = ", ".join(part for names in _PARTS if (part := " ".join(_texts(value, names))))
    kind = value.first_text(frozenset({"type", "contacttype"}))
    return [Reading(Property.WORK_LOCATION, line, value.place, f"TYPE={kind}" if kind else "")] if line else []


def _flat(values: list[Node | Text]) -> bool:
    """Say whether these are addresses and not places that hold places, which could go round in circles."""
    return not any(isinstance(one, Node) and "address" in one.properties for one in values)


def _texts(node: Node, names: tuple[str, ...]) -> list[str]:
    found = []
    for name in names:
        for value in node.properties.get(name, [])[:2]:
            text = value.text if isinstance(value, Text) else value.first_text(frozenset({"name"}))
            if text:
                found.append(text)
    return found
