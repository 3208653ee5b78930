"""Registers in XML, as the JSON that says the same, so that one reader and one kind of mapping do for both."""

from __future__ import annotations

import json
from typing import Any

from lxml import etree

from crawler.errors import DocumentError

_START = 200
_MOST_DEPTH = 60


def is_xml(body: bytes) -> bool:
    """Tell whether an answer is XML, by its first signs; HTML is not."""
    start = body[:_START].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith(b"<") and not start.startswith((b"<!doctype html", b"<html"))


def as_json(body: bytes, path: str = "") -> bytes:
    """Return an XML document as JSON; raises DocumentError where nothing of it can be read.

    An element becomes an object of its attributes and children by local name, its own text as `text`; one that has
    neither attributes nor children becomes its text. Several children of one name become a list; what `path` leads to
    (`register.person`, the root first) is a list even when there is only one.
    """
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        raise DocumentError("The document is no XML that can be read.")
    name = etree.QName(root).localname
    return json.dumps({name: _value(root, name, path)}, ensure_ascii=False).encode()


def _value(element: Any, place: str, path: str) -> Any:
    found: dict[str, Any] = {etree.QName(key).localname: value for key, value in element.attrib.items()}
    own = (element.text or "").strip()
    children = [child for child in element if isinstance(child.tag, str)]
    if not found and not children:
        return own
    if own:
        found["text"] = own
    if place.count(".") == _MOST_DEPTH:
        return found
    for child in children:
        name = etree.QName(child).localname
        value = _value(child, f"{place}.{name}", path)
        if isinstance(found.get(name), list):
            found[name].append(value)
        elif name in found:
            found[name] = [found[name], value]
        else:
            found[name] = [value] if f"{place}.{name}" == path else value
    return found
