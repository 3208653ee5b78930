"""What the master holds, property by property, and what was no valid value or was set right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from crawler.items import MentionType, Property
from pipelines.master.models import (
    CorrectionRow,
    DisposalRow,
    MasterValueRow,
    MentionRow,
    OrganisationRow,
    PersonRow,
    RunRow,
    StatementRow,
)
from pipelines.reports.quality.figures import Corrected, Held, Rejected

_ORDER = {prop.value: number for number, prop in enumerate(Property)}
_TABLES: dict[MentionType, type[PersonRow] | type[OrganisationRow]] = {
    MentionType.PERSON: PersonRow,
    MentionType.ORGANISATION: OrganisationRow,
}
#: What was not kept because it was no good reading; what the law or the house leaves out is the compliance report's.
BAD = ("invalid", "unreadable", "too-large", "error")


def count(connection: Connection, kind: MentionType, source_id: str) -> int:
    """Count the entries of a type, or those that a source speaks of."""
    table = _TABLES[kind]
    return connection.scalar(select(func.count()).select_from(table).where(*_spoken_of(table, source_id))) or 0


def reachable(connection: Connection, source_id: str) -> int:
    """Count the people with an e-mail address or a telephone number."""
    reached = or_(PersonRow.email != "", PersonRow.telephone != "")
    query = select(func.count()).select_from(PersonRow).where(reached, *_spoken_of(PersonRow, source_id))
    return connection.scalar(query) or 0


def held(connection: Connection, kind: MentionType, source_id: str, entities: int) -> list[Held]:
    """Count by property the entries of a type that have it, by how many voices, and those that have several."""
    table = _TABLES[kind]
    first = MasterValueRow.rank == 0
    query = (
        select(
            MasterValueRow.property,
            func.count(case((first, 1))),
            func.count(case((and_(first, MasterValueRow.support > 1), 1))),
            func.count(case((MasterValueRow.rank == 1, 1))),
        )
        .join(table, table.id == MasterValueRow.entity_id)
        .where(*_spoken_of(table, source_id))
        .group_by(MasterValueRow.property)
    )
    found = [Held(prop, kind.value, entities, *counts) for prop, *counts in connection.execute(query)]
    return sorted(found, key=lambda one: _ORDER.get(one.property, len(_ORDER)))


def rejected(connection: Connection, source_id: str) -> list[Rejected]:
    """Count what was read and was no good, over all runs, the most frequent first."""
    columns = (DisposalRow.location, DisposalRow.rule)
    query = select(*columns, func.sum(DisposalRow.count)).where(DisposalRow.category.in_(BAD)).group_by(*columns)
    if source_id:
        query = query.join(RunRow, RunRow.id == DisposalRow.run_id).where(RunRow.source_id == source_id)
    found = [Rejected(place, rule, int(times)) for place, rule, times in connection.execute(query)]
    return sorted(found, key=lambda one: (-one.count, one.property, one.rule))


def corrected(connection: Connection, source_id: str) -> list[Corrected]:
    """Count by property what people have set right: values that were replaced or given, and what was taken back."""
    query = select(CorrectionRow.id, CorrectionRow.replaces, CorrectionRow.withdrawn_at)
    if source_id:
        query = query.join(MentionRow, MentionRow.id == CorrectionRow.mention_id)
        query = query.where(MentionRow.source_id == source_id)
    holding: Counter[str] = Counter()
    withdrawn: Counter[str] = Counter()
    for row in connection.execute(query).all():
        given = select(StatementRow.property).where(StatementRow.mention_id == row.id).distinct()
        about = {str(prop) for prop, *_ in row.replaces} | set(connection.scalars(given))
        (withdrawn if row.withdrawn_at else holding).update(about)
    names = sorted({*holding, *withdrawn}, key=lambda prop: (_ORDER.get(prop, len(_ORDER)), prop))
    return [Corrected(prop, holding[prop], withdrawn[prop]) for prop in names]


def _spoken_of(table: type[PersonRow] | type[OrganisationRow], source_id: str) -> Iterator[ColumnElement[bool]]:
    if source_id:
        yield table.id.in_(select(MentionRow.entity_id).where(MentionRow.source_id == source_id))
