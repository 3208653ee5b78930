"""vCard 2.1, 3.0 and 4.0, as files and as `data:` links, as typed nodes with the names of schema.org.

vobject was measured and left out: it loses the types of a 2.1 number ("HOME"), gives up on a card that is cut off, and
writes the line that it cannot read into the log.
"""

from __future__ import annotations

import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from crawler.extraction.structured_node import Node, Text, clean
from crawler.extraction.structured_schema import Mapper
from crawler.items import Disposal, Mention, Method
from crawler.page import Kind, Page

#: Cards of a document, lines of a card and characters of a value that are read. A photo is longer, and not read.
MAX_CARDS, MAX_LINES, MAX_VALUE = 5_000, 500, 2_000
_MAX_LINKS = 200

_NAMES = {
    "FN": "name",
    "TITLE": "jobtitle",
    "EMAIL": "email",
    "TEL": "telephone",
    "URL": "url",
    "X-SOCIALPROFILE": "sameas",
    "SOCIALPROFILE": "sameas",
}
_NAME_PARTS = ("familyname", "givenname", "additionalname", "honorificprefix", "honorificsuffix")
_ADDRESS_PARTS = (
    "postofficeboxnumber",
    "extendedaddress",
    "streetaddress",
    "addresslocality",
    "addressregion",
    "postalcode",
    "addresscountry",
)
# What says something about the card rather than about the person, and what is read beside another property.
_STRUCTURE = frozenset(
    {
        "BEGIN",
        "END",
        "VERSION",
        "PRODID",
        "REV",
        "UID",
        "SOURCE",
        "KIND",
        "PROFILE",
        "CLASS",
        "LABEL",
        "X-ABLABEL",
        "ROLE",
        "LANG",
    }
)
_LINE = re.compile(r"(?:([\w-]+)\.)?([A-Za-z][\w-]*)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)", re.DOTALL)
_PARAMETER = re.compile(r";([\w-]+)(?:=((?:\"[^\"]*\"|[^;\"])*))?")
_SPLIT = re.compile(r"(?<!\\);")
_ESCAPE = re.compile(r"\\([\\,;:nN])")
_DATA_LINK = re.compile(r"data:text/(?:x-)?vcard[^,\"'>]{0,60},([^\"'>]{10,20000})", re.IGNORECASE)


@dataclass(slots=True)
class Property:
    """One line of a card: its name and parameters in capitals, its value with the escapes still in it."""

    name: str
    value: str
    parameters: dict[str, list[str]] = field(default_factory=dict)
    group: str = ""

    @property
    def kinds(self) -> list[str]:
        """The types of the value, without the ones that say nothing (`PREF`, `INTERNET`)."""
        kinds = [kind.upper() for kind in self.parameters.get("TYPE", [])]
        return [kind for kind in kinds if kind not in ("PREF", "INTERNET", "VOICE", "MSG", "UTF-8")]

    def parts(self) -> list[str]:
        """Return the components of a structured value, escapes resolved."""
        return [_unescape(part) for part in _SPLIT.split(self.value)]


def read(page: Page, disposals: list[Disposal]) -> list[Mention]:
    """Return the people and organisations of a vCard document, or of the `data:` links of a page.

    A card that is cut off gives what stood before the cut. A line that is none is passed over and counted.
    """
    nodes: list[Node] = []
    for number, lines in enumerate(_cards(page), start=1):
        if number > MAX_CARDS:
            disposals.append(Disposal("extraction", "too-large", Method.VCARD, "vcard-cards"))
            break
        nodes.append(_node(lines, number, disposals))
    return Mapper(page, Method.VCARD, disposals).mentions(nodes)


def _cards(page: Page) -> Iterator[list[str]]:
    if page.kind is Kind.VCARD:
        yield from _split(page.text)
    elif page.kind is Kind.HTML and page.shows("data:text/vcard", "data:text/x-vcard"):
        for number, link in enumerate(_DATA_LINK.finditer(page.text)):
            if number < _MAX_LINKS:
                yield from _split(unquote(html.unescape(link[1])))


def _split(text: str) -> Iterator[list[str]]:
    """Yield the lines of each card, folded ones joined."""
    card: list[str] | None = None
    for line in _unfolded(text):
        mark = line.strip().upper()
        if mark == "BEGIN:VCARD":
            if card:
                yield card  # the one before was never closed
            card = []
        elif mark == "END:VCARD":
            if card:
                yield card
            card = None
        elif card is not None and line.strip() and len(card) < MAX_LINES:
            card.append(line)
    if card:
        yield card


def _unfolded(text: str) -> Iterator[str]:
    pending = ""
    for line in re.split(r"\r\n|\r|\n", text):
        soft = pending.endswith("=") and "QUOTED-PRINTABLE" in pending.partition(":")[0].upper()
        if soft:
            pending = (pending[:-1] + line) if len(pending) < 10 * MAX_VALUE else pending[:-1]
        elif line[:1] in (" ", "\t") and pending:
            pending += line[1:] if len(pending) < 10 * MAX_VALUE else ""
        else:
            yield pending
            pending = line
    yield pending


def _properties(lines: list[str], disposals: list[Disposal]) -> list[Property]:
    found = []
    for line in lines:
        match = _LINE.fullmatch(line) if len(line) <= 12 * MAX_VALUE else None
        if match is None:
            disposals.append(Disposal("extraction", "unreadable", Method.VCARD, "vcard-line"))
            continue
        group, name, parameters, value = match.groups()
        one = Property(name.upper(), value.strip(), _parameters(parameters), (group or "").lower())
        if "QUOTED-PRINTABLE" in one.parameters.get("ENCODING", []):
            one.value = _unquoted(one)
        found.append(one)
    return found


def _parameters(text: str) -> dict[str, list[str]]:
    """Return parameters by name in capitals; a bare one, as 2.1 has them (`TEL;WORK`), is a type or an encoding."""
    found: dict[str, list[str]] = {}
    for name, values in _PARAMETER.findall(text):
        key = name.upper()
        if values:
            found.setdefault(key, []).extend(
                value.strip(' "').upper() for value in re.split(r"[,\"]+", values) if value.strip(' "')
            )
        elif key in ("QUOTED-PRINTABLE", "BASE64", "8BIT"):
            found.setdefault("ENCODING", []).append(key)
        else:
            found.setdefault("TYPE", []).append(key)
    return found


def _unquoted(one: Property) -> str:
    raw = quopri.decodestring(one.value.encode("utf-8"))
    for charset in (*one.parameters.get("CHARSET", []), "utf-8", "cp1252"):
        try:
            return raw.decode(charset)
        except (LookupError, UnicodeError):
            continue
    return raw.decode("latin-1")


def _unescape(text: str) -> str:
    return clean(_ESCAPE.sub(lambda escape: " " if escape[1] in "nN" else escape[1], text))


def _node(lines: list[str], number: int, disposals: list[Disposal]) -> Node:
    properties = _properties(lines, disposals)
    labels = {one.group: one.value.strip("_$!<>") for one in properties if one.name == "X-ABLABEL" and one.group}
    node = Node(frozenset({"person"}), f"card[{number}]")
    seen: dict[str, int] = {}
    kind = ""
    for one in properties:
        seen[one.name] = seen.get(one.name, 0) + 1
        if one.name == "KIND":
            kind = one.value.lower()
        if one.name in _STRUCTURE or len(one.value) > MAX_VALUE or "BASE64" in one.parameters.get("ENCODING", []):
            continue
        _add(node, one, f"card[{number}]/{one.name}[{seen[one.name]}]", labels.get(one.group, ""))
    if "jobtitle" not in node.properties:
        roles = [one for one in properties if one.name == "ROLE"]
        for role in roles[:1]:
            node.add("jobtitle", Text(_unescape(role.value), f"card[{number}]/ROLE[1]"))
    _settle_type(node, kind)
    return node


def _add(node: Node, one: Property, locator: str, label: str) -> None:
    kinds = [f"TYPE={','.join(one.kinds)}"] if one.kinds else []
    around = " ".join([*kinds, *([label] if label else [])])
    if one.name == "N":
        for name, part in zip(_NAME_PARTS, one.parts(), strict=False):
            if part:
                node.add(name, Text(part, locator))
    elif one.name == "ORG":
        if organisation := next((part for part in one.parts() if part), ""):
            node.add("worksfor", Text(organisation, locator))
    elif one.name == "ADR":
        address = Node(frozenset({"address"}), locator)
        for name, part in zip(_ADDRESS_PARTS, one.parts(), strict=False):
            if part:
                address.add(name, Text(part, locator))
        if one.kinds:
            address.add("type", Text(",".join(one.kinds), locator))
        node.add("address", address)
    elif one.name in _NAMES:
        name = "faxnumber" if one.name == "TEL" and "FAX" in one.kinds else _NAMES[one.name]
        node.add(name, Text(_unescape(one.value), locator, around))
    else:
        node.add(one.name.lower(), Text("", locator))


def _settle_type(node: Node, kind: str) -> None:
    """Decide whether a card is an organisation's: it says so, or its name is that of its organisation."""
    name = node.first_text(frozenset({"name"}))
    works_for = node.first_text(frozenset({"worksfor"}))
    if not name and not node.properties.keys() & {"givenname", "familyname"} and works_for:
        node.properties["name"] = node.properties["worksfor"]
        name = works_for
    personal = node.properties.keys() & {"familyname", "jobtitle"}
    if kind in ("org", "organization", "group") or (name and name == works_for and not personal):
        node.types = frozenset({"organization"})
        for key in ("worksfor", *_NAME_PARTS):
            node.properties.pop(key, None)
