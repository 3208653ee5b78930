"""Telling recipients what became of what they received (Article 19 GDPR): one file for each of them.

A recipient knows a person by the `id` of its export. A file names the ids under which the person can have left, and, as
a recipient may have dropped them, the SHA-256 of each e-mail address that it received. A rectification also holds the
wrong value and the right one; nothing else here is readable.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from crawler.items import Property
from pipelines.master.accounts import DisclosedRow, DisclosureRow
from pipelines.master.models import RedirectRow, StatementRow
from pipelines.master.upsert import chunks

#: Numbers of files of one recipient and day that are tried for a free name.
_MOST_FILES = 10_000


@dataclass(slots=True)
class Received:
    """What one recipient received of one person: the values by property, and in which disclosures.

    A statement that is no longer stored counts in `forgotten`: that it left is known, what it said is not.
    """

    recipient: str
    values: dict[Property, set[str]] = field(default_factory=lambda: defaultdict(set), repr=False)
    disclosures: set[str] = field(default_factory=set)
    forgotten: int = 0


def received(connection: Connection, people: Collection[Collection[str]]) -> list[list[Received]]:
    """Return for each person, named by mentions, what each recipient received, in the order of the recipients' ids.

    A disclosure without a proof was never finished, so nobody has it.
    """
    owner = {mention: number for number, mentions in enumerate(people) for mention in mentions}
    found: list[dict[str, Received]] = [{} for _ in people]
    for chunk in chunks(sorted(owner)):
        query = (
            select(
                DisclosedRow.mention_id,
                DisclosureRow.recipient_id,
                DisclosureRow.id,
                StatementRow.property,
                StatementRow.normalised,
            )
            .join(DisclosureRow, DisclosureRow.id == DisclosedRow.disclosure_id)
            .outerjoin(StatementRow, StatementRow.id == DisclosedRow.statement_id)
            .where(DisclosedRow.mention_id.in_(chunk), DisclosureRow.proof != "")
        )
        for mention, recipient, disclosure, prop, value in connection.execute(query):
            one = found[owner[mention]].setdefault(recipient, Received(recipient))
            one.disclosures.add(disclosure)
            if prop is None:
                one.forgotten += 1
            else:
                one.values[Property(prop)].add(value)
    return [[listed[recipient] for recipient in sorted(listed)] for listed in found]


def known_as(connection: Connection, entities: Collection[str], mentions: Collection[str]) -> list[str]:
    """Return the ids under which a person can have left: its entries, those merged into them, and its mentions.

    An entry's id is that of its earliest mention, so each mention was perhaps an entry of its own once.
    """
    ids = {*entities, *mentions}
    for chunk in chunks(sorted(entities)):
        ids.update(connection.scalars(select(RedirectRow.id).where(RedirectRow.target_id.in_(chunk))))
    return sorted(ids)


def erasure(one: Received, ids: Iterable[str], request: str, today: date, action: str = "erase") -> dict[str, Any]:
    """Return the line that asks a recipient to erase a person, to restrict, or to use them again ("lift")."""
    return {
        "action": action,
        "request": request,
        "date": today.isoformat(),
        "ids": list(ids),
        "email_sha256": sorted(hashlib.sha256(text.encode()).hexdigest() for text in one.values[Property.EMAIL]),
        "properties": sorted(prop.value for prop, values in one.values.items() if values),
        "disclosures": sorted(one.disclosures),
        "law": "Article 19 GDPR",
    }


def rectification(
    one: Received,
    ids: Iterable[str],
    request: str,
    today: date,
    changes: Mapping[Property, tuple[Collection[str], str]],
) -> dict[str, Any]:
    """Return the line that tells a recipient what is right; `changes` maps a property to (wrong values, the right).

    Only wrong values that this recipient received are named.
    """
    return {
        **erasure(one, ids, request, today, "rectify"),
        "changes": [
            {"property": prop.value, "wrong": sorted(set(wrong) & one.values[prop]), "right": right}
            for prop, (wrong, right) in changes.items()
            if set(wrong) & one.values[prop]
        ],
    }


def write(folder: Path, lines: Mapping[str, Collection[Mapping[str, Any]]], today: date) -> dict[str, Path]:
    """Write one file of JSON lines for each recipient that has any, readable by its owner only; return their paths.

    A file is never written over another, and stands there whole or not at all.
    """
    written: dict[str, Path] = {}
    for recipient, listed in sorted(lines.items()):
        if not listed:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        content = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in listed)
        written[recipient] = _new(folder, f"{recipient}-{today.isoformat()}", content.encode())
    return written


def _new(folder: Path, stem: str, content: bytes) -> Path:
    draft = folder / f".{stem}.{os.getpid()}.part"
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        for number in range(1, _MOST_FILES):
            path = folder / (f"{stem}.jsonl" if number == 1 else f"{stem}-{number}.jsonl")
            try:
                os.link(draft, path)
            except FileExistsError:
                continue
            return path
    finally:
        draft.unlink()
    raise FileExistsError(17, "too many correction files of one day", str(folder))
