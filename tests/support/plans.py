"""What a database would do for the statements that a piece of code runs: which tables it would read from end to end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

#: Tables that grow with what was read: no statement of everyday work may go through one of them.
BIG = frozenset(
    {
        "mention", "statement", "judgement", "block_key", "capture", "document", "master_value", "person",
        "organisation", "employment", "redirect", "disclosed", "suppression", "expiry",
    }
)  # fmt: skip
_NAMED = re.compile(r'\b(?:FROM|JOIN|INTO|UPDATE)\s+"?(\w+)"?(?:\s+AS\s+"?(\w+)"?)?', re.IGNORECASE)
_READS = re.compile(r"^\s*(?:WITH|SELECT|UPDATE|DELETE|INSERT)\b", re.IGNORECASE)
_SCAN = re.compile(r"^SCAN (\w+)")
_SEARCH = re.compile(r"^SEARCH (\w+) USING (?:COVERING )?INDEX (\w+)")
#: Indexes through which a search is a walk, by what is asked for. Nearly every mention is settled; who asks for some
#: mentions is not to go through all that wait, who asks for those of a page not through all of its source, and who asks
#: what people decided about some mentions not through all that they ever decided.
_WALKS = (
    ("ix_mention_pending", re.compile(r"\bpending (?:IS|=) 0\b|\bmention\.id (?:=|IN)")),
    ("ix_mention_source_id", re.compile(r"\bmention\.url (?:=|IN)")),
    ("ix_judgement_human", re.compile(r"\bjudgement\.(?:left|right)_id (?:=|IN)")),
)
_FULL_SCANS = {"Seq Scan", "Index Scan", "Index Only Scan"}
Statement = tuple[str, Any]


@contextmanager
def noted(connection: Connection) -> Iterator[list[Statement]]:
    """Note every statement that runs meanwhile, once, with its parameters (the first of many)."""
    found: dict[str, Any] = {}

    def note(_c: object, _cursor: object, sql: str, parameters: Any, _context: object, many: bool) -> None:
        if _READS.match(sql):
            found.setdefault(sql, parameters[0] if many and parameters else parameters)

    listed: list[Statement] = []
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield listed
    finally:
        event.remove(connection, "before_cursor_execute", note)
        listed += found.items()


def full_scans(connection: Connection, statement: Statement) -> set[str]:
    """Return which of the `BIG` tables one statement would read from end to end.

    SQLite decides by the indexes that there are, PostgreSQL by the rows: it needs a table worth an index.
    """
    if connection.dialect.name == "postgresql":
        return _on_postgresql(connection, statement)
    sql, parameters = statement
    tables = {alias or table: table for table, alias in _NAMED.findall(sql)}
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
    walked = {index for index, asked in _WALKS if asked.search(sql)}
    steps = [row[3] for row in plan.all()]
    scanned = [found[1] for step in steps if (found := _SCAN.match(step))]
    scanned += [found[1] for step in steps if (found := _SEARCH.match(step)) and found[2] in walked]
    return {table for name in scanned if (table := tables.get(name, name)) in BIG}


def _on_postgresql(connection: Connection, statement: Statement) -> set[str]:
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # what it rightly prefers in a table of a few pages
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement[0]}", statement[1]).scalar_one()
    connection.exec_driver_sql("SET LOCAL enable_seqscan = on")
    return {node["Relation Name"] for node in _nodes(plan[0]["Plan"]) if _reads_all(node)}


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _reads_all(node: dict[str, Any]) -> bool:
    return node.get("Relation Name") in BIG and node["Node Type"] in _FULL_SCANS and "Index Cond" not in node
