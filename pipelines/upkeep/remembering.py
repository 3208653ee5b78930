"""What no backup may make a store forget: what people have told it, whom it has told, and what has ended for good."""

from __future__ import annotations

from collections.abc import Mapping
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

Remembered = Mapping[type[Base], list[dict[str, Any]]]


def remember(connection: Connection) -> Remembered:
    """Return what a store has been told, and what it has told and ended."""
    return {table: [dict(row) for row in connection.execute(select(table.__table__)).mappings()] for table in _TABLES}


def carry_over(connection: Connection, remembered: Remembered) -> None:
    """Add to a store what another one was told; where both know an entry, the other one's state counts.

    A restriction that was lifted since the backup holds again: that is the safe side, and lifting it is one command. An
    objection that was taken back after a backup stays taken back, and a consent that was withdrawn stays so.
    Mentions that wait apart and that an entry now stands against go.
    """
    for table, rows in remembered.items():
        for chunk in chunks(rows):
            upsert(connection, table, _alive(connection, table, chunk), None if _all_key(table) else _theirs)
    named = exists().where(
        SuppressionRow.hash == ApartIdentifierRow.hash,
        SuppressionRow.scope == ALL,
        SuppressionRow.lifted_at.is_(None),
    )
    waiting = select(ApartRow.id).join(ApartIdentifierRow, ApartIdentifierRow.apart_id == ApartRow.id)
    forget(connection, connection.scalars(waiting.where(named).distinct()).all())


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
