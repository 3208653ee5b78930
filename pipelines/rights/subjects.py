"""What is held about people, in the way that a notice, an export or an answer to them needs it: value by value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from crawler.items import Property
from pipelines.master.accounts import NoticeMentionRow, NoticeRow
from pipelines.master.models import MasterValueRow, MentionRow, PersonRow, SourceRow, StatementRow
from pipelines.master.upsert import chunks

#: People that are read at a time: memory stays flat whatever the size of the master.
GROUP = 100
#: The article of the GDPR for data that the person gave.
GIVEN = 13
_PROPERTIES = {prop.value: prop for prop in Property}


@dataclass(frozen=True, slots=True)
class Origin:
    """The source of a value, with what the law asks of it: purpose, legal basis and how long it may be kept.

    `article` is that of the GDPR under which its people are told: 13 where they gave the data themselves, else 14.
    """

    source_id: str
    publisher: str
    kind: str
    purpose: str
    legal_basis: str
    retention_days: int
    article: int = 14


@dataclass(frozen=True, slots=True)
class Held:
    """One live statement that supports a value of the master; `first_seen` is what retention counts from."""

    statement_id: str
    mention_id: str
    property: Property
    value: str
    rank: int
    url: str
    country: str
    language: str
    first_seen: datetime
    origin: Origin


@dataclass(slots=True)
class Subject:
    """A person of the master: `held` best-supported values first, `notified` the purposes that a notice told of."""

    id: str
    name: str
    held: list[Held] = field(default_factory=list)
    notified: dict[str, datetime] = field(default_factory=dict)

    def values(self, prop: Property, held: Sequence[Held] | None = None) -> list[str]:
        """Return the values of a property, each once, the best-supported first."""
        chosen = [one for one in (self.held if held is None else held) if one.property is prop]
        return list(dict.fromkeys(one.value for one in sorted(chosen, key=lambda one: (one.rank, one.value))))

    @property
    def purposes(self) -> list[str]:
        """The purposes for which values of this person were collected."""
        return sorted({one.origin.purpose for one in self.held})

    def collected(self, purpose: str) -> datetime:
        """Return when the first value was collected for a purpose."""
        return min(one.first_seen for one in self.held if one.origin.purpose == purpose)

    def given(self, purpose: str) -> datetime | None:
        """Return when the person gave the first value for a purpose, None where all of them came from elsewhere."""
        own = (one.first_seen for one in self.held if one.origin.purpose == purpose and one.origin.article == GIVEN)
        return min(own, default=None)


def subjects(
    connection: Connection, ids: Collection[str] | None = None, only: ColumnElement[bool] | None = None
) -> Iterator[Subject]:
    """Yield people in the order of their ids: all, those that are named, or those for whom a condition holds."""
    origins = _origins(connection)
    if ids is not None:
        for chunk in chunks(sorted(ids)):
            yield from _group(connection, chunk, origins)
        return
    after = ""
    while True:
        query = select(PersonRow.id).where(PersonRow.id > after).order_by(PersonRow.id).limit(GROUP)
        group = list(connection.scalars(query if only is None else query.where(only)))
        if not group:
            return
        yield from _group(connection, group, origins)
        after = group[-1]


def _group(connection: Connection, ids: Sequence[str], origins: Mapping[str, Origin]) -> Iterator[Subject]:
    names = connection.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(ids)).order_by(PersonRow.id))
    found = {row.id: Subject(row.id, row.name) for row in names}
    ranks = _ranks(connection, list(found))
    stated = connection.execute(_stated(list(found))).all()
    for row in stated:
        rank = ranks.get((row.entity_id, row.property, row.normalised))
        if rank is not None:
            prop, origin = _PROPERTIES[row.property], origins[row.source_id]
            held = Held(
                row.id, row.mention_id, prop, row.normalised, rank, row.url, row.country,
                row.language, row.first_seen, origin,
            )  # fmt: skip
            found[row.entity_id].held.append(held)
    for one in found.values():
        one.held.sort(key=lambda held: (held.property.value, held.rank, held.statement_id))
    for entity, notices in _notices(connection, list(found)).items():
        found[entity].notified = notices
    yield from found.values()


def _stated(ids: Sequence[str]) -> Select[Any]:
    """Return the query for all live statements about some people.

    Their ranks are not joined to them: among a million people PostgreSQL would turn that round and go from the title of
    one person to everybody who has it.
    """
    columns: tuple[Any, ...] = (
        MentionRow.entity_id,
        StatementRow.id,
        StatementRow.mention_id,
        StatementRow.property,
        StatementRow.normalised,
        MentionRow.url,
        MentionRow.country,
        MentionRow.language,
        StatementRow.first_seen,
        MentionRow.source_id,
    )
    query = select(*columns).join(MentionRow, MentionRow.id == StatementRow.mention_id)
    return query.where(MentionRow.entity_id.in_(ids), StatementRow.live())


def _ranks(connection: Connection, ids: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """Return the rank of each master value of some people, by person, property and value."""
    columns = (MasterValueRow.entity_id, MasterValueRow.property, MasterValueRow.value, MasterValueRow.rank)
    rows = connection.execute(select(*columns).where(MasterValueRow.entity_id.in_(ids)))
    return {(entity, prop, value): rank for entity, prop, value, rank in rows}


def _origins(connection: Connection) -> dict[str, Origin]:
    rows = connection.execute(
        select(
            SourceRow.id,
            SourceRow.publisher,
            SourceRow.kind,
            SourceRow.purpose,
            SourceRow.legal_basis,
            SourceRow.retention_days,
            SourceRow.article,
        )
    )
    return {row.id: Origin(*row) for row in rows}


def _notices(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, datetime]]:
    """Return person → purpose → when they were told, by the mentions that the notices told of."""
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    query = (
        select(MentionRow.entity_id, NoticeRow.purpose, NoticeRow.sent_at)
        .join(NoticeMentionRow, NoticeMentionRow.mention_id == MentionRow.id)
        .join(NoticeRow, NoticeRow.id == NoticeMentionRow.notice_id)
        .where(MentionRow.entity_id.in_(ids))
        .order_by(NoticeRow.sent_at.desc())
    )
    for row in connection.execute(query):
        found[str(row.entity_id)][row.purpose] = row.sent_at  # the first notice wins: it is read last
    return found
