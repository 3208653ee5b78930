"""The memory of values that were deleted: reading one again does not renew how long it may be kept.

Retention counts from the first collection (Article 5(1)(e) GDPR); authorities have fined firms for which every new
reading began it anew. So a deleted value leaves a keyed hash with the day of its first collection, and no value:

- one whose retention had ended is not stored again. Only when its source has not shown it for `FORGOTTEN` is it a new
  fact, collected anew, of which the person is told anew. That is long, because a page that did not change is not read;
- one that had lost its support may come back, and counts from the day on which it was first collected.

A hash is made of source, name, property and value: two namesakes of one source who share a value share its day.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, or_, select, update

from crawler.items import Disposal, Mention, MentionType, Property, Value
from pipelines.master.answering import ExpiryRow
from pipelines.master.ids import name_key
from pipelines.master.models import SourceRow, StatementRow
from pipelines.master.statements import Reading, Written, mention_ids, statement_id, write_readings
from pipelines.master.upsert import chunks, upsert
from pipelines.rights.secret import Keyring

#: For so long a source must not have shown a value before showing it is a new collection.
FORGOTTEN = timedelta(days=1095)
#: How exactly it is known when a source last showed a value: a crawl every hour need not write every hour.
_STEP = timedelta(days=1)
ENDED = Disposal("provenance", "retention-ended", "person", "retention")


@dataclass(frozen=True, slots=True)
class Ended:
    """A value that was deleted: `final` when its retention had ended, else it had lost its support."""

    source_id: str
    name: str
    property: str
    value: str
    collected_at: datetime
    final: bool

    def hash(self, key: bytes) -> str:
        """Return its keyed hash."""
        return _hash(key, self.source_id, self.name, self.property, self.value)


def _hash(key: bytes, source_id: str, name: str, prop: str, value: str) -> str:
    text = "\x1f".join(("expiry", source_id, name_key(name), prop, value))
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


def remember(connection: Connection, keys: Keyring, ended: Collection[Ended], now: datetime) -> None:
    """Keep the hashes of values that are deleted in this transaction; the earliest collection and a final end stay."""
    first: dict[str, tuple[datetime, datetime | None]] = {}
    homes: dict[str, str] = {}
    for one in ended:
        digest = one.hash(keys.current)
        homes[digest] = one.source_id
        first[digest] = _earliest(first.get(digest), (one.collected_at, now if one.final else None))
    for chunk in chunks(homes):
        for known in connection.execute(select(ExpiryRow.__table__).where(ExpiryRow.hash.in_(chunk))):
            first[known.hash] = _earliest(first[known.hash], (known.collected_at, known.ended_at))
    rows = [
        {
            "hash": digest, "key_id": keys.id, "source_id": source_id, "collected_at": first[digest][0],
            "deleted_at": now, "ended_at": first[digest][1], "offered_at": None,
        }
        for digest, source_id in homes.items()
    ]  # fmt: skip
    names = ("collected_at", "deleted_at", "ended_at")
    upsert(connection, ExpiryRow, rows, lambda _, offered: {name: offered[name] for name in names})


def _earliest(
    one: tuple[datetime, datetime | None] | None, other: tuple[datetime, datetime | None]
) -> tuple[datetime, datetime | None]:
    """Return the earliest collection and the earliest final end of two."""
    if one is None:
        return other
    ends = [end for _, end in (one, other) if end is not None]
    return min(one[0], other[0]), min(ends, default=None)


def forget(connection: Connection, now: datetime) -> int:
    """Delete hashes that have done their work and return how many.

    Their source has not shown the value for `FORGOTTEN`, and its retention would have ended by now in any case.
    """
    gone = 0
    declared = connection.execute(select(SourceRow.id, SourceRow.retention_days))
    periods = {source_id: days for source_id, days in declared}  # noqa: C416  rows are no pairs to a type checker
    quiet = or_(
        ExpiryRow.offered_at <= now - FORGOTTEN,
        ExpiryRow.offered_at.is_(None) & (ExpiryRow.deleted_at <= now - FORGOTTEN),
    )
    for source_id in connection.scalars(select(ExpiryRow.source_id).distinct()).all():
        over = ExpiryRow.collected_at <= now - timedelta(days=periods.get(source_id, 0))
        gone += connection.execute(delete(ExpiryRow).where(ExpiryRow.source_id == source_id, quiet, over)).rowcount
    return gone


def remembers(connection: Connection, source_id: str) -> bool:
    """Return whether anything of a source was deleted: what it shows then has to be compared with the memory."""
    return bool(connection.scalar(select(exists().where(ExpiryRow.source_id == source_id))))


@dataclass(slots=True)
class Gatekeeper:
    """Writes readings of one source, less what may not be stored again; `keys` are the live secrets."""

    source_id: str
    keys: Keyring = field(repr=False)

    def write(self, connection: Connection, readings: Sequence[Reading]) -> list[Written | None]:
        """Store readings as `write_readings` does; None for one of which nothing may be stored again.

        Values whose retention has ended are taken out of the mentions. Must run where nothing else writes the source.
        """
        known = self._known(connection, readings)
        kept = [reading if self._sift(reading.mention, known) else None for reading in readings]
        written = iter(write_readings(connection, [reading for reading in kept if reading]))
        for reading in kept:
            if reading:
                self._date(connection, reading.mention, known)
        return [next(written) if reading else None for reading in kept]

    def _hashes(self, mention: Mention, prop: Property, value: Value) -> list[str]:
        name, text = mention.text(Property.NAME), value.normalised or value.text
        return [_hash(key, self.source_id, name, prop.value, text) for key in self.keys.keys]

    def _known(self, connection: Connection, readings: Sequence[Reading]) -> Mapping[str, tuple[datetime, bool]]:
        """Return hash → (first collected, final) of what the readings show, and note that it was shown."""
        shown: dict[str, datetime] = {}
        for reading in readings:
            mention = reading.mention
            if mention.type is MentionType.PERSON and mention.capture:
                for prop, value in mention:
                    shown.update(dict.fromkeys(self._hashes(mention, prop, value), mention.capture.fetched_at))
        found: dict[str, tuple[datetime, bool]] = {}
        for chunk in chunks(shown):
            for row in connection.execute(select(ExpiryRow.__table__).where(ExpiryRow.hash.in_(chunk))).all():
                found[row.hash] = (row.collected_at, row.ended_at is not None)
                at = shown[row.hash]
                if row.offered_at is None or at - row.offered_at >= _STEP:
                    connection.execute(update(ExpiryRow).where(ExpiryRow.hash == row.hash).values(offered_at=at))
        return found

    def _sift(self, mention: Mention, known: Mapping[str, tuple[datetime, bool]]) -> bool:
        """Take out of a mention what may not be stored again; False when nothing is left that says anything."""
        if mention.type is not MentionType.PERSON or not known:
            return True
        before = sum(len(values) for values in mention.values.values())
        final = {key for key, (_, over) in known.items() if over}
        if not all(final.isdisjoint(self._hashes(mention, Property.NAME, one)) for one in mention.all(Property.NAME)):
            return False
        for prop, values in list(mention.values.items()):
            mention.values[prop] = [one for one in values if final.isdisjoint(self._hashes(mention, prop, one))]
            if not mention.values[prop]:
                del mention.values[prop]
        after = sum(len(values) for values in mention.values.values())
        return after == before or bool(set(mention.values) - _NAMES)  # a name alone is no contact

    def _date(self, connection: Connection, mention: Mention, known: Mapping[str, tuple[datetime, bool]]) -> None:
        """Let values that came back count from their first collection."""
        if mention.type is not MentionType.PERSON or not known:
            return
        own = mention_ids(mention)[-1]
        for prop, value in mention:
            days = [known[key][0] for key in self._hashes(mention, prop, value) if key in known]
            if days:
                row = StatementRow.id == statement_id(own, prop, value)
                later = StatementRow.first_seen > min(days)
                connection.execute(update(StatementRow).where(row, later).values(first_seen=min(days)))


_NAMES = frozenset(
    {Property.NAME, Property.GIVEN_NAME, Property.FAMILY_NAME, Property.HONORIFIC_PREFIX, Property.HONORIFIC_SUFFIX,
     Property.ALTERNATE_NAME}
)  # fmt: skip
