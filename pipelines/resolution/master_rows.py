"""Replacing the master rows of some clusters in one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from crawler.items import MentionType, Property
from pipelines.master.ids import employer_id
from pipelines.master.models import (
    Base,
    EmploymentRow,
    MasterValueRow,
    MentionRow,
    OrganisationRow,
    PersonRow,
    StatementRow,
)
from pipelines.master.upsert import chunks
from pipelines.resolution.derivation import derive
from pipelines.resolution.loading import clusters, employer_ids

_TABLES: dict[MentionType, type[Base]] = {
    MentionType.PERSON: PersonRow,
    MentionType.ORGANISATION: OrganisationRow,
}


@dataclass(frozen=True, slots=True)
class Member:
    """A mention as clustering sees it: when it was first seen, and the entity that it belongs to so far."""

    first_seen: datetime
    entity_id: str | None


def members_of(connection: Connection, mentions: Collection[str]) -> dict[str, Member]:
    """Return some mentions by id."""
    found: dict[str, Member] = {}
    for chunk in chunks(sorted(mentions)):
        rows = connection.execute(
            select(MentionRow.id, MentionRow.first_seen, MentionRow.entity_id).where(MentionRow.id.in_(chunk))
        )
        found.update((mention, Member(first_seen, entity)) for mention, first_seen, entity in rows)
    return found


def write(
    connection: Connection,
    kind: MentionType,
    members: Mapping[str, Member],
    found: Sequence[tuple[str, ...]],
) -> Counter[str]:
    """Give each cluster its id and its master rows, and remove the rows of entities that are no more.

    A cluster is known by its earliest mention, so that its id stays when later mentions join, and the id of a person
    that was merged still leads to it: it is the id of one of its mentions. Returns the counts of `resolver.resolve`.
    """
    grouped = {min(group, key=lambda one: (members[one].first_seen, one)): group for group in found}
    owner = {mention: entity for entity, group in grouped.items() for mention in group}
    before = {row.entity_id for row in members.values() if row.entity_id}
    moved = {mention for mention, row in members.items() if row.entity_id != owner.get(mention)}
    for entity, group in grouped.items():
        if joining := moved & set(group):
            connection.execute(update(MentionRow).where(MentionRow.id.in_(joining)).values(entity_id=entity))
    if lost := [mention for mention in moved if mention not in owner]:
        connection.execute(update(MentionRow).where(MentionRow.id.in_(lost)).values(entity_id=None))
    _replace(connection, kind, before, grouped)
    if kind is MentionType.ORGANISATION and moved:
        _rederive_employees(connection, moved)
    merged = sum(1 for mention in moved if owner.get(mention, mention) != mention)
    return Counter({kind.value: len(set(grouped) - before), "merged": merged})


def _replace(
    connection: Connection, kind: MentionType, before: Collection[str], grouped: Mapping[str, Collection[str]]
) -> None:
    derived = clusters(connection, grouped)
    employers = _entities(connection, {key for cluster in derived for key in employer_ids(cluster)})
    rows = [derive(cluster, employers) for cluster in derived]
    stale = sorted({*before, *grouped})
    table = _TABLES[kind]
    for chunk in chunks(stale):
        connection.execute(delete(MasterValueRow).where(MasterValueRow.entity_id.in_(chunk)))
        connection.execute(delete(table).where(table.__table__.c.id.in_(chunk)))
        if kind is MentionType.PERSON:
            connection.execute(delete(EmploymentRow).where(EmploymentRow.person_id.in_(chunk)))
    _insert(connection, table, [row.entity for row in rows])
    _insert(connection, MasterValueRow, [value for row in rows for value in row.values])
    _insert(connection, EmploymentRow, [job for row in rows for job in row.employments])


def _rederive_employees(connection: Connection, organisations: Collection[str]) -> None:
    """Derive the people anew whose employer now belongs to another organisation."""
    grouped: dict[str, set[str]] = {}
    for chunk in chunks(sorted(organisations)):
        places = select(MentionRow.url).where(MentionRow.id.in_(chunk))
        rows = connection.execute(
            select(MentionRow.entity_id, MentionRow.source_id, MentionRow.url, StatementRow.normalised)
            .join(StatementRow, StatementRow.mention_id == MentionRow.id)
            .where(
                MentionRow.url.in_(places),
                MentionRow.entity_id.is_not(None),
                MentionRow.type == MentionType.PERSON.value,
                StatementRow.property == Property.WORKS_FOR.value,
            )
        )
        for entity, source, url, employer in rows:
            if entity and employer_id(source, url, employer) in organisations:
                grouped[entity] = set()
    for chunk in chunks(sorted(grouped)):
        members = select(MentionRow.id, MentionRow.entity_id).where(MentionRow.entity_id.in_(chunk))
        for mention, entity in connection.execute(members):
            grouped[entity or ""].add(mention)
    if grouped:
        _replace(connection, MentionType.PERSON, (), grouped)


def _entities(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for chunk in chunks(sorted(ids)):
        rows = select(MentionRow.id, MentionRow.entity_id).where(
            MentionRow.id.in_(chunk), MentionRow.entity_id.is_not(None)
        )
        found.update((mention, entity) for mention, entity in connection.execute(rows) if entity)
    return found


def _insert(connection: Connection, table: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        connection.execute(insert(table), list(rows))
