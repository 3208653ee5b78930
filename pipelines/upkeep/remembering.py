"""What a store has been told by people, and that no backup may make it forget: objections, consents, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, exists, select

from pipelines.master.choices import (
    ApartIdentifierRow,
    ApartRow,
    ClearanceRow,
    ConsentRow,
    ScreenedRow,
    ScreeningRow,
)
from pipelines.master.models import Base, SuppressionRow
from pipelines.master.upsert import Columns, chunks, upsert
from pipelines.rights.apart import forget
from pipelines.rights.suppression import ALL, NAME_ONLY

#: Each table, the tables that it leans on before it.
_TABLES: tuple[type[Base], ...] = (SuppressionRow, ConsentRow, ClearanceRow, ScreeningRow, ScreenedRow)

Remembered = Mapping[type[Base], list[dict[str, Any]]]


def remember(connection: Connection) -> Remembered:
    """Return what a store has been told."""
    return {table: [dict(row) for row in connection.execute(select(table.__table__)).mappings()] for table in _TABLES}


def carry_over(connection: Connection, remembered: Remembered) -> None:
    """Add to a store what another one was told; where both know an entry, the other one's state counts.

    So an objection that was taken back after a backup stays taken back, and a consent that was withdrawn stays so.
    Mentions that wait apart and that an entry now stands against go.
    """
    for table, rows in remembered.items():
        for chunk in chunks(rows):
            upsert(connection, table, chunk, _theirs)
    named = exists().where(
        SuppressionRow.hash == ApartIdentifierRow.hash,
        SuppressionRow.scope == ALL,
        SuppressionRow.kind != NAME_ONLY,
        SuppressionRow.lifted_at.is_(None),
    )
    waiting = select(ApartRow.id).join(ApartIdentifierRow, ApartIdentifierRow.apart_id == ApartRow.id)
    forget(connection, connection.scalars(waiting.where(named).distinct()).all())


def _theirs(stored: Columns, offered: Columns) -> dict[str, Any]:
    return {column.name: offered[column.name] for column in stored if not column.primary_key}
