"""A person as a line of a file: CSV for tables, JSON Lines for programs, vCard for address books. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from enum import StrEnum

from crawler.items import Property
from pipelines.rights.subjects import Held, Subject


class Format(StrEnum):
    """The forms of an export."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    VCARD = "vcf"


#: What leaves of a person, in the order of a business card.
COLUMNS = (
    Property.NAME,
    Property.HONORIFIC_PREFIX,
    Property.GIVEN_NAME,
    Property.FAMILY_NAME,
    Property.HONORIFIC_SUFFIX,
    Property.JOB_TITLE,
    Property.WORKS_FOR,
    Property.EMAIL,
    Property.TELEPHONE,
    Property.FAX_NUMBER,
    Property.WORK_LOCATION,
    Property.URL,
    Property.SAME_AS,
)
#: A cell that begins so would be run by a spreadsheet; the sign before it is the usual remedy (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _csv(subject: Subject, held: Sequence[Held]) -> bytes:
    cells = [" | ".join(subject.values(prop, held)) for prop in COLUMNS]
    return _csv_line([subject.id, *(f"'{cell}" if _is_formula(cell) else cell for cell in cells)])


def _is_formula(cell: str) -> bool:
    """A telephone number begins with a plus and is none."""
    return cell.startswith(_FORMULA) and not cell[1:].replace(" | +", "").isdigit()


def _csv_line(cells: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _json(subject: Subject, held: Sequence[Held]) -> bytes:
    values = {prop.value: subject.values(prop, held) for prop in COLUMNS}
    found = {"id": subject.id, **{key: texts for key, texts in values.items() if texts}}
    return (json.dumps(found, ensure_ascii=False) + "\n").encode()


def _vcard(subject: Subject, held: Sequence[Held]) -> bytes:
    """Return a vCard 4.0 (RFC 6350)."""

    def first(prop: Property) -> str:
        return next(iter(subject.values(prop, held)), "")

    name = [first(prop) for prop in (Property.FAMILY_NAME, Property.GIVEN_NAME)]
    affixes = [first(prop) for prop in (Property.HONORIFIC_PREFIX, Property.HONORIFIC_SUFFIX)]
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"UID:urn:cardfile:{subject.id}", f"FN:{_escaped(first(Property.NAME))}"]
    lines.append("N:" + ";".join(map(_escaped, [*name, "", *affixes])))
    for prop, start in _VCARD.items():
        lines += [f"{start}:{_escaped(text)}" for text in subject.values(prop, held)]
    # RFC 6350, 6.3.1: an address that nobody took apart stands whole where the street does.
    lines += [f"ADR;TYPE=work:;;{_escaped(text)};;;;" for text in subject.values(Property.WORK_LOCATION, held)]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCARD"]).encode()


_VCARD = {
    Property.JOB_TITLE: "TITLE",
    Property.WORKS_FOR: "ORG",
    Property.EMAIL: "EMAIL;TYPE=work",
    Property.TELEPHONE: "TEL;TYPE=work",
    Property.FAX_NUMBER: "TEL;TYPE=work,fax",
    Property.URL: "URL",
    Property.SAME_AS: "URL",
}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Fold a line at 75 octets without parting a letter (RFC 6350, section 3.2)."""
    parts, part = [], ""
    for letter in line:
        if len((part + letter).encode()) > 74:
            parts.append(part)
            part = ""
        part += letter
    return "\r\n ".join([*parts, part])


#: One person in each form: (subject, what may leave of it) → bytes of whole lines.
RENDERERS: dict[Format, Callable[[Subject, Sequence[Held]], bytes]] = {
    Format.CSV: _csv,
    Format.JSON_LINES: _json,
    Format.VCARD: _vcard,
}


def heading(form: Format) -> bytes:
    """Return the first line of a file in this form, empty where there is none."""
    return _csv_line(["id", *(prop.value for prop in COLUMNS)]) if form is Format.CSV else b""
