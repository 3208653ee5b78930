"""The book of requests: when each came in, until when it is due, what came of it. It holds no personal value."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from pipelines.errors import RefusedError, UsageError
from pipelines.master.prefixes import begins, is_prefix
from pipelines.master.requests import RequestRow, RequestSubjectRow
from pipelines.master.upsert import chunks, upsert
from pipelines.requests.rules import Extension, Identity, Kind, Term
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import Identifier, keyed_hash, keyed_hashes

#: Outcomes of a request that was carried out, and that of one of somebody who is not held.
DONE, NOTHING_HELD = "done", "nothing-held"
#: Why a request may be refused: Article 12(5) and (2), and the exceptions of Articles 17(3) and 21(1).
REFUSALS = ("refused-unfounded", "refused-excessive", "refused-not-identified", "refused-exception", "withdrawn")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as the book has it."""

    id: str
    kind: Kind
    received_on: date
    identity: Identity
    recorded_at: datetime
    by: str
    extended_on: date | None = None
    extension: str = ""
    outcome: str = ""
    closed_at: datetime | None = None
    counts: Mapping[str, Any] = field(default_factory=dict)
    proof: str = ""

    @property
    def term(self) -> Term:
        """Its clock."""
        return Term(self.received_on, self.extended_on)

    def overdue(self, today: date) -> bool:
        """Return whether it is open after its last day."""
        return not self.outcome and today > self.term.due

    def late(self, zone: ZoneInfo) -> bool:
        """Return whether it was answered after its last day."""
        return self.closed_at is not None and self.closed_at.astimezone(zone).date() > self.term.due

    def facts(self, today: date) -> dict[str, Any]:
        """Return the receipt: value-free, so that it can be shown to anybody."""
        return {
            "request": self.id,
            "kind": self.kind.value,
            "received_on": self.received_on.isoformat(),
            "due_on": self.term.due.isoformat(),
            "extended_on": self.extended_on.isoformat() if self.extended_on else "",
            "extension": self.extension,
            "identity": self.identity.value,
            "outcome": self.outcome or ("overdue" if self.overdue(today) else "open"),
            "closed_at": self.closed_at.isoformat() if self.closed_at else "",
            "counts": dict(self.counts),
            "proof": self.proof,
            "by": self.by,
        }


def open_entry(kind: Kind, received_on: date, identity: Identity, by: str, now: datetime) -> Entry:
    """Return a new request; nothing is written before `record`."""
    return Entry(uuid.uuid4().hex, kind, received_on, identity, now, by)


def record(connection: Connection, entries: Sequence[tuple[Entry, Collection[Identifier]]], keys: Keyring) -> None:
    """Write requests with the keyed hashes of what they named; one that is there already is brought up to date."""
    rows = [_row(entry) for entry, _ in entries]
    changing = ("identity", "extended_on", "extension", "due_on", "outcome", "closed_at", "counts", "proof", "by")
    upsert(connection, RequestRow, rows, lambda _, offered: {name: offered[name] for name in changing})
    subjects = {
        (entry.id, keyed_hash(keys, one)): {"request_id": entry.id, "hash": keyed_hash(keys, one), "kind": one[0]}
        for entry, identifiers in entries
        for one in identifiers
    }
    upsert(connection, RequestSubjectRow, list(subjects.values()))


def of_subject(connection: Connection, keys: Keyring, identifiers: Collection[Identifier]) -> list[Entry]:
    """Return the requests that named somebody by one of these, the oldest first."""
    found: set[str] = set()
    for chunk in chunks(sorted(keyed_hashes(keys, identifiers))):
        found.update(connection.scalars(select(RequestSubjectRow.request_id).where(RequestSubjectRow.hash.in_(chunk))))
    return _load(connection, found)


def listed(connection: Connection, *, everything: bool = False) -> list[Entry]:
    """Return the open requests, or all of them, by their last day."""
    query = select(RequestRow.id)
    ids = connection.scalars(query if everything else query.where(RequestRow.outcome == "")).all()
    return sorted(_load(connection, ids), key=lambda one: (bool(one.outcome), one.term.due, one.id))


def find(connection: Connection, beginning: str) -> Entry:
    """Return the request whose id begins so; raises UsageError when none or several do."""
    folded = beginning.strip().lower()
    if not is_prefix(folded):
        raise UsageError("A request is named by its id, or its first 6 or more digits, as `scrapy request list` shows.")
    ids = connection.scalars(select(RequestRow.id).where(begins(RequestRow.id, folded)).limit(2)).all()
    if len(ids) != 1:
        raise UsageError(f"{'Several requests have' if ids else 'No request has'} an id that begins so.")
    return _load(connection, ids)[0]


def extend(connection: Connection, entry: Entry, reason: Extension, today: date) -> Entry:
    """Give a request two further months; RefusedError when it is closed, extended already, or its month is over."""
    if entry.outcome:
        raise RefusedError(f"Request {entry.id[:12]} is closed ({entry.outcome}); there is nothing to extend.")
    term = entry.term.extended(today)
    values = {"extended_on": today.isoformat(), "extension": reason.value, "due_on": term.due.isoformat()}
    connection.execute(update(RequestRow).where(RequestRow.id == entry.id).values(values))
    return find(connection, entry.id)


def close(connection: Connection, entry: Entry, outcome: str, now: datetime) -> Entry:
    """Close a request without carrying it out; raises UsageError for an unknown outcome, RefusedError when closed."""
    if outcome not in REFUSALS:
        raise UsageError(f"--outcome is one of {', '.join(REFUSALS)}")
    if entry.outcome:
        raise RefusedError(f"Request {entry.id[:12]} is closed already ({entry.outcome}).")
    values = {"outcome": outcome, "closed_at": now}
    connection.execute(update(RequestRow).where(RequestRow.id == entry.id).values(values))
    return find(connection, entry.id)


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind.value,
        "received_on": entry.received_on.isoformat(),
        "due_on": entry.term.due.isoformat(),
        "extended_on": entry.extended_on.isoformat() if entry.extended_on else "",
        "extension": entry.extension,
        "identity": entry.identity.value,
        "outcome": entry.outcome,
        "recorded_at": entry.recorded_at,
        "closed_at": entry.closed_at,
        "counts": dict(entry.counts),
        "proof": entry.proof,
        "by": entry.by,
    }


def _load(connection: Connection, ids: Collection[str]) -> list[Entry]:
    found = []
    for chunk in chunks(sorted(ids)):
        rows = connection.execute(select(RequestRow.__table__).where(RequestRow.id.in_(chunk)))
        found += [_entry(row._asdict()) for row in rows]
    return sorted(found, key=lambda one: (one.received_on, one.recorded_at, one.id))


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        id=row["id"],
        kind=Kind(row["kind"]),
        received_on=date.fromisoformat(row["received_on"]),
        identity=Identity(row["identity"]),
        recorded_at=row["recorded_at"],
        by=row["by"],
        extended_on=date.fromisoformat(row["extended_on"]) if row["extended_on"] else None,
        extension=row["extension"],
        outcome=row["outcome"],
        closed_at=row["closed_at"],
        counts=row["counts"],
        proof=row["proof"],
    )
