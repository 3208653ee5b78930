"""A copy to take elsewhere (Article 20 GDPR): what the person gave us, on consent or a contract, for a program to read.

What was read on a page or licensed from somebody is not the person's to port, whatever the legal basis: the person did
not provide it. It is in the answer to an access request.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, select

from crawler.items import Property
from pipelines.master.models import CaptureRow, MentionRow, PermissionRow, SourceRow, StatementRow
from pipelines.master.upsert import chunks
from pipelines.rights.gate import Verdict
from pipelines.rights.renderings import RENDERERS, Format
from pipelines.rights.subjects import Held, Origin, Subject

#: The legal bases of Article 20(1)(a).
_BASES = ("consent", "contract")
#: The receipt of what came from the people themselves (`crawler.acquisition.receipt`).
_THEIRS = "gdpr-article: 13"
_ORDER = {prop: place for place, prop in enumerate(Property)}


def portable(connection: Connection, mentions: Collection[str]) -> tuple[list[Held], dict[str, int]]:
    """Return what a person may take along, and how many statements stay, by reason."""
    found: list[Held] = []
    stays = {"not-provided-by-the-person": 0, "other-legal-basis": 0}
    for chunk in chunks(sorted(mentions)):
        query = (
            select(
                StatementRow.id, StatementRow.mention_id, StatementRow.property, StatementRow.normalised,
                StatementRow.first_seen, CaptureRow.url, MentionRow.country, MentionRow.language, MentionRow.source_id,
                PermissionRow.signals, SourceRow.publisher, SourceRow.kind, SourceRow.purpose, SourceRow.legal_basis,
                SourceRow.retention_days,
            )
            .join(MentionRow, MentionRow.id == StatementRow.mention_id)
            .join(CaptureRow, CaptureRow.id == StatementRow.first_capture_id)
            .join(PermissionRow, PermissionRow.id == CaptureRow.permission_id)
            .join(SourceRow, SourceRow.id == MentionRow.source_id)
            .where(StatementRow.mention_id.in_(chunk))
        )  # fmt: skip
        for row in connection.execute(query):
            if _THEIRS not in row.signals:
                stays["not-provided-by-the-person"] += 1
            elif row.legal_basis not in _BASES:
                stays["other-legal-basis"] += 1
            else:
                found.append(_held(row))
    found.sort(key=lambda one: (_ORDER[one.property], one.first_seen, one.value))
    return found, {reason: count for reason, count in stays.items() if count}


def _held(row: Any) -> Held:
    origin = Origin(row.source_id, row.publisher, row.kind, row.purpose, row.legal_basis, row.retention_days)
    return Held(
        row.id, row.mention_id, Property(row.property), row.normalised, 0, row.url, row.country, row.language,
        row.first_seen, origin,
    )  # fmt: skip


def _json(held: Sequence[Held]) -> str:
    """Return a schema.org Person; a property with one value stands plain, with several as a list."""
    person: dict[str, Any] = {"@context": "https://schema.org", "@type": "Person"}
    for prop in Property:
        values = list(dict.fromkeys(one.value for one in held if one.property is prop))
        if prop is Property.WORKS_FOR:
            employers: list[Any] = [{"@type": "Organization", "name": value} for value in values]
            person |= {prop.value: employers[0] if len(employers) == 1 else employers} if employers else {}
        elif values:
            person[prop.value] = values[0] if len(values) == 1 else values
    return json.dumps(person, ensure_ascii=False, indent=1) + "\n"


def _csv(held: Sequence[Held]) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["property", "value", "given_on", "purpose"])
    for one in held:
        # A cell that begins so would be run by a spreadsheet (CWE-1236); a number in E.164 is none of them.
        risky = one.value.startswith(("=", "+", "-", "@")) and not one.value[1:].isdigit()
        cell = f"'{one.value}" if risky else one.value
        writer.writerow([one.property.value, cell, one.first_seen.date().isoformat(), one.origin.purpose])
    return file.getvalue()


def _vcard(held: Sequence[Held]) -> str:
    name = next((one.value for one in held if one.property is Property.NAME), "")
    subject = Subject(held[0].mention_id if held else "", name, list(held))
    return RENDERERS[Format.VCARD](subject, Verdict(held)).decode()


#: The forms of a copy: what goes along → text.
FORMS: dict[str, Callable[[Sequence[Held]], str]] = {"json": _json, "csv": _csv, "vcf": _vcard}
