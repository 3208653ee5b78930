"""Everything that two stores must agree on byte for byte, and what they may not: what hangs on a process or a clock."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Table, select

from pipelines.master.backup.dump import tables
from pipelines.master.database import reading
from pipelines.master.models import JudgementRow
from pipelines.resolution.judgements import COPY

#: Rows of processes and not of the world: who ran when, who held what, what was counted in a run, and which ids were
#: given out on the way and then merged.
PROCESS = frozenset({"run", "lease", "disposal", "redirect", "plan_run", "plan_job", "alert", "activity", "backup"})
#: Columns that say when a process worked, or which one, and a hint to the next crawl that hangs on what was known
#: before.
_WHEN = {"capture": {"run_id"}, "judgement": {"made_at"}, "statistics": {"made_at"}, "document": {"sole"}}

Contents = dict[str, list[str]]


def contents(engine: Engine) -> Contents:
    """Return all rows of a store by table, sorted, but for what hangs on processes.

    Of the judgements those that stand: which ones were overtaken on the way depends on the order of arrival. So does
    which one of several equal mentions a later one was first found to copy; `mention.content` holds what came of it.
    """
    with reading(engine) as connection:
        found = {table.name: table for table in tables(connection) if table.name not in PROCESS}
        return {
            name: sorted(str(tuple(row)) for row in connection.execute(_query(table))) for name, table in found.items()
        }


def difference(one: Contents, other: Contents) -> Contents:
    """Return what only one of two stores holds, by table."""
    return {name: found for name in one if (found := sorted({*one[name]} ^ {*other[name]}))}


def _query(table: Table) -> Any:
    query = select(*(column for column in table.columns if column.name not in _WHEN.get(table.name, ())))
    if table.name != JudgementRow.__tablename__:
        return query
    return query.where(table.c.superseded_at.is_(None), table.c.verdict != COPY)
