"""A person as a line of a file: CSV for tables, JSON Lines for programs, vCard for address books. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from enum import StrEnum

from crawler.items import Property
from pipelines.rights.contactability import Channel
from pipelines.rights.gate import Verdict
from pipelines.rights.subjects import Subject


class Format(StrEnum):
    """The forms of an export."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    VCARD = "vcf"
    PARQUET = "parquet"


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
#: Whether the person may be contacted by each channel, and why.
CONTACT = tuple(f"{channel.value}{part}" for channel in Channel for part in ("Contactable", "Reason"))
#: A cell that begins so would be run by a spreadsheet; the sign before it is the usual remedy (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _csv(subject: Subject, verdict: Verdict) -> bytes:
    cells = [" | ".join(subject.values(prop, verdict.held)) for prop in COLUMNS]
    cells += contact_cells(verdict)
    return csv_line([subject.id, *map(safe, cells)])


def safe(cell: str) -> str:
    """Return a cell that no spreadsheet would run."""
    return f"'{cell}" if _is_formula(cell) else cell


def _is_formula(cell: str) -> bool:
    """A telephone number begins with a plus and is none."""
    return cell.startswith(_FORMULA) and not cell[1:].replace(" | +", "").isdigit()


def csv_line(cells: list[str]) -> bytes:
    """Return one line of CSV."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def contact_cells(verdict: Verdict) -> list[str]:
    """Return whether the person may be contacted, with the reason, in the order of `CONTACT`; empty without a value."""
    cells: list[str] = []
    for channel in Channel:
        answer = verdict.contact.get(channel)
        stays = [reason.value for closed, reason in verdict.blocked if closed is channel]
        reason = "; ".join(filter(None, (answer.reason if answer else "", *(f"stays here: {one}" for one in stays))))
        cells += [answer.may.value if answer else "", reason]
    return cells


def _json(subject: Subject, verdict: Verdict) -> bytes:
    values = {prop.value: subject.values(prop, verdict.held) for prop in COLUMNS}
    found: dict[str, object] = {"id": subject.id, **{key: texts for key, texts in values.items() if texts}}
    found |= {key: text for key, text in zip(CONTACT, contact_cells(verdict), strict=True) if text}
    return (json.dumps(found, ensure_ascii=False) + "\n").encode()


def _vcard(subject: Subject, verdict: Verdict) -> bytes:
    """Return a vCard 4.0 (RFC 6350); whether the person may be contacted is a note, for no property of it says so."""
    held = verdict.held

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
    told = zip(CONTACT[::2], *[iter(contact_cells(verdict))] * 2, strict=True)
    notes = "; ".join(f"{key}: {answer} ({reason})" for key, answer, reason in told if answer)
    lines += [f"NOTE:{_escaped(notes)}"] if notes else []
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
RENDERERS: dict[Format, Callable[[Subject, Verdict], bytes]] = {
    Format.CSV: _csv,
    Format.JSON_LINES: _json,
    Format.VCARD: _vcard,
    Format.PARQUET: _json,
}


def heading(form: Format) -> bytes:
    """Return the first line of a file in this form, empty where there is none."""
    return csv_line(["id", *(prop.value for prop in COLUMNS), *CONTACT]) if form is Format.CSV else b""
