"""What no backup may make a store forget: what people have told it, whom it has told, and what has ended for good."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, exists, select

from pipelines.master.accounts import NoticeMentionRow, NoticeRow
from pipelines.master.answering import BreachRow, EventRow, ExpiryRow
from pipelines.master.choices import (
    ApartIdentifierRow,
    ApartRow,
    ClearanceRow,
    ConsentRow,
    ScreenedRow,
    ScreeningRow,
    SuppressionRow,
)
from pipelines.master.models import Base, MentionRow
from pipelines.master.requests import RestrictionRow
from pipelines.master.upsert import Columns, chunks, upsert
from pipelines.rights.apart import forget
from pipelines.rights.suppression import ALL

#: Each table, the tables that it leans on before it.
_TABLES: tuple[type[Base], ...] = (
    SuppressionRow,
    ConsentRow,
    ClearanceRow,
    ScreeningRow,
    ScreenedRow,
    ExpiryRow,
    BreachRow,
    EventRow,
    NoticeRow,
    NoticeMentionRow,
    RestrictionRow,
)
#: What is said of a mention outlives a restore where the mention does.
_OF_MENTIONS: dict[type[Base], str] = {NoticeMentionRow: "mention_id", RestrictionRow: "mention_id"}

#: Rows that are read at a time: a list of opt-outs may be as long as the store.
_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a store has been told, and what it has told and ended, at a moment: rows by table, and a hash over them."""

    rows: Mapping[str, int]
    digest: str


def remember(connection: Connection) -> Remembered:
    """Return where a store stands, so that it can be told later whether anything was added or changed."""
    counts: dict[str, int] = {}
    hasher = hashlib.sha256()
    for table in _TABLES:
        counts[table.__tablename__] = 0
        for row in _rows(connection, table):
            counts[table.__tablename__] += 1
            hasher.update(repr(tuple(row.values())).encode())
    return Remembered(counts, hasher.hexdigest())


def carry_over(connection: Connection, other: Connection) -> None:
    """Add to a store what another one was told; where both know an entry, the other one's state counts.

    A restriction that was lifted since the backup holds again: that is the safe side, and lifting it is one command. An
    objection that was taken back after a backup stays taken back, and a consent that was withdrawn stays so.
    Mentions that wait apart and that an entry now stands against go.
    """
    for table in _TABLES:
        for chunk in chunks(_rows(other, table)):
            upsert(connection, table, _alive(connection, table, chunk), None if _all_key(table) else _theirs)
    named = exists().where(
        SuppressionRow.hash == ApartIdentifierRow.hash,
        SuppressionRow.scope == ALL,
        SuppressionRow.lifted_at.is_(None),
    )
    waiting = select(ApartRow.id).join(ApartIdentifierRow, ApartIdentifierRow.apart_id == ApartRow.id)
    forget(connection, connection.scalars(waiting.where(named).distinct()).all())


def keep_out(connection: Connection, other: Connection) -> None:
    """Add to a store the entries of another one's suppression list that it does not know."""
    for chunk in chunks(_rows(other, SuppressionRow)):
        upsert(connection, SuppressionRow, chunk)


def _rows(connection: Connection, table: type[Base]) -> Iterator[dict[str, Any]]:
    query = select(table.__table__).order_by(*table.__table__.primary_key)
    with connection.execute(query, execution_options={"yield_per": _ROWS}) as result:
        for row in result.mappings():
            yield dict(row)


def _alive(connection: Connection, table: type[Base], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a chunk whose mention is in the store."""
    if (column := _OF_MENTIONS.get(table)) is None:
        return rows
    wanted = {row[column] for row in rows}
    there = set(connection.scalars(select(MentionRow.id).where(MentionRow.id.in_(wanted))))
    return [row for row in rows if row[column] in there]


def _all_key(table: type[Base]) -> bool:
    return all(column.primary_key for column in table.__table__.columns)


def _theirs(stored: Columns, offered: Columns) -> dict[str, Any]:
    return {column.name: offered[column.name] for column in stored if not column.primary_key}
