"""How much stands in the store, what was not kept, and whether the master changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from pipelines.master.models import (
    Base,
    CaptureRow,
    DisposalRow,
    EmploymentRow,
    JudgementRow,
    MasterValueRow,
    MentionRow,
    OrganisationRow,
    PersonRow,
    SourceRow,
    StatementRow,
)

#: Stages in the order in which a mention passes them.
_STAGES = ("extraction", "validate", "minimise", "suppress")


@dataclass(frozen=True, slots=True)
class Totals:
    """Row counts. `pages` are distinct URLs, `merged` the mentions that joined another one in a master row."""

    sources: int
    pages: int
    mentions: int
    statements: int
    people: int
    organisations: int
    merged_people: int
    merged_organisations: int
    judgements: int


@dataclass(frozen=True, slots=True)
class NotKept:
    """How often a rule did not keep something, over all hosts and runs asked about."""

    stage: str
    category: str
    location: str
    rule: str
    action: str
    count: int


def totals(connection: Connection) -> Totals:
    """Count what stands in the store now."""
    people, organisations = _rows(connection, PersonRow), _rows(connection, OrganisationRow)
    return Totals(
        sources=_rows(connection, SourceRow),
        pages=connection.scalar(select(func.count(CaptureRow.url.distinct()))) or 0,
        mentions=_rows(connection, MentionRow),
        statements=connection.scalar(select(func.count(StatementRow.id)).where(StatementRow.live())) or 0,
        people=people,
        organisations=organisations,
        merged_people=(connection.scalar(select(func.sum(PersonRow.mentions))) or 0) - people,
        merged_organisations=(connection.scalar(select(func.sum(OrganisationRow.mentions))) or 0) - organisations,
        judgements=connection.scalar(select(func.count(JudgementRow.id)).where(JudgementRow.superseded_at.is_(None)))
        or 0,
    )


def not_kept(connection: Connection, runs: Collection[str] | None = None) -> list[NotKept]:
    """Return what was not kept, by stage in order and then by count; of some runs, or of all."""
    key = (DisposalRow.stage, DisposalRow.category, DisposalRow.location, DisposalRow.rule, DisposalRow.action)
    query = select(*key, func.sum(DisposalRow.count)).group_by(*key)
    if runs is not None:
        query = query.where(DisposalRow.run_id.in_(runs))
    found = [NotKept(*row) for row in connection.execute(query)]
    return sorted(found, key=lambda one: (_place(one.stage), -one.count, one.category, one.location, one.rule))


def fingerprint(connection: Connection) -> str:
    """Return a hash over every master row: two equal ones mean that nothing was added and nothing changed."""
    digest = hashlib.sha256()
    for table in (PersonRow, OrganisationRow, EmploymentRow, MasterValueRow):
        query = select(table.__table__).order_by(*table.__mapper__.primary_key)
        for row in connection.execute(query.execution_options(yield_per=1000)):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _rows(connection: Connection, table: type[Base]) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _place(stage: str) -> int:
    return _STAGES.index(stage) if stage in _STAGES else len(_STAGES)
