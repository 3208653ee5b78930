"""Statements about many rows at once, each put together once: what the hot ways through the store ask for.

SQLAlchemy takes longer to put a select together, and to render a list of IN for one more length, than SQLite takes to
answer it. So a list of keys is one parameter (an array on PostgreSQL, a JSON text on SQLite), and a statement is made
when it is first asked, once a dialect.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    TableValuedAlias,
    Text,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy import column as column_of


class Lists:
    """The lists that a statement for one dialect is about; each is the parameter of the name given."""

    def __init__(self, dialect: str) -> None:
        self._arrays = dialect == "postgresql"

    def among(self, column: Any, name: str = "keys") -> ColumnElement[bool]:
        """Return the condition that a column is one of a list of texts or numbers."""
        if self._arrays:
            return any_(self._array(column, name)) == column  # type: ignore[no-any-return]
        return column.in_(select(self.table(column, name).c.value))  # type: ignore[no-any-return]

    def table(self, column: Any, name: str = "keys") -> TableValuedAlias:
        """Return a list of texts or numbers of a column's type as a table of one column, `value`."""
        value = column_of("value", column.type)
        if self._arrays:
            return func.unnest(self._array(column, name)).table_valued(value).render_derived()
        return func.json_each(bindparam(name, type_=Text)).table_valued(value)

    @staticmethod
    def _array(column: Any, name: str) -> ColumnElement[Any]:
        return bindparam(name, type_=ARRAY(column.type, dimensions=1))

    def given(self, values: Collection[Any]) -> Any:
        """Return a list as its parameter."""
        return list(values) if self._arrays else json.dumps(list(values))


class Keyed:
    """A statement about lists of keys: `make` puts it together, a call runs it.

    A call takes the connection and each list by name, of any length; what is no list is a plain parameter.
    """

    def __init__(self, make: Callable[[Lists], Executable]) -> None:
        self._make = make
        self._made: dict[str, tuple[Lists, Executable]] = {}

    def __call__(self, connection: Connection, **values: Any) -> CursorResult[*tuple[Any, ...]]:
        """Run the statement; returns its result."""
        dialect = connection.dialect.name
        if dialect not in self._made:
            lists = Lists(dialect)
            self._made[dialect] = lists, self._make(lists)
        lists, statement = self._made[dialect]
        given = {name: lists.given(value) if _is_list(value) else value for name, value in values.items()}
        return connection.execute(statement, given)


def _is_list(value: Any) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str | bytes)
