"""One upsert for both dialects, made for many rows.

A group of mentions is thousands of rows. What SQLAlchemy does for each of them by name (look up, process, order the
parameters) costs more than the database does, so rows go past it: to SQLite as tuples of one prepared statement, to
PostgreSQL as one JSON text, which is read faster than thousands of parameters are sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import JSON, ColumnElement, Connection, Dialect, LargeBinary, Text, bindparam, cast, func, or_, select
from sqlalchemy import column as column_of
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.types import TypeEngine

from pipelines.master.models import Base
from pipelines.master.types import UtcDateTime

#: Rows of an IN list: below SQLite's 32,766 parameters and PostgreSQL's 65,535.
CHUNK = 5_000
#: Statements that are kept compiled; the program has some thirty.
_KEPT = 128

_T = TypeVar("_T")
Columns = ReadOnlyColumnCollection[str, Any]
Merge = Callable[[Columns, Columns], Mapping[str, ColumnElement[Any] | Any]]


def upsert(
    connection: Connection, model: type[Base], rows: Sequence[Mapping[str, Any]], merge: Merge | None = None
) -> None:
    """Insert rows; a row whose primary key exists is merged, or left as it is when there is no merge.

    `merge(stored, offered)` returns the columns to set as SQL expressions over the stored and the offered row; a
    function of its own is compiled once, a lambda anew at each call. A row that a merge leaves as it is is locked and
    not written. The rows have the same columns and must not repeat
    a primary key. They are written in the order of their keys, so that two processes that write the same rows wait for
    each other instead of for ever.
    """
    if rows:
        table = model.__table__
        ordered = sorted(rows, key=itemgetter(*(column.name for column in table.primary_key)))
        _put(connection, model, ordered, (True, merge))


def insert_all(connection: Connection, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that are new; one that exists is an IntegrityError."""
    if rows:
        _put(connection, model, rows, (False, None))


def chunks(items: Iterable[_T]) -> Iterator[list[_T]]:
    """Yield the items in lists that fit an IN clause."""
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _put(
    connection: Connection,
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    conflict: tuple[bool, Merge | None],
) -> None:
    columns = [column for column in model.__table__.columns if column.name in rows[0] or column.default is not None]
    names = tuple(column.name for column in columns)
    given = [_values(column, rows) for column in columns]
    if connection.dialect.name == "postgresql":
        cells = [_as_json(column.type, values) for column, values in zip(columns, given, strict=True)]
        listed = [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]
        connection.execute(_from_json(model, names, conflict), {"rows": json.dumps(listed)})
        return
    sql, constants = _with_marks(connection.dialect, model, names, conflict)
    texts = [_processed(column.type, values, connection.dialect) for column, values in zip(columns, given, strict=True)]
    connection.exec_driver_sql(sql, [(*row, *constants) for row in zip(*texts, strict=True)])


def _values(column: Any, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    name = column.name
    return [row[name] for row in rows] if name in rows[0] else [column.default.arg] * len(rows)


def _as_json(kind: TypeEngine[Any], values: list[Any]) -> list[Any]:
    """Return a column's values as JSON has them."""
    if isinstance(kind, UtcDateTime):
        known = {value: value and value.isoformat() for value in set(values)}
        return [known[value] for value in values]
    if isinstance(kind, LargeBinary):
        return [f"\\x{value.hex()}" for value in values]
    return values


@lru_cache(maxsize=_KEPT)
def _from_json(model: type[Base], names: tuple[str, ...], conflict: tuple[bool, Merge | None]) -> postgresql.Insert:
    """Return the statement that takes a JSON list of objects as `rows`."""
    table: Any = model.__table__
    columns = [column_of(name, table.columns[name].type) for name in names]
    given = func.json_to_recordset(cast(bindparam("rows", type_=Text), JSON)).table_valued(*columns)
    statement = postgresql.insert(table).from_select(list(names), select(*given.render_derived(with_types=True).c))
    return statement if not conflict[0] else _resolving(statement, table, conflict[1])


@lru_cache(maxsize=_KEPT)
def _with_marks(
    dialect: Dialect, model: type[Base], names: tuple[str, ...], conflict: tuple[bool, Merge | None]
) -> tuple[str, tuple[Any, ...]]:
    """Return the text that takes a tuple of values by position, and the constants that stand behind them."""
    table: Any = model.__table__
    statement = sqlite.insert(table)
    statement = statement if not conflict[0] else _resolving(statement, table, conflict[1])
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    constants = [compiled.binds[name] for name in (compiled.positiontup or [])[len(names) :]]
    return str(compiled), tuple(_processed(one.type, [one.value], dialect)[0] for one in constants)


def _resolving(statement: Any, table: Any, merge: Merge | None) -> Any:
    keys = [column.name for column in table.primary_key]
    if merge is None:
        return statement.on_conflict_do_nothing(index_elements=keys)
    merged = dict(merge(table.columns, statement.excluded))
    return statement.on_conflict_do_update(index_elements=keys, set_=merged, where=_differs(table.columns, merged))


def _differs(stored: Columns, merged: Mapping[str, Any]) -> ColumnElement[bool] | None:
    """Return the condition on which a merge changes a row; a row that stays as it is need not be written.

    PostgreSQL cannot compare JSON: there is no condition where one is merged.
    """
    if any(isinstance(stored[name].type, JSON) for name in merged):
        return None
    return or_(*(stored[name].is_distinct_from(value) for name, value in merged.items()))


def _processed(kind: TypeEngine[Any], values: list[Any], dialect: Dialect) -> list[Any]:
    """Return a column's values as the driver takes them; equal times, of which a group has many, are written once."""
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return values
    if isinstance(kind, UtcDateTime):
        known = {value: process(value) for value in set(values)}
        return [known[value] for value in values]
    return [process(value) for value in values]
