"""Restoring: first into a store of its own beside the real one, and only from there, in one transaction, into that."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, Table, delete, insert, select, text
from sqlalchemy import types as sql
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from pipelines.errors import BackupError
from pipelines.master.backup.dump import BATCH, Manifest, tables
from pipelines.master.backup.verify import rows
from pipelines.master.database import connect, known_revisions, upgrade

#: What was done after a backup is not undone by restoring it: the log of activities (of which the database refuses to
#: delete an entry), what people asked for and chose, who received what, and which backups hold it.
ONLY_ADDED_TO = frozenset(
    {
        "activity", "backup", "breach", "clearance", "consent", "disclosed", "disclosure", "event", "request",
        "request_subject", "screened", "screening",
    }
)  # fmt: skip


def stage(path: Path, stream: IO[bytes], manifest: Manifest) -> Engine:
    """Load a verified dump into a new SQLite store at `path` and bring it to this program's schema.

    Raises BackupError when the dump is from a newer program, or when a row breaks its schema.
    """
    if manifest.schema not in known_revisions():
        raise BackupError(f"it has schema {manifest.schema[:20]!r}, which this program does not know; use a newer one")
    engine = connect(URL.create("sqlite", database=str(path)))
    upgrade(engine, manifest.schema)
    with engine.begin() as connection:
        found = {table.name: table for table in tables(connection)}
        _compare(found, manifest)
        for name, group in groupby(rows(stream), key=itemgetter(0)):
            try:
                _insert(connection, found[name], (_decoded(found[name], values) for _, values in group))
            except (SQLAlchemyError, ValueError, TypeError, OverflowError, binascii.Error):
                raise BackupError(f"a row of its table {name!r} breaks the schema") from None
    upgrade(engine)
    return engine


def _compare(found: dict[str, Table], manifest: Manifest) -> None:
    schema = {name: {column.name for column in table.columns} for name, table in found.items()}
    if schema != {name: set(columns) for name, columns in manifest.tables.items()}:
        raise BackupError(f"its tables are not those of schema {manifest.schema!r}")
    for name, table in found.items():
        if [column.name for column in table.columns] != manifest.tables[name]:
            raise BackupError(f"the columns of its table {name!r} are in another order")


def _decoded(table: Table, values: list[Any]) -> dict[str, Any]:
    return {column.name: _value(column.type, value) for column, value in zip(table.columns, values, strict=True)}


def _value(kind: sql.TypeEngine[Any], value: Any) -> Any:
    """Return a value as the column's type wants it; ValueError or TypeError for one of another type."""
    if value is None or isinstance(kind, sql.JSON):
        return value
    if isinstance(kind, sql.DateTime):
        moment = datetime.fromisoformat(value).astimezone(UTC)
        return moment if kind.timezone else moment.replace(tzinfo=None)
    if isinstance(kind, sql.LargeBinary):
        return base64.b64decode(value, validate=True)
    for of, allowed in ((sql.Boolean, bool), (sql.Integer, int), (sql.Float, (int, float)), (sql.String, str)):
        if isinstance(kind, of):
            return _same(value, allowed)
    raise TypeError


def _same(value: Any, allowed: type | tuple[type, ...]) -> Any:
    if not isinstance(value, allowed) or (isinstance(value, bool) and allowed is not bool):
        raise TypeError
    if isinstance(value, str) and ("\0" in value or not value.isascii()):
        value.encode("utf-8")  # a lone surrogate raises
        if "\0" in value:
            raise ValueError  # PostgreSQL keeps none
    return value


def _insert(connection: Connection, table: Table, found: Iterable[dict[str, Any]]) -> None:
    for batch in _batches(found):
        connection.execute(insert(table), batch)


def _batches(found: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(found)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def replace_contents(staged: Connection, target: Connection) -> None:
    """Put the rows of a staged store in the place of all rows of another, in the caller's transaction.

    The ledgers stay as the target has them; only a target without entries takes them from the backup.
    The target is locked for everybody else; until the caller commits, and if anything fails, it is as it was.
    """
    theirs = tables(target)
    if target.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in theirs)
        target.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
    theirs = [table for table in theirs if table.name not in ONLY_ADDED_TO or _is_empty(target, table)]
    for table in reversed(theirs):
        if table.name not in ONLY_ADDED_TO:
            target.execute(delete(table))
    ours = {table.name: table for table in tables(staged)}
    for table in theirs:
        query = select(ours[table.name])
        with staged.execute(query, execution_options={"yield_per": BATCH}) as result:
            _insert(target, table, (_moved(table, row._asdict()) for row in result))


def _is_empty(connection: Connection, table: Table) -> bool:
    return connection.execute(select(*table.primary_key).limit(1)).first() is None


def _moved(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Give moments the zone that the other database wants to see."""
    for column in table.columns:
        value = row[column.name]
        if isinstance(value, datetime) and isinstance(column.type, sql.DateTime):
            moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value
            row[column.name] = moment if column.type.timezone else moment.astimezone(UTC).replace(tzinfo=None)
    return row
