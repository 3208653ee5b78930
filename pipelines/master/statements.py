"""Writing what was read: captures with their permission receipts, mentions, statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from crawler.items import Capture, Mention, MentionType, Permission, Property, Source, Value
from pipelines.master.ids import content_id, employer_id, mention_id
from pipelines.master.keyed import Keyed, Lists
from pipelines.master.models import CaptureRow, MentionRow, PermissionRow, SourceRow, StatementRow
from pipelines.master.upsert import Columns, upsert


@dataclass(slots=True, frozen=True)
class Reading:
    """A mention on its way into the store, with the run that read it."""

    mention: Mention
    run_id: str | None = None


@dataclass(slots=True, frozen=True)
class Written:
    """What became of a reading: how many of its statements are new, and how many older ones it retired."""

    new: int
    retired: int


def declare_source(connection: Connection, source: Source) -> None:
    """Record a source as it is declared now."""
    names = [column.name for column in SourceRow.__table__.columns]
    row = {name: getattr(source, name) for name in names}
    upsert(connection, SourceRow, [row], lambda _, offered: {name: offered[name] for name in names if name != "id"})


def write_readings(connection: Connection, readings: Sequence[Reading]) -> list[Written]:
    """Store a group of readings, so that writing one twice, or in another order, leaves the same rows.

    An employer that a person's mention names becomes an organisation mention of its own on that page. The mention's
    values must be validated and minimised; its capture must be set.
    """
    groups = [list(_entries(reading)) for reading in readings]
    entries = [entry for group in groups for entry in group]
    fetched = {entry.capture_id: (entry.capture, entry.reading.run_id) for entry in reversed(entries)}
    write_captures(connection, fetched)
    _write_mentions(connection, entries)
    known, live = _standing(connection, {entry.mention_id for entry in entries})
    fresh = _write_statements(connection, entries, live)
    retired = _retire(connection, _looked_at_again(entries, known))
    return [_written(group, fresh, retired) for group in groups]


def mention_ids(mention: Mention) -> tuple[str, ...]:
    """Return the ids under which a mention is stored: those of the employers that it names, then its own."""
    capture = _capture_of(mention)
    return tuple(dict.fromkeys((*(key for key, _ in _employers(mention, capture)), _own_id(mention, capture))))


@dataclass(slots=True)
class _Entry:
    """One row of `mention` with its statements."""

    reading: Reading
    capture: Capture
    capture_id: str
    mention_id: str
    type: MentionType
    values: list[tuple[Property, Value]]
    implied: bool = False
    statements: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.statements = [statement_id(self.mention_id, prop, value) for prop, value in self.values]

    def statement_rows(self) -> Iterator[dict[str, Any]]:
        for key, (prop, value) in zip(self.statements, self.values, strict=True):
            yield {
                "id": key,
                "mention_id": self.mention_id,
                "property": prop.value,
                "employment": value.employment,
                "original": value.text,
                "normalised": value.normalised or value.text,
                "evidence": value.evidence,
                "method": value.method.value,
                "locator": value.locator,
                "confidence": value.confidence,
                "first_seen": self.capture.fetched_at,
                "last_seen": self.capture.fetched_at,
                "left_at": None,
                "retired_at": None,
                "quarantined_at": None,
                "first_capture_id": self.capture_id,
                "last_capture_id": self.capture_id,
            }


def statement_id(mention: str, prop: Property, value: Value) -> str:
    """Return the id of one value of one property in one job of a mention."""
    return content_id("statement", mention, prop, str(value.employment), value.normalised or value.text)


def capture_id(capture: Capture) -> str:
    """Return the id of one fetch: what was fetched for which source, when, and what came."""
    return content_id("capture", capture.source_id, capture.url, capture.fetched_at.isoformat(), capture.content_hash)


def _entries(reading: Reading) -> Iterator[_Entry]:
    mention = reading.mention
    capture = _capture_of(mention)
    fetch = capture_id(capture)
    for employer, value in _employers(mention, capture):
        name = Value(
            value.text, value.method, value.locator, value.confidence, value.normalised, evidence=value.evidence
        )
        yield _Entry(reading, capture, fetch, employer, MentionType.ORGANISATION, [(Property.NAME, name)], implied=True)
    yield _Entry(reading, capture, fetch, _own_id(mention, capture), mention.type, list(mention))


def _capture_of(mention: Mention) -> Capture:
    if mention.capture is None:
        raise ValueError("a mention without a capture has no receipt and cannot be stored")
    return mention.capture


def _employers(mention: Mention, capture: Capture) -> Iterator[tuple[str, Value]]:
    for value in mention.all(Property.WORKS_FOR):
        yield employer_id(capture.source_id, capture.url, value.normalised or value.text), value


def _own_id(mention: Mention, capture: Capture) -> str:
    return mention_id(capture.source_id, capture.url, mention.type, mention.text(Property.NAME), mention.ordinal)


def write_captures(connection: Connection, fetched: Mapping[str, tuple[Capture, str | None]]) -> None:
    """Store captures, by id with the run that made them, and the permissions that they were made under."""
    permissions: dict[str, dict[str, Any]] = {}
    captures: list[dict[str, Any]] = []
    for key, (capture, run_id) in fetched.items():
        receipt = _permission(capture.permission)
        permissions[receipt["id"]] = receipt
        captures.append(
            {
                "id": key,
                "source_id": capture.source_id,
                "run_id": run_id,
                "permission_id": receipt["id"],
                "url": capture.url,
                "fetched_at": capture.fetched_at,
                "content_hash": capture.content_hash,
                "status": capture.status,
                "media_type": capture.media_type,
                "etag": capture.etag,
                "last_modified": capture.last_modified,
                "rendered": capture.rendered,
            }
        )
    upsert(connection, PermissionRow, list(permissions.values()))
    upsert(connection, CaptureRow, captures)


def _permission(grant: Permission) -> dict[str, Any]:
    facts = (grant.user_agent, grant.robots_url, str(grant.robots_status), grant.robots_hash, grant.rule)
    return {
        "id": content_id("permission", *facts, *grant.signals),
        "user_agent": grant.user_agent,
        "robots_url": grant.robots_url,
        "robots_status": grant.robots_status,
        "robots_hash": grant.robots_hash,
        "rule": grant.rule,
        "signals": list(grant.signals),
    }


def _write_mentions(connection: Connection, entries: Sequence[_Entry]) -> None:
    rows: dict[str, dict[str, Any]] = {}
    for entry in entries:
        mention = entry.reading.mention
        row = rows.get(entry.mention_id)
        if row is None:
            rows[entry.mention_id] = {
                "id": entry.mention_id,
                "source_id": entry.capture.source_id,
                "type": entry.type.value,
                "url": entry.capture.url,
                "locator": mention.locator,
                "language": mention.language,
                "country": mention.country,
                "first_seen": entry.capture.fetched_at,
                "last_seen": entry.capture.fetched_at,
                "entity_id": None,
                "content": "",
                "pending": True,
            }
        else:
            row["first_seen"] = min(row["first_seen"], entry.capture.fetched_at)
            row["last_seen"] = max(row["last_seen"], entry.capture.fetched_at)
    upsert(connection, MentionRow, list(rows.values()), _merge_mention)


def _merge_mention(stored: Columns, offered: Columns) -> Mapping[str, ColumnElement[Any]]:
    return {
        "first_seen": _least(stored.first_seen, offered.first_seen),
        "last_seen": _most(stored.last_seen, offered.last_seen),
        "pending": or_(stored.pending, offered.first_seen < stored.first_seen),
    }


def _standing(connection: Connection, mentions: Collection[str]) -> tuple[set[str], set[str]]:
    """Return which of the mentions have been read before, and which of their statements are live."""
    known: set[str] = set()
    live: set[str] = set()
    for key, mention, is_live in _STANDING(connection, keys=mentions):
        known.add(mention)
        if is_live:
            live.add(key)
    return known, live


_STANDING = Keyed(
    lambda these: select(StatementRow.id, StatementRow.mention_id, StatementRow.live()).where(
        these.among(StatementRow.mention_id)
    )
)


def _write_statements(connection: Connection, entries: Sequence[_Entry], live: Collection[str]) -> set[str]:
    """Write the statements and return the ids of those that are new to the master: not there before, or not live."""
    rows: dict[str, dict[str, Any]] = {}
    for row in (row for entry in entries for row in entry.statement_rows()):
        known = rows.get(row["id"])
        rows[row["id"]] = row if known is None else _united(known, row)
    upsert(connection, StatementRow, list(rows.values()), _merge_statement)
    fresh = rows.keys() - live
    mark_pending(connection, {rows[key]["mention_id"] for key in fresh})
    return fresh


def _united(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return two readings of one statement as one: the latest and surest reading, the earliest first sight."""
    rank = ("last_seen", "confidence", "method", "locator", "original")
    latest, earlier = sorted((one, other), key=lambda row: tuple(row[key] for key in rank), reverse=True)
    first = min((one, other), key=lambda row: (row["first_seen"], row["first_capture_id"]))
    return {
        **latest,
        "confidence": max(latest["confidence"], earlier["confidence"]),
        "first_seen": first["first_seen"],
        "first_capture_id": first["first_capture_id"],
    }


def _merge_statement(stored: Columns, offered: Columns) -> Mapping[str, ColumnElement[Any]]:
    later = or_(
        offered.last_seen > stored.last_seen,
        and_(offered.last_seen == stored.last_seen, offered.last_capture_id > stored.last_capture_id),
    )
    earlier = or_(
        offered.first_seen < stored.first_seen,
        and_(offered.first_seen == stored.first_seen, offered.first_capture_id < stored.first_capture_id),
    )
    from_latest = ("original", "evidence", "method", "locator", "last_seen", "last_capture_id")
    from_earliest = ("first_seen", "first_capture_id")
    return {
        **{name: case((later, offered[name]), else_=stored[name]) for name in from_latest},
        **{name: case((earlier, offered[name]), else_=stored[name]) for name in from_earliest},
        "confidence": _most(stored.confidence, offered.confidence),
        **{
            name: case((offered.last_seen >= stored[name], None), else_=stored[name])
            for name in ("left_at", "retired_at", "quarantined_at")
        },
    }


def _looked_at_again(entries: Sequence[_Entry], known: Collection[str]) -> set[str]:
    """Return the mentions that were read before, in the store or at another time among these readings."""
    times: defaultdict[str, set[datetime]] = defaultdict(set)
    for entry in entries:
        if not entry.implied:
            times[entry.mention_id].add(entry.capture.fetched_at)
    return {mention for mention, when in times.items() if mention in known or len(when) > 1}


def _retire(connection: Connection, mentions: Collection[str]) -> Counter[str]:
    """Retire what a mention's latest capture replaces; return how much each mention lost.

    Where the page still answers the question (another title, another number), its answer counts at once. What it only
    no longer says leaves after a grace period, see `pipelines.revisits`.
    """
    if not mentions:
        return Counter()
    retired = Counter(_LEAVE(connection, keys=mentions).scalars())
    mark_pending(connection, retired)
    return retired


def _leave(these: Lists) -> Executable:
    other = aliased(StatementRow)
    seen, then = (
        select(MentionRow.last_seen).where(MentionRow.id == one.mention_id).correlate(one).scalar_subquery()
        for one in (StatementRow, other)
    )
    answered = exists().where(
        other.mention_id == StatementRow.mention_id,
        other.property == StatementRow.property,
        other.last_seen == then,
    )
    left = func.coalesce(StatementRow.left_at, seen)
    theirs = these.among(StatementRow.mention_id)
    return (
        update(StatementRow)
        .where(theirs, StatementRow.retired_at.is_(None), StatementRow.last_seen < seen, answered)
        .values(left_at=left, retired_at=left)
        .returning(StatementRow.mention_id)
    )


_LEAVE = Keyed(_leave)


def mark_pending(connection: Connection, mentions: Collection[str]) -> None:
    """Note that the statements of some mentions changed, so that the next resolution looks at them."""
    if mentions:
        _MARK_PENDING(connection, keys=mentions)


_MARK_PENDING = Keyed(
    lambda these: (
        update(MentionRow)
        .where(these.among(MentionRow.id), MentionRow.pending.is_distinct_from(True))
        .values(pending=True)
    )
)


def _written(own: Sequence[_Entry], fresh: set[str], retired: Counter[str]) -> Written:
    new = sum(key in fresh for entry in own for key in entry.statements)
    return Written(new, sum(retired[entry.mention_id] for entry in own))


def _least(one: Any, other: Any) -> ColumnElement[Any]:
    return case((other < one, other), else_=one)


def _most(one: Any, other: Any) -> ColumnElement[Any]:
    return case((other > one, other), else_=one)
