"""One upsert for both dialects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from pipelines.master.models import Base

#: Rows of an IN list: below SQLite's 32,766 parameters and PostgreSQL's 65,535.
CHUNK = 5_000

_T = TypeVar("_T")
Columns = ReadOnlyColumnCollection[str, Any]
Merge = Callable[[Columns, Columns], Mapping[str, ColumnElement[Any] | Any]]


def upsert(
    connection: Connection, model: type[Base], rows: Sequence[Mapping[str, Any]], merge: Merge | None = None
) -> None:
    """Insert rows; a row whose primary key exists is merged, or left as it is when there is no merge.

    `merge(stored, offered)` returns the columns to set as SQL expressions over the stored and the offered row. The rows
    must not repeat a primary key. They are written in the order of their keys, so that two processes that write the
    same rows wait for each other instead of for ever.
    """
    if not rows:
        return
    table = model.__table__
    keys = [column.name for column in table.primary_key]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    if merge is None:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    else:
        statement = statement.on_conflict_do_update(
            index_elements=keys, set_=dict(merge(table.columns, statement.excluded))
        )
    connection.execute(statement, sorted(rows, key=lambda row: [row[key] for key in keys]))


def chunks(items: Iterable[_T]) -> Iterator[list[_T]]:
    """Yield the items in lists that fit an IN clause."""
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
