"""Where every value of the master came from: the store, read as what an analyst asks for.

Entities come in name order and in groups, so that a report over a large store needs little memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select
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
from pipelines.reports.entities import Decision, Entity, Job, Reason, Receipt, ReportedValue, Statement

#: Entities that are read at a time: a few queries for each group in place of a few for each entity.
_GROUP = 200
_TABLES: dict[MentionType, type[PersonRow] | type[OrganisationRow]] = {
    MentionType.PERSON: PersonRow,
    MentionType.ORGANISATION: OrganisationRow,
}
_ORDER = {prop.value: place for place, prop in enumerate(Property)}


def entities(
    connection: Connection,
    entity_id: str = "",
    source_id: str = "",
    *,
    kind: MentionType | None = None,
    limit: int | None = None,
) -> Iterator[Entity]:
    """Yield the people, then the organisations, by name.

    When asked only one of them, only what a source supports, only one type, and at most `limit` of each type.
    """
    for one in [kind] if kind else _TABLES:
        table = _TABLES[one]
        query: Select[Any] = select(table).where(*_wanted(table, entity_id, source_id))
        query = query.order_by(table.name, table.id).limit(limit).execution_options(yield_per=_GROUP)
        for group in Session(connection).scalars(query).partitions():
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
    at_value = and_(
        MasterValueRow.entity_id == MentionRow.entity_id,
        MasterValueRow.property == StatementRow.property,
        MasterValueRow.value == StatementRow.normalised,
    )
    query = (
        select(MentionRow.entity_id, MasterValueRow.rank, StatementRow, CaptureRow, PermissionRow)
        .select_from(StatementRow)
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .outerjoin(MasterValueRow, at_value)
        .join(CaptureRow, CaptureRow.id == StatementRow.last_capture_id)
        .join(PermissionRow, PermissionRow.id == CaptureRow.permission_id)
        .where(MentionRow.entity_id.in_(by_id))
        .order_by(CaptureRow.url, CaptureRow.fetched_at, CaptureRow.id, StatementRow.id)
    )
    numbers: dict[tuple[str, str], int] = {}
    found: dict[tuple[str, str, str], tuple[int | None, list[Statement]]] = {}
    for entity_id, rank, statement, capture, permission in Session(connection).execute(query):
        entity = by_id[entity_id or ""]
        number = numbers.get((entity.id, capture.id))
        if number is None:
            number = numbers[entity.id, capture.id] = len(entity.receipts) + 1
            entity.receipts.append(_receipt(number, capture, permission))
        key = (entity.id, statement.property, statement.normalised)
        found.setdefault(key, (rank, []))[1].append(_statement(number, statement))
    for (owner, prop, value), (place, statements) in found.items():
        by_id[owner].values.append(ReportedValue(prop, value, place, statements))
    for entity in by_id.values():
        _rank_current_job_first(entity)
        entity.values.sort(key=lambda one: (_ORDER.get(one.property, 99), one.rank is None, one.rank or 0, one.value))


def _rank_current_job_first(entity: Entity) -> None:
    """Give rank 0 to the title and the employer of the master row, which are those of the current job together."""
    current = {Property.JOB_TITLE.value: entity.job_title, Property.WORKS_FOR.value: entity.works_for}
    for index, value in enumerate(entity.values):
        if value.rank is not None and (chosen := current.get(value.property)):
            entity.values[index] = replace(value, rank=0 if value.value == chosen else value.rank + 1)


def _receipt(number: int, capture: CaptureRow, permission: PermissionRow) -> Receipt:
    return Receipt(
        number=number,
        url=capture.url,
        fetched_at=capture.fetched_at,
        status=capture.status,
        media_type=capture.media_type,
        rendered=capture.rendered,
        content_hash=capture.content_hash,
        source=capture.source_id,
        robots_url=permission.robots_url,
        robots_status=permission.robots_status,
        robots_hash=permission.robots_hash,
        rule=permission.rule,
        signals=[str(signal) for signal in permission.signals],
        user_agent=permission.user_agent,
    )


def _statement(receipt: int, row: StatementRow) -> Statement:
    return Statement(
        id=row.id,
        receipt=receipt,
        original=row.original,
        evidence=row.evidence,
        method=row.method,
        locator=row.locator,
        confidence=row.confidence,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        retired_at=row.retired_at,
    )


def _add_jobs(connection: Connection, by_id: Mapping[str, Entity]) -> None:
    query = (
        select(EmploymentRow)
        .where(EmploymentRow.person_id.in_(by_id))
        .order_by(EmploymentRow.current.desc(), EmploymentRow.start.desc(), EmploymentRow.id)
    )
    for row in Session(connection).scalars(query):
        by_id[row.person_id].jobs.append(Job(row.job_title, row.works_for, row.start, row.end, row.current))


def _add_decisions(connection: Connection, by_id: Mapping[str, Entity]) -> None:
    """Add the live judgements that touch an entity, merges first, the surest first."""
    left, right = aliased(MentionRow), aliased(MentionRow)
    query = (
        select(JudgementRow, left.entity_id, left.url, right.entity_id, right.url)
        .join(left, left.id == JudgementRow.left_id)
        .join(right, right.id == JudgementRow.right_id)
        .where(JudgementRow.superseded_at.is_(None))
        .where(or_(left.entity_id.in_(by_id), right.entity_id.in_(by_id)))
        .order_by(JudgementRow.probability.desc(), JudgementRow.id)
    )
    for row, left_id, left_url, right_id, right_url in Session(connection).execute(query):
        for own, other in {(left_id, right_id), (right_id, left_id)}:
            if own is not None and own in by_id:
                by_id[own].decisions.append(_decision(row, (left_url, right_url), other if other != own else ""))
    for entity in by_id.values():
        entity.decisions.sort(key=lambda decision: not decision.joined)


def _decision(row: JudgementRow, pages: tuple[str, str], other: str | None) -> Decision:
    return Decision(
        verdict=row.verdict,
        joined=other == "",
        probability=row.probability,
        bits=row.bits,
        reasons=[
            Reason(str(reason["sentence"]), float(reason.get("bits", 0)), str(reason.get("rule", "")))
            for reason in row.reasons
        ],
        by=row.by,
        human=row.human,
        made_at=row.made_at,
        pages=pages,
        other=other or "",
        id=row.id,
        mentions=(row.left_id, row.right_id),
    )
