"""Writing what was read: captures with their permission receipts, mentions, statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, or_, select, update

from crawler.items import Capture, Mention, MentionType, Permission, Property, Source, Value
from pipelines.master.ids import content_id, employer_id, mention_id
from pipelines.master.keyed import Keyed
from pipelines.master.models import CaptureRow, MentionRow, PermissionRow, SourceRow, StatementRow
from pipelines.master.sightings import Change, Row, Sight, Stored, changed, united
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
    entries: defaultdict[str, list[_Entry]] = defaultdict(list)
    for entry in (entry for group in groups for entry in group):
        entries[entry.mention_id].append(entry)
    fetched = {entry.sight.capture_id: (entry.capture, entry.reading.run_id) for group in groups for entry in group}
    write_captures(connection, fetched)
    mentions = [_mention_row(found) for found in entries.values()]
    upsert(connection, MentionRow, mentions, _merge_mention)  # from here on nobody else writes these mentions
    stored = _stored(connection, entries)
    changes = {key: _change(found, stored.get(key)) for key, found in entries.items()}
    upsert(connection, StatementRow, [row for change in changes.values() for row in change.rows], _as_offered)
    later = [row for row in mentions if (known := stored.get(row["id"])) and _sight(row) > known.sight]
    upsert(connection, MentionRow, later, _merge_sight)
    mark_pending(connection, {key for key, change in changes.items() if change.fresh or change.retired})
    return [_written(group, changes) for group in groups]


def mention_ids(mention: Mention) -> tuple[str, ...]:
    """Return the ids under which a mention is stored: those of the employers that it names, then its own."""
    capture = _capture_of(mention)
    return tuple(dict.fromkeys((*(key for key, _ in _employers(mention, capture)), _own_id(mention, capture))))


@dataclass(slots=True)
class _Entry:
    """One row of `mention` with its statements, as one reading has them."""

    reading: Reading
    capture: Capture
    sight: Sight
    mention_id: str
    type: MentionType
    values: list[tuple[Property, Value]]
    implied: bool = False
    statements: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.statements = [statement_id(self.mention_id, prop, value) for prop, value in self.values]

    def statement_rows(self) -> Iterator[dict[str, Any]]:
        at, capture = self.sight
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
                "first_seen": at,
                "last_seen": at,
                "left_at": None,
                "retired_at": None,
                "quarantined_at": None,
                "first_capture_id": capture,
                "last_capture_id": capture,
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
    sight = Sight(capture.fetched_at, capture_id(capture))
    for employer, value in _employers(mention, capture):
        name = Value(
            value.text, value.method, value.locator, value.confidence, value.normalised, evidence=value.evidence
        )
        yield _Entry(reading, capture, sight, employer, MentionType.ORGANISATION, [(Property.NAME, name)], implied=True)
    yield _Entry(reading, capture, sight, _own_id(mention, capture), mention.type, list(mention))


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


def _mention_row(entries: Sequence[_Entry]) -> dict[str, Any]:
    """Return the row of a mention, as some readings have it."""
    first = entries[0]
    last = max(entry.sight for entry in entries)
    return {
        "id": first.mention_id,
        "source_id": first.capture.source_id,
        "type": first.type.value,
        "url": first.capture.url,
        "locator": first.reading.mention.locator,
        "language": first.reading.mention.language,
        "country": first.reading.mention.country,
        "first_seen": min(entry.sight.at for entry in entries),
        "last_seen": last.at,
        "last_capture_id": last.capture_id,
        "entity_id": None,
        "content": "",
        "pending": True,
    }


def _merge_mention(stored: Columns, offered: Columns) -> Mapping[str, ColumnElement[Any]]:
    earlier = offered.first_seen < stored.first_seen
    return {
        "first_seen": case((earlier, offered.first_seen), else_=stored.first_seen),
        "pending": or_(stored.pending, earlier),
    }


def _merge_sight(_: Columns, offered: Columns) -> Mapping[str, ColumnElement[Any]]:
    return {"last_seen": offered.last_seen, "last_capture_id": offered.last_capture_id}


def _sight(row: Mapping[str, Any]) -> Sight:
    return Sight(row["last_seen"], row["last_capture_id"])


_STATEMENT = tuple(column.name for column in StatementRow.__table__.columns)
_STATED = Keyed(lambda these: select(StatementRow.__table__).where(these.among(StatementRow.mention_id)))
_SEEN = Keyed(
    lambda these: select(MentionRow.id, MentionRow.last_seen, MentionRow.last_capture_id).where(
        these.among(MentionRow.id)
    )
)


def _stored(connection: Connection, mentions: Collection[str]) -> dict[str, Stored]:
    """Return those of the mentions of which something is stored."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for values in _STATED(connection, keys=mentions):
        row = dict(zip(_STATEMENT, values, strict=True))
        rows[row["mention_id"]].append(row)
    seen = _SEEN(connection, keys=rows) if rows else ()
    return {key: Stored(Sight(at, capture), rows[key]) for key, at, capture in seen}


def _change(entries: Sequence[_Entry], stored: Stored | None) -> Change:
    offered: dict[str, Row] = {}
    for row in (row for entry in entries for row in entry.statement_rows()):
        known = offered.get(row["id"])
        offered[row["id"]] = row if known is None else united(known, row)
    times = {entry.sight.at for entry in entries if not entry.implied}
    latest = max(entry.sight for entry in entries)
    return changed(stored, latest, offered, looked_at=bool(times) and (stored is not None or len(times) > 1))


def _as_offered(_: Columns, offered: Columns) -> Mapping[str, ColumnElement[Any]]:
    return {name: offered[name] for name in _MOVING}


#: What readings change of a statement that is there.
_MOVING = (
    "original", "evidence", "method", "locator", "confidence", "first_seen", "last_seen", "left_at", "retired_at",
    "quarantined_at", "first_capture_id", "last_capture_id",
)  # fmt: skip


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


def _written(own: Sequence[_Entry], changes: Mapping[str, Change]) -> Written:
    new = sum(key in changes[entry.mention_id].fresh for entry in own for key in entry.statements)
    return Written(new, sum(changes[entry.mention_id].retired for entry in own))
