"""Where every value of the master came from: the store, read as what an analyst asks for.

Entities come in name order and in groups, so that a report over a large store needs little memory.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from crawler.items import MentionType, Property
from pipelines.master.models import (
    CaptureRow,
    EmploymentRow,
    JudgementRow,
    MasterValueRow,
    MentionRow,
    OrganisationRow,
    PermissionRow,
    PersonRow,
    StatementRow,
)
from pipelines.master.upsert import chunks
from pipelines.reports.entities import Decision, Entity, Job, Reason, Receipt, ReportedValue, Statement

#: Entities that are read at a time: a few queries for each group in place of a few for each entity.
_GROUP = 200
_TABLES: dict[MentionType, type[PersonRow] | type[OrganisationRow]] = {
    MentionType.PERSON: PersonRow,
    MentionType.ORGANISATION: OrganisationRow,
}
_ORDER = {prop.value: place for place, prop in enumerate(Property)}
# Columns in place of rows of the mapper: half the time of a report went into making objects of the latter.
_STATEMENT: tuple[Any, ...] = (
    MentionRow.entity_id, MasterValueRow.rank, StatementRow.id, StatementRow.property, StatementRow.normalised,
    StatementRow.original, StatementRow.evidence,
    StatementRow.method, StatementRow.locator, StatementRow.confidence, StatementRow.first_seen,
    StatementRow.seen().label("seen"), StatementRow.retired_at, StatementRow.shown_by().label("shown_by"),
)  # fmt: skip
_CAPTURE = (
    CaptureRow.url, CaptureRow.fetched_at, CaptureRow.id, CaptureRow.status, CaptureRow.media_type,
    CaptureRow.rendered, CaptureRow.content_hash, CaptureRow.source_id, PermissionRow.robots_url,
    PermissionRow.robots_status, PermissionRow.robots_hash, PermissionRow.rule, PermissionRow.signals,
    PermissionRow.user_agent,
)  # fmt: skip
_JUDGEMENT = (
    JudgementRow.id, JudgementRow.verdict, JudgementRow.probability, JudgementRow.bits, JudgementRow.reasons,
    JudgementRow.by, JudgementRow.human, JudgementRow.made_at, JudgementRow.left_id, JudgementRow.right_id,
)  # fmt: skip


def entities(
    connection: Connection,
    entity_id: str = "",
    source_id: str = "",
    *,
    kind: MentionType | None = None,
    limit: int | None = None,
) -> Generator[Entity, None, None]:
    """Yield the people, then the organisations, by name.

    When asked only one of them, only what a source supports, only one type, and at most `limit` of each type.
    """
    for one in [kind] if kind else _TABLES:
        table = _TABLES[one]
        query: Select[Any] = select(table).where(*_wanted(table, entity_id, source_id))
        query = query.order_by(table.name, table.id).limit(limit).execution_options(yield_per=_GROUP)
        with closing(Session(connection).scalars(query)) as found:
            for group in found.partitions():
                yield from _filled(connection, [_entity(one, row) for row in group])


def count(connection: Connection, kind: MentionType, entity_id: str = "", source_id: str = "") -> int:
    """Return how many entities `entities` would yield without a limit."""
    table = _TABLES[kind]
    query = select(func.count()).select_from(table).where(*_wanted(table, entity_id, source_id))
    return connection.scalar(query) or 0


def _entity(kind: MentionType, row: PersonRow | OrganisationRow) -> Entity:
    title, employer = (row.job_title, row.works_for) if isinstance(row, PersonRow) else ("", "")
    return Entity(row.id, kind, row.name, row.mentions, row.first_seen, title, employer)


def _wanted(
    table: type[PersonRow] | type[OrganisationRow], entity_id: str, source_id: str
) -> Iterator[ColumnElement[bool]]:
    if entity_id:
        yield table.id == entity_id
    if source_id:
        yield table.id.in_(select(MentionRow.entity_id).where(MentionRow.source_id == source_id))


def _filled(connection: Connection, group: list[Entity]) -> list[Entity]:
    by_id = {entity.id: entity for entity in group}
    _add_values(connection, by_id)
    _add_jobs(connection, by_id)
    _add_decisions(connection, by_id)
    return group


def _add_values(connection: Connection, by_id: Mapping[str, Entity]) -> None:
    """Add each value with the statements behind it: master values by rank, then what no live page shows any more."""
    stated = connection.execute(_stated(by_id)).all()
    captures = _captures(connection, {row.shown_by for row in stated})
    rows = sorted(stated, key=lambda row: (*captures[row.shown_by][:3], row.id))
    numbers: dict[tuple[str, str], int] = {}
    found: dict[tuple[str, str, str], tuple[int | None, list[Statement]]] = {}
    for row in rows:
        entity = by_id[row.entity_id]
        number = numbers.get((entity.id, row.shown_by))
        if number is None:
            number = numbers[entity.id, row.shown_by] = len(entity.receipts) + 1
            entity.receipts.append(_receipt(number, captures[row.shown_by]))
        key = (entity.id, row.property, row.normalised)
        found.setdefault(key, (row.rank, []))[1].append(_statement(number, row))
    for (owner, prop, value), (place, statements) in found.items():
        by_id[owner].values.append(ReportedValue(prop, value, place, statements))
    for entity in by_id.values():
        _rank_current_job_first(entity)
        entity.values.sort(key=lambda one: (_ORDER.get(one.property, 99), one.rank is None, one.rank or 0, one.value))


def _stated(entities: Iterable[str]) -> Select[Any]:
    at_value = and_(
        MasterValueRow.entity_id == MentionRow.entity_id,
        MasterValueRow.property == StatementRow.property,
        MasterValueRow.value == StatementRow.normalised,
    )
    query: Select[Any] = select(*_STATEMENT)
    return (
        query.select_from(StatementRow)
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .outerjoin(MasterValueRow, at_value)
        .where(MentionRow.entity_id.in_(entities))
    )


def _captures(connection: Connection, wanted: Collection[str]) -> dict[str, Any]:
    """Return captures with their permissions, by id; a page shows ten people, so they are read once for a group."""
    found: dict[str, Any] = {}
    query = select(*_CAPTURE).join(PermissionRow, PermissionRow.id == CaptureRow.permission_id)
    for chunk in chunks(sorted(wanted)):
        found.update((row.id, row) for row in connection.execute(query.where(CaptureRow.id.in_(chunk))))
    return found


def _rank_current_job_first(entity: Entity) -> None:
    """Give rank 0 to the title and the employer of the master row, which are those of the current job together."""
    current = {Property.JOB_TITLE.value: entity.job_title, Property.WORKS_FOR.value: entity.works_for}
    for index, value in enumerate(entity.values):
        if value.rank is not None and (chosen := current.get(value.property)):
            entity.values[index] = replace(value, rank=0 if value.value == chosen else value.rank + 1)


def _receipt(number: int, row: Any) -> Receipt:
    return Receipt(
        number=number,
        url=row.url,
        fetched_at=row.fetched_at,
        status=row.status,
        media_type=row.media_type,
        rendered=row.rendered,
        content_hash=row.content_hash,
        source=row.source_id,
        robots_url=row.robots_url,
        robots_status=row.robots_status,
        robots_hash=row.robots_hash,
        rule=row.rule,
        signals=[str(signal) for signal in row.signals],
        user_agent=row.user_agent,
    )


def _statement(receipt: int, row: Any) -> Statement:
    return Statement(
        id=row.id,
        receipt=receipt,
        original=row.original,
        evidence=row.evidence,
        method=row.method,
        locator=row.locator,
        confidence=row.confidence,
        first_seen=row.first_seen,
        last_seen=row.seen,
        retired_at=row.retired_at,
    )


def _add_jobs(connection: Connection, by_id: Mapping[str, Entity]) -> None:
    query = (
        select(EmploymentRow)
        .where(EmploymentRow.person_id.in_(by_id))
        .order_by(EmploymentRow.current.desc(), EmploymentRow.start.desc(), EmploymentRow.id)
    )
    for row in Session(connection).scalars(query):
        job = Job(row.job_title, row.works_for, row.start, row.end, row.current, row.organisation_id)
        by_id[row.person_id].jobs.append(job)


def _add_decisions(connection: Connection, by_id: Mapping[str, Entity]) -> None:
    """Add the live judgements that touch an entity, merges first, the surest first."""
    found: dict[str, tuple[Any, ...]] = {}
    for side in (0, 1):  # an "or" over both sides would read every judgement of the store
        found.update((row[0], row) for row in connection.execute(_judged(by_id, side)))
    for row in sorted(found.values(), key=lambda one: (-one[2], one[0])):
        left_id, left_url, right_id, right_url = row[-4:]
        for own, other in {(left_id, right_id), (right_id, left_id)}:
            if own is not None and own in by_id:
                decision = _decision(row, (left_url, right_url), other if other != own else "")
                by_id[own].decisions.append(decision)
    for entity in by_id.values():
        entity.decisions.sort(key=lambda decision: not decision.joined)


def _judged(entities: Iterable[str], side: int) -> Select[Any]:
    left, right = aliased(MentionRow), aliased(MentionRow)
    query: Select[Any] = select(*_JUDGEMENT, left.entity_id, left.url, right.entity_id, right.url)
    return (
        query.select_from(JudgementRow)
        .join(left, left.id == JudgementRow.left_id)
        .join(right, right.id == JudgementRow.right_id)
        .where(JudgementRow.superseded_at.is_(None), (left, right)[side].entity_id.in_(entities))
    )


def _decision(row: Sequence[Any], pages: tuple[str, str], other: str | None) -> Decision:
    identity, verdict, probability, bits, reasons, by, human, made_at, left_id, right_id, *_ = row
    return Decision(
        verdict=verdict,
        joined=other == "",
        probability=probability,
        bits=bits,
        reasons=[
            Reason(str(reason["sentence"]), float(reason.get("bits", 0)), str(reason.get("rule", "")))
            for reason in reasons
        ],
        by=by,
        human=human,
        made_at=made_at,
        pages=pages,
        other=other or "",
        id=identity,
        mentions=(left_id, right_id),
    )
