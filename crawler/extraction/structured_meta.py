"""OpenGraph: a profile page's person, a business page's organisation, as nodes."""

from __future__ import annotations

from crawler.extraction.structured_node import Node, Text
from crawler.page import Page

_PROFILE = {
    "profile:first_name": "givenname",
    "profile:last_name": "familyname",
    "og:url": "url",
}
_BUSINESS = {
    "og:title": "name",
    "og:url": "url",
    "business:contact_data:email": "email",
    "business:contact_data:phone_number": "telephone",
    "business:contact_data:fax_number": "faxnumber",
    "business:contact_data:website": "url",
}
_ADDRESS = {
    "business:contact_data:street_address": "streetaddress",
    "business:contact_data:postal_code": "postalcode",
    "business:contact_data:locality": "addresslocality",
    "business:contact_data:region": "addressregion",
    "business:contact_data:country_name": "addresscountry",
}
_KINDS = {"profile": ("person", _PROFILE), "business.business": ("organization", _BUSINESS)}
_OURS = ("profile:", "business:contact_data:")


def nodes(page: Page) -> list[Node]:
    """Return the node of an OpenGraph profile or business page; an empty list for any other page."""
    if not page.shows("profile:", "business.business", "og:type"):
        return []
    kind, table = _KINDS.get(page.meta.get("og:type", "").lower(), ("", {}))
    if not kind:
        return []
    node = Node(frozenset({kind}), _place("og:type"))
    for key, text in page.meta.items():
        if key in table:
            node.add(table[key], Text(text, _place(key)))
        elif key.startswith(_OURS) and key not in _ADDRESS:
            node.add(key, Text("", _place(key)))  # profile:gender and its like: dropped, and counted
    address = Node(frozenset({"postaladdress"}), _place("business:contact_data:street_address"))
    for key, name in _ADDRESS.items():
        if text := page.meta.get(key, ""):
            address.add(name, Text(text, _place(key)))
    if address.properties:
        node.add("address", address)
    if (
        kind == "person"
        and not node.properties.keys() >= {"givenname", "familyname"}
        and (title := page.meta.get("og:title"))
    ):
        node.add("name", Text(title, _place("og:title")))
    return [node]


def _place(key: str) -> str:
    return f"//meta[@property='{key}']"
