"""The schema of a database in words that can be compared: what it holds, not in which order it was made.

The words are the database's own: SQLite's stored SQL, PostgreSQL's catalogue. The order of columns counts.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, text

_STORED = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
_TABLE = re.compile(r"CREATE TABLE (\S+) \((.*)\)([^()]*)", re.DOTALL)
_COMMA = re.compile(r",\s+(?![^(]*\))")
_HERE = "relnamespace = 'public'::regnamespace"
_CATALOGUE = {
    "relation": f"""SELECT relname, concat_ws(' ', relkind, relpersistence, relreplident, relrowsecurity,
        array_to_string(reloptions, ','), obj_description(oid, 'pg_class')) FROM pg_class WHERE {_HERE}""",
    "column": f"""SELECT relname || '.' || attname,
        concat_ws(' ', row_number() OVER (PARTITION BY relname ORDER BY attnum), format_type(atttypid, atttypmod),
        attnotnull, attidentity, attgenerated, attstorage, attcompression, attcollation::regcollation,
        pg_get_expr(adbin, adrelid), col_description(attrelid, attnum))
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE {_HERE} AND attnum > 0 AND NOT attisdropped""",
    "constraint": """SELECT conrelid::regclass || '.' || conname,
        concat_ws(' ', convalidated, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "index": f"""SELECT relname, concat_ws(' ', indisclustered, indisvalid, pg_get_indexdef(indexrelid))
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE {_HERE}""",
    "trigger": f"""SELECT relname || '.' || tgname, concat_ws(' ', tgenabled, pg_get_triggerdef(pg_trigger.oid))
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE {_HERE} AND NOT tgisinternal""",
    "function": """SELECT proname, pg_get_functiondef(oid)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "type": """SELECT typname, typtype::text
        FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype NOT IN ('c', 'b')""",
}


def shape(connection: Connection) -> dict[str, str]:
    """Return everything that a store's schema holds, by its kind and name, each with its definition."""
    if connection.dialect.name == "sqlite":
        stored = connection.exec_driver_sql(_STORED)
        return {f"{kind} {name}": _plain(sql) for kind, name, sql in stored}
    return {
        f"{kind} {name}": definition
        for kind, query in _CATALOGUE.items()
        for name, definition in connection.execute(text(query))
    }


def _plain(sql: str) -> str:
    """Return SQL without its layout, and a table's constraints sorted: SQLite keeps what it was told, word for word."""
    table = _TABLE.fullmatch(sql)
    if table is None:
        return " ".join(sql.split())
    name, parts, options = table.groups()
    found = [" ".join(part.split()) for part in _COMMA.split(parts)]
    constraints = sorted(part for part in found if part.startswith("CONSTRAINT "))
    columns = [part for part in found if part not in constraints]
    return "\n".join([name.strip('"'), *columns, *constraints, options.strip()])
