"""Source by source: each is read through its own mentions, so that the first line comes at once from any store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from crawler.extensions.outcome import Finding
from crawler.items import MentionType, Property
from crawler.schedule import VERIFY_DAYS, schedule
from crawler.sources import SourceRegister
from pipelines.master.models import (
    CorrectionRow,
    DisposalRow,
    MasterValueRow,
    MentionRow,
    RunRow,
    SourceRow,
    StatementRow,
)
from pipelines.reports.quality.figures import CONFIDENCES, DAYS, LastRun, Read, SourceLine, Stated
from pipelines.reports.quality.holdings import BAD

_PERSON = MentionRow.type == MentionType.PERSON.value
_ENTITIES = func.count(MentionRow.entity_id.distinct())
_ORDER = {prop.value: number for number, prop in enumerate(Property)}


@dataclass(frozen=True, slots=True)
class Clock:
    """After how many days a source's own clocks would have confirmed a value or withdrawn it; None where none runs."""

    register: SourceRegister | None

    def days(self, source_id: str, kind: str) -> int | None:
        """Return `verify_days` and `unreachable_days` together.

        A page is asked for again after the first, and a page that does not answer loses its values after the second: a
        value that nobody has seen for longer has not been looked for. A file is never asked for again.
        """
        declared = self.register.sources.get(source_id) if self.register else None
        if (declared and declared.acquisition) or kind not in VERIFY_DAYS:
            return None
        times = declared.revisit if declared else schedule(kind, {})
        return times.verify_days + times.unreachable_days


def sources(
    connection: Connection, source_id: str, register: SourceRegister | None, now: datetime
) -> Iterator[SourceLine]:
    """Yield what each source is worth, in the order of their ids; one of them when `source_id` names it."""
    clock = Clock(register)
    declared = select(SourceRow.id, SourceRow.kind, SourceRow.publisher).order_by(SourceRow.id)
    if source_id:
        declared = declared.where(SourceRow.id == source_id)
    for row in connection.execute(declared).all():
        yield _line(connection, row, clock.days(row.id, row.kind), now)


def _line(connection: Connection, row: Any, bound: int | None, now: datetime) -> SourceLine:
    own = MentionRow.source_id == row.id
    held = dict(connection.execute(select(MentionRow.type, _ENTITIES).where(own).group_by(MentionRow.type)).all())
    ages, stale = _ages(connection, own, bound, now)
    methods, standing = _values(connection, own)
    corrected = (
        select(func.count()).select_from(CorrectionRow).join(MentionRow, MentionRow.id == CorrectionRow.mention_id)
    )
    return SourceLine(
        id=row.id,
        kind=row.kind,
        publisher=row.publisher,
        people=held.get(MentionType.PERSON.value, 0),
        organisations=held.get(MentionType.ORGANISATION.value, 0),
        stated=_stated(connection, own),
        ages=ages,
        bound=bound,
        stale=stale,
        values=sum(method.values for method in methods),
        silent=standing["silent"],
        retired=standing["retired"],
        quarantined=standing["quarantined"],
        corrected=connection.scalar(corrected.where(own, CorrectionRow.withdrawn_at.is_(None))) or 0,
        rejected=_rejected(connection, row.id),
        methods=methods,
        last=_last(connection, row.id),
    )


def _stated(connection: Connection, own: ColumnElement[bool]) -> list[Stated]:
    """Count by property the people of whom a source says something, who agrees with it, and what the master prefers."""
    at_value = and_(
        MasterValueRow.entity_id == MentionRow.entity_id,
        MasterValueRow.property == StatementRow.property,
        MasterValueRow.value == StatementRow.normalised,
    )
    backed = case((MasterValueRow.support > 1, MentionRow.entity_id))
    first = case((MasterValueRow.rank == 0, MentionRow.entity_id))
    query = (
        select(StatementRow.property, _ENTITIES, func.count(backed.distinct()), func.count(first.distinct()))
        .select_from(MentionRow)
        .join(StatementRow, StatementRow.mention_id == MentionRow.id)
        .outerjoin(MasterValueRow, at_value)
        .where(own, _PERSON, StatementRow.live())
        .group_by(StatementRow.property)
    )
    found = [Stated(prop, people, agreed, people - best) for prop, people, agreed, best in connection.execute(query)]
    return sorted(found, key=lambda one: _ORDER.get(one.property, len(_ORDER)))


def _ages(connection: Connection, own: ColumnElement[bool], bound: int | None, now: datetime) -> tuple[list[int], int]:
    """Count the people of a source by days since it last showed them, and those whom it should have shown by now."""
    seen = (
        select(func.max(MentionRow.last_seen).label("at"))
        .where(own, _PERSON, MentionRow.entity_id.is_not(None))
        .group_by(MentionRow.entity_id)
        .subquery()
    )
    within = [func.count(case((seen.c.at > now - timedelta(days=days), 1))) for days in DAYS]
    beyond = func.count(case((seen.c.at < now - timedelta(days=bound), 1))) if bound is not None else func.min(0)
    *counts, whole, stale = connection.execute(select(*within, func.count(), beyond).select_from(seen)).one()
    return [counts[0], *(more - less for less, more in pairwise((*counts, whole)))], stale or 0


def _values(connection: Connection, own: ColumnElement[bool]) -> tuple[list[Read], Mapping[str, int]]:
    """Count the live values of a source by method and confidence, and those that its pages no longer stand for."""
    live = StatementRow.live()
    sure = [func.count(case((and_(live, StatementRow.confidence >= bound), 1))) for bound in CONFIDENCES]
    query = (
        select(
            StatementRow.method,
            func.count(case((live, 1))),
            func.coalesce(func.sum(case((live, StatementRow.confidence))), 0.0),
            func.count(case((and_(live, StatementRow.left_at.is_not(None)), 1))),
            func.count(StatementRow.retired_at),
            func.count(StatementRow.quarantined_at),
            *sure,
        )
        .select_from(MentionRow)
        .join(StatementRow, StatementRow.mention_id == MentionRow.id)
        .where(own)
        .group_by(StatementRow.method)
        .order_by(StatementRow.method)
    )
    methods = []
    standing = {"silent": 0, "retired": 0, "quarantined": 0}
    for method, values, total, silent, retired, quarantined, *over in connection.execute(query):
        for name, count in zip(standing, (silent, retired, quarantined), strict=True):
            standing[name] += count
        bands = [less - more for less, more in pairwise((values, *over, 0))]
        if values:
            methods.append(Read(method, values, bands, float(total)))
    return methods, standing


def _rejected(connection: Connection, source_id: str) -> dict[str, int]:
    """Count what was no good reading, by rule, over all runs of a source."""
    query = (
        select(DisposalRow.rule, func.sum(DisposalRow.count))
        .join(RunRow, RunRow.id == DisposalRow.run_id)
        .where(RunRow.source_id == source_id, DisposalRow.category.in_(BAD))
        .group_by(DisposalRow.rule)
    )
    found = {rule: int(count) for rule, count in connection.execute(query)}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _last(connection: Connection, source_id: str) -> LastRun | None:
    query = (
        select(RunRow.started_at, RunRow.outcome, RunRow.spider, RunRow.counts)
        .where(RunRow.source_id == source_id, RunRow.ended_at.is_not(None))
        .order_by(RunRow.started_at.desc(), RunRow.id)
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    findings = tuple(str(Finding(**found)) for found in row.counts.get("findings", ()))
    return LastRun(row.started_at, row.outcome, row.spider, findings)
