"""Whose time is over: values that were kept as long as they may be, that lost their support, or whose role ended.

Periods count from the first collection, per source; people are meant, for the data of a company are nobody's (recital
14 GDPR). Whoever has had their processing restricted stays as they are (Article 18(2)), and is counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select

from crawler.items import MentionType, Property
from pipelines.master.models import EmploymentRow, MentionRow, SourceRow, StatementRow
from pipelines.master.requests import RestrictionRow
from pipelines.rights.clocks import months_after, retention_ends
from pipelines.rights.declared import Retention

#: Mentions that go in one transaction.
GROUP = 200
#: The kind of the source of what people have set right; see `pipelines.resolution.corrections`.
CORRECTION = "correction"
_WORK = (Property.JOB_TITLE.value, Property.WORKS_FOR.value)


class Reason(StrEnum):
    """Why a value goes."""

    RETENTION = "retention-ended"
    SUPPORT = "support-lost"
    ROLE = "role-ended"


@dataclass(frozen=True, slots=True)
class Going:
    """A statement whose time is over."""

    statement_id: str
    mention_id: str
    source_id: str
    name: str
    property: str
    value: str
    collected_at: datetime
    live: bool
    reason: Reason


@dataclass(slots=True)
class Due:
    """Mentions of which something goes: all of it (`whole`) or some statements; `left` are counts of what has to stay.

    `going` is every statement that goes, those of whole mentions included.
    """

    whole: set[str] = field(default_factory=set)
    partly: dict[str, list[str]] = field(default_factory=dict)
    going: list[Going] = field(default_factory=list)
    restricted: int = 0

    def reasons(self) -> Counter[str]:
        """Count the statements that go by reason."""
        return Counter(one.reason.value for one in self.going)


def due(connection: Connection, policy: Retention, now: datetime, zone: ZoneInfo) -> Iterator[Due]:
    """Yield what goes at a moment, some mentions at a time, so that each lot can be deleted before the next is read."""
    ended = _ended_roles(connection, policy, now.astimezone(zone).date(), zone)
    condition = _over(connection, policy, now)
    with connection.execute(_candidates(condition), execution_options={"yield_per": GROUP}) as candidates:
        for rows in candidates.partitions():
            yield _due(connection, [row.id for row in rows], policy, now, frozenset())
    for start in range(0, len(ended), GROUP):
        mentions = ended[start : start + GROUP]
        yield _due(connection, mentions, policy, now, frozenset(mentions))


def _over(connection: Connection, policy: Retention, now: datetime) -> ColumnElement[bool]:
    """The condition on a statement and its mention that its time may be over."""
    lost = now - timedelta(days=policy.lost_support_days)
    conditions: list[ColumnElement[bool]] = [StatementRow.retired_at <= lost, StatementRow.quarantined_at <= lost]
    by_days: dict[int, list[str]] = defaultdict(list)
    for source_id, days, kind in connection.execute(select(SourceRow.id, SourceRow.retention_days, SourceRow.kind)):
        if kind != CORRECTION:  # what a person has set right stays as long as what it sets right
            by_days[days].append(source_id)
    for days, sources in sorted(by_days.items()):
        cutoff = now - timedelta(days=days)
        conditions.append(and_(MentionRow.source_id.in_(sources), StatementRow.first_seen <= cutoff))
    known = MentionRow.source_id.in_([source for sources in by_days.values() for source in sources])
    return and_(MentionRow.type == MentionType.PERSON.value, known, or_(*conditions))


def _candidates(condition: ColumnElement[bool]) -> Select[str]:
    """Return the query for the mentions of which something may be over.

    It is read once, as its rows are asked for. Asked for a lot at a time, PostgreSQL goes through all statements for
    each of them; without the inner query, and with the index of sources in reach, SQLite does.
    """
    over = exists().where(StatementRow.mention_id == MentionRow.id, condition)
    return select(MentionRow.id).where(over).order_by(MentionRow.id)


def _ended_roles(connection: Connection, policy: Retention, today: date, zone: ZoneInfo) -> list[str]:
    """Return the mentions that state a role of people whose last role ended so many months ago."""
    query = (
        select(EmploymentRow.person_id, func.max(EmploymentRow.end))
        .group_by(EmploymentRow.person_id)
        .having(func.count() == func.count(EmploymentRow.end))
    )
    people = []
    for person, end in connection.execute(query):
        if end and months_after(end.astimezone(zone).date(), policy.ended_role_months) < today:
            people.append(person)
    found: set[str] = set()
    for start in range(0, len(people), GROUP):
        stated = select(StatementRow.mention_id).where(StatementRow.property.in_(_WORK))
        theirs = MentionRow.entity_id.in_(people[start : start + GROUP])
        found.update(connection.scalars(select(MentionRow.id).where(theirs, MentionRow.id.in_(stated))))
    return sorted(found)


def _due(
    connection: Connection, mentions: Sequence[str], policy: Retention, now: datetime, ended: Collection[str]
) -> Due:
    found = Due()
    restricted = set(
        connection.scalars(select(RestrictionRow.mention_id).where(RestrictionRow.mention_id.in_(mentions)))
    )
    rows: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(_statements(mentions)):
        rows[row.mention_id].append(row)
    for mention in mentions:
        name = next((row.normalised for row in rows[mention] if row.property == Property.NAME.value), "")
        going = [
            Going(row.id, mention, row.source_id, name, row.property, row.normalised, row.first_seen, row.live, reason)
            for row in rows[mention]
            if (reason := _reason(row, policy, now, role_ended=mention in ended))
        ]
        if mention in restricted:
            found.restricted += bool(going)
        elif going:
            _settle(found, mention, rows[mention], going)
    return found


def _settle(found: Due, mention: str, rows: Sequence[Row[Any]], going: list[Going]) -> None:
    """Decide whether a mention goes whole: a name that goes takes everything along that was said under it."""
    gone = {one.statement_id for one in going}
    names = {row.id for row in rows if row.property == Property.NAME.value}
    if names <= gone:
        reason = next(one.reason for one in going if one.statement_id in names) if names else going[0].reason
        found.whole.add(mention)
        going += [
            Going(
                row.id, mention, row.source_id, going[0].name, row.property, row.normalised, row.first_seen, row.live,
                reason,
            )
            for row in rows
            if row.id not in gone
        ]  # fmt: skip
    else:
        found.partly[mention] = sorted(gone)
    found.going += going


def _reason(row: Row[Any], policy: Retention, now: datetime, *, role_ended: bool) -> Reason | None:
    if retention_ends(row.first_seen, row.retention_days) <= now:
        return Reason.RETENTION
    lost = timedelta(days=policy.lost_support_days)
    if any(since is not None and since + lost <= now for since in (row.retired_at, row.quarantined_at)):
        return Reason.SUPPORT
    return Reason.ROLE if role_ended else None


def _statements(mentions: Sequence[str]):  # type: ignore[no-untyped-def]  # a Select of ten columns has no type worth reading
    return (
        select(
            StatementRow.id,
            StatementRow.mention_id,
            MentionRow.source_id,
            SourceRow.retention_days,
            StatementRow.property,
            StatementRow.normalised,
            StatementRow.first_seen,
            StatementRow.retired_at,
            StatementRow.quarantined_at,
            StatementRow.live().label("live"),
        )
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .join(SourceRow, SourceRow.id == MentionRow.source_id)
        .where(StatementRow.mention_id.in_(mentions))
        .order_by(StatementRow.mention_id, StatementRow.retired_at.is_not(None), StatementRow.id)
    )
