"""Replacing the master rows of some clusters in one go."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, Executable, bindparam, delete, or_, select, update

from crawler.items import MentionType, Property
from pipelines.master.ids import employer_id
from pipelines.master.keyed import Keyed, Lists
from pipelines.master.models import (
    CorrectionRow,
    EmploymentRow,
    MasterValueRow,
    MentionRow,
    OrganisationRow,
    PersonRow,
    StatementRow,
)
from pipelines.master.upsert import insert_all
from pipelines.resolution import redirects
from pipelines.resolution.derivation import derive
from pipelines.resolution.loading import clusters, employer_ids

TABLES: dict[MentionType, type[PersonRow] | type[OrganisationRow]] = {
    MentionType.PERSON: PersonRow,
    MentionType.ORGANISATION: OrganisationRow,
}


def _removal(table: type[PersonRow] | type[OrganisationRow], these: Lists) -> Executable:
    return delete(table).where(these.among(table.id))


_MEMBERS = Keyed(
    lambda these: select(MentionRow.id, MentionRow.first_seen, MentionRow.content, MentionRow.entity_id).where(
        these.among(MentionRow.id)
    )
)
_ASSIGN = (
    update(MentionRow)
    .where(
        MentionRow.content == bindparam("said"),
        or_(MentionRow.entity_id.is_(None), MentionRow.entity_id != bindparam("home")),
    )
    .values(entity_id=bindparam("home"))
)
_SETTLE = update(MentionRow).where(MentionRow.id == bindparam("one")).values(entity_id=bindparam("home"))
_CORRECTIONS = Keyed(
    lambda these: (
        select(CorrectionRow.id, MentionRow.entity_id)
        .join(MentionRow, MentionRow.id == CorrectionRow.mention_id)
        .where(these.among(MentionRow.entity_id), CorrectionRow.withdrawn_at.is_(None))
    )
)
_REMOVE_VALUES = Keyed(lambda these: delete(MasterValueRow).where(these.among(MasterValueRow.entity_id)))
_REMOVE_JOBS = Keyed(lambda these: delete(EmploymentRow).where(these.among(EmploymentRow.person_id)))
_REMOVE = {kind: Keyed(partial(_removal, table)) for kind, table in TABLES.items()}
_LEAVING = Keyed(
    lambda these: select(MentionRow.url, MentionRow.id).where(
        these.among(MentionRow.content), MentionRow.entity_id.is_not(None)
    )
)
_EMPLOYEES = Keyed(
    lambda these: (
        select(MentionRow.entity_id, MentionRow.source_id, MentionRow.url, StatementRow.normalised)
        .join(StatementRow, StatementRow.mention_id == MentionRow.id)
        .where(
            these.among(MentionRow.url),
            MentionRow.entity_id.is_not(None),
            MentionRow.type == MentionType.PERSON.value,
            StatementRow.property == Property.WORKS_FOR.value,
        )
    )
)
_HOMES = Keyed(
    lambda these: select(MentionRow.id, MentionRow.entity_id).where(
        these.among(MentionRow.id), MentionRow.entity_id.is_not(None)
    )
)


class _Member(NamedTuple):
    """A mention that stands for its content: when it was first seen, its content and the entity it is in so far."""

    first_seen: datetime
    content: str
    entity_id: str | None


def write(
    connection: Connection,
    kind: MentionType,
    found: Sequence[tuple[str, ...]],
    copies: Mapping[str, str],
    *,
    before: Collection[str],
    now: datetime,
    untouched: Collection[str] = (),
    employees: bool = True,
) -> Counter[str]:
    """Give each cluster of originals its id and its master rows, and remove the rows of entities that are no more.

    A cluster is known by its earliest mention, so that its id stays when later mentions join. `copies` are changed
    mentions that another stands for; `before` are entities that these mentions were in; `untouched` are those of them
    in which no mention changed, whose rows stay as they are unless one joins or leaves; `employees` tells whether
    people whose employer moved are derived anew. Returns the counts of `resolver.resolve`.
    """
    members = _members(connection, [mention for group in found for mention in group])
    grouped = {min(group, key=lambda one: (members[one].first_seen, one)): group for group in found}
    owner = {mention: entity for entity, group in grouped.items() for mention in group}
    gone = {*before, *(member.entity_id for member in members.values() if member.entity_id)}
    moved = {mention for mention, member in members.items() if member.entity_id != owner[mention]}
    leaving = {members[mention].content for mention in moved} if employees else set()
    rehoused = _rehoused(connection, kind, leaving)
    assign(connection, {members[mention].content: owner[mention] for mention in moved})
    home = {copy: owner[original] for copy, original in copies.items() if original in owner}
    settle(connection, home)
    stirred = {owner[one] for one in moved} | {members[one].entity_id for one in moved} | set(home.values())
    again = {*gone, *grouped} - (set(untouched) & grouped.keys() - stirred)
    _attach_corrections(connection, again)
    replace(connection, kind, again)
    heirs = {member.entity_id: owner[one] for one, member in members.items() if member.entity_id}
    redirects.follow(connection, gone - set(grouped), set(grouped), heirs, now)
    rederive_employees(connection, rehoused)
    merged = sum(1 for one in (*moved, *home) if owner.get(one, home.get(one)) != one)
    return Counter({kind.value: len(set(grouped) - gone), "merged": merged})


def _members(connection: Connection, mentions: Collection[str]) -> dict[str, _Member]:
    return {row[0]: _Member(*row[1:]) for row in _MEMBERS(connection, keys=mentions)} if mentions else {}


def assign(connection: Connection, entities: Mapping[str, str]) -> None:
    """Put every mention of some contents into an entity."""
    if entities:
        connection.execute(_ASSIGN, [{"said": content, "home": home} for content, home in sorted(entities.items())])


def settle(connection: Connection, homes: Mapping[str, str | None]) -> None:
    """Put single mentions into an entity, or into none."""
    if homes:
        connection.execute(_SETTLE, [{"one": one, "home": home} for one, home in sorted(homes.items())])


def _attach_corrections(connection: Connection, entities: Collection[str]) -> None:
    """Let every correction stand where the mention stands that it corrects."""
    if entities:
        settle(connection, {row[0]: row[1] for row in _CORRECTIONS(connection, keys=entities)})


def replace(connection: Connection, kind: MentionType, entities: Collection[str]) -> None:
    """Derive some entities anew from what their mentions say; one without a name has no rows."""
    if not entities:
        return
    derived = clusters(connection, entities)
    employers = homes_of(connection, {key for cluster in derived for key in employer_ids(cluster)})
    rows = [derive(cluster, employers) for cluster in derived]
    _REMOVE_VALUES(connection, keys=entities)
    if kind is MentionType.PERSON:
        _REMOVE_JOBS(connection, keys=entities)
    _REMOVE[kind](connection, keys=entities)
    insert_all(connection, TABLES[kind], [row.entity for row in rows])
    insert_all(connection, MasterValueRow, [value for row in rows for value in row.values])
    insert_all(connection, EmploymentRow, [job for row in rows for job in row.employments])


def _rehoused(connection: Connection, kind: MentionType, contents: Collection[str]) -> dict[str, set[str]]:
    """Return, by page, the organisation mentions that stand in an entity so far and are about to leave it."""
    found: dict[str, set[str]] = defaultdict(set)
    if kind is MentionType.ORGANISATION and contents:
        for url, mention in _LEAVING(connection, keys=contents):
            found[url].add(mention)
    return found


def rederive_employees(connection: Connection, organisations: Mapping[str, Collection[str]]) -> None:
    """Derive the people anew whose employer, by page, belongs to another organisation now."""
    if organisations:
        rows = _EMPLOYEES(connection, keys=organisations)
        people = {row[0] for row in rows if employer_id(*row[1:]) in organisations[row[2]]}
        replace(connection, MentionType.PERSON, people)


def homes_of(connection: Connection, mentions: Iterable[str]) -> dict[str, str]:
    """Return the entity of each mention that is in one."""
    asked = set(mentions)
    return {row[0]: row[1] for row in _HOMES(connection, keys=asked)} if asked else {}
