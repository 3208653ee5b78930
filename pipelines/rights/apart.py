"""Mentions that may not enter the master yet: of a suppressed person's namesakes, and of customers' uploads.

They are in a table of their own, so that no merge, export, report or rebuild can reach them. Somebody decides about a
namesake (`decide`); a document that permits more brings an upload in with its next import.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select

from crawler.items import Capture, Mention, MentionType, Method, Permission, Property, Value
from pipelines.master.choices import ApartIdentifierRow, ApartRow, ClearanceRow
from pipelines.master.models import SourceRow
from pipelines.master.statements import mention_ids
from pipelines.master.upsert import chunks, upsert
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import Identifier, identifiers, keyed_hash, keyed_hashes, name_only

NAMESAKE = "namesake"
UPLOAD = "upload"
#: Days after which a question that nobody answered is forgotten; the next reading of the page asks it again.
PATIENCE = 90


@dataclass(frozen=True, slots=True)
class Apart:
    """A mention on its way to the table: why it may not go on, and the hash of the suppressed name that it has."""

    mention: Mention
    reason: str
    matched: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mention that waits for a decision, as a reviewer sees it."""

    id: str
    source_id: str
    kept_at: datetime
    mention: Mention


def keep(connection: Connection, keys: Keyring, found: Sequence[Apart], now: datetime) -> None:
    """Keep mentions apart; one that was read before keeps the time of its first reading."""
    rows: dict[str, dict[str, Any]] = {}
    hashes: set[tuple[str, str]] = set()
    for one in found:
        assert one.mention.capture is not None
        key = mention_ids(one.mention)[-1]
        rows[key] = {
            "id": key,
            "source_id": one.mention.capture.source_id,
            "reason": one.reason,
            "matched": one.matched,
            "content": encoded(one.mention),
            "first_seen": one.mention.capture.fetched_at,
            "kept_at": now,
        }
        # Not by the name alone: what waits may be a namesake's, and nobody else's request may reach it.
        hashes |= {(keyed_hash(keys, one), key) for one in (*identifiers(one.mention), ("mention", key))}
    replaced = ("reason", "matched", "content")
    upsert(connection, ApartRow, list(rows.values()), lambda _, offered: {name: offered[name] for name in replaced})
    upsert(connection, ApartIdentifierRow, [{"hash": digest, "apart_id": key} for digest, key in sorted(hashes)])


def named(mention: Mention) -> Iterator[Identifier]:
    """Yield what identifies the person of a mention, and the name alone."""
    yield from identifiers(mention)
    if mention.type is MentionType.PERSON and mention.text(Property.NAME):
        yield name_only(mention.text(Property.NAME))


def waiting(connection: Connection, ids: Collection[str] | None = None, limit: int = 100) -> list[Waiting]:
    """Return the questions about namesakes, the oldest first, or those with an id that begins so."""
    query = select(ApartRow).where(ApartRow.reason == NAMESAKE).order_by(ApartRow.kept_at, ApartRow.id).limit(limit)
    if ids is not None:
        query = query.where(ApartRow.id.in_(ids))
    return [
        Waiting(row.id, row.source_id, row.kept_at, decoded(row.content))
        for row in connection.execute(query.with_only_columns(*ApartRow.__table__.columns))
    ]


def matching(connection: Connection, beginning: str) -> list[str]:
    """Return the ids of the questions that begin with some hex digits."""
    query = select(ApartRow.id).where(ApartRow.reason == NAMESAKE, ApartRow.id.startswith(beginning, autoescape=True))
    return sorted(connection.scalars(query))


def counts(connection: Connection) -> Counter[str]:
    """Return how many mentions are kept apart, by reason."""
    rows = connection.execute(select(ApartRow.reason, func.count()).group_by(ApartRow.reason))
    return Counter({row[0]: row[1] for row in rows})


def having(connection: Connection, digests: Collection[str]) -> list[str]:
    """Return the ids of mentions kept apart that one of the keyed hashes names: for access and erasure."""
    found: set[str] = set()
    for chunk in chunks(sorted(digests)):
        query = select(ApartIdentifierRow.apart_id).where(ApartIdentifierRow.hash.in_(chunk))
        found.update(connection.scalars(query))
    return sorted(found)


def content(connection: Connection, ids: Collection[str]) -> dict[str, Mention]:
    """Return mentions that are kept apart, by id."""
    found: dict[str, Mention] = {}
    for chunk in chunks(sorted(ids)):
        rows = connection.execute(select(ApartRow.id, ApartRow.content).where(ApartRow.id.in_(chunk)))
        found.update((row.id, decoded(row.content)) for row in rows)
    return found


def forget(connection: Connection, ids: Iterable[str]) -> int:
    """Delete mentions that are kept apart, and return how many there were."""
    gone = 0
    for chunk in chunks(sorted(set(ids))):
        connection.execute(delete(ApartIdentifierRow).where(ApartIdentifierRow.apart_id.in_(chunk)))
        gone += connection.execute(delete(ApartRow).where(ApartRow.id.in_(chunk))).rowcount
    return gone


def expire(connection: Connection, now: datetime, days: int = PATIENCE) -> int:
    """Forget what has waited too long, and return how much that is.

    A question that nobody answers is kept for `days`, and nothing for longer than its source may keep it, which counts
    from the first reading.
    """
    rows = connection.execute(
        select(ApartRow.id, ApartRow.reason, ApartRow.first_seen, ApartRow.kept_at, SourceRow.retention_days).join(
            SourceRow, SourceRow.id == ApartRow.source_id
        )
    )
    limit = now - timedelta(days=days)
    gone = [
        row.id
        for row in rows
        if (row.reason == NAMESAKE and row.kept_at < limit)
        or row.first_seen + timedelta(days=row.retention_days) <= now
    ]
    return forget(connection, gone)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody with a suppressed person's name: the names, the other identifiers, and the mentions."""

    names: Collection[str]
    identifiers: Collection[Identifier]
    mentions: Collection[str]

    @classmethod
    def of(cls, mention: Mention) -> Named:
        """Return whom a mention is about."""
        at = [mention_ids(mention)[-1]] if mention.capture else []
        return cls([mention.text(Property.NAME)], list(identifiers(mention)), at)

    def clearances(self) -> Iterator[tuple[str, Identifier]]:
        """Yield the kinds and identifiers of a decision about this person: the name with each of the others."""
        others = [*self.identifiers, *(("mention", one) for one in self.mentions)]
        for name in self.names:
            known = name_only(name)[1]
            yield from ((kind, ("cleared", f"{known}\x1f{kind}\x1f{value}")) for kind, value in others)


def clear(connection: Connection, keys: Keyring, person: Named, by: str, now: datetime) -> int:
    """Note that somebody is a namesake: whoever has this name and one of these identifiers passes."""
    rows = {
        keyed_hash(keys, one): {
            "hash": keyed_hash(keys, one),
            "key_id": keys.id,
            "kind": kind,
            "made_at": now,
            "by": by,
        }
        for kind, one in person.clearances()
    }
    upsert(connection, ClearanceRow, list(rows.values()))
    return len(rows)


def cleared(connection: Connection, keys: Keyring, people: Sequence[Named]) -> list[bool]:
    """Tell of each person whether somebody has decided that it is a namesake."""
    groups = [keyed_hashes(keys, (one for _, one in person.clearances())) for person in people]
    known: set[str] = set()
    for chunk in chunks(sorted({digest for group in groups for digest in group})):
        known.update(connection.scalars(select(ClearanceRow.hash).where(ClearanceRow.hash.in_(chunk))))
    return [not group.isdisjoint(known) for group in groups]


def encoded(mention: Mention) -> dict[str, Any]:
    """Return a mention as JSON: what would be stored of it, and nothing that is kept in memory only."""
    assert mention.capture is not None
    return {
        "type": mention.type.value,
        "locator": mention.locator,
        "ordinal": mention.ordinal,
        "language": mention.language,
        "country": mention.country,
        "confidence": mention.confidence,
        "capture": asdict(mention.capture) | {"fetched_at": mention.capture.fetched_at.isoformat()},
        "values": [
            [prop.value, one.text, one.method.value, one.locator, one.confidence, one.normalised, one.employment,
             one.evidence]
            for prop, one in mention
        ],
    }  # fmt: skip


def decoded(stored: dict[str, Any]) -> Mention:
    """Return the mention of its JSON."""
    capture = dict(stored["capture"])
    permission = dict(capture.pop("permission"))
    grant = Permission(**{**permission, "signals": tuple(permission["signals"])})
    fetched = datetime.fromisoformat(capture.pop("fetched_at"))
    found = Mention(
        MentionType(stored["type"]),
        locator=stored["locator"],
        ordinal=stored["ordinal"],
        language=stored["language"],
        country=stored["country"],
        confidence=stored["confidence"],
        capture=Capture(**capture, fetched_at=fetched, permission=grant),
    )
    for prop, text, method, locator, confidence, normalised, employment, evidence in stored["values"]:
        value = Value(text, Method(method), locator, confidence, normalised, employment, evidence)
        found.values.setdefault(Property(prop), []).append(value)
    return found
