"""Writing a dump: one consistent moment of the store, while others go on writing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import IO, Any

from sqlalchemy import Connection, Engine, MetaData, Table, select

from crawler import clock

FORMAT = 1
#: `alembic_version` is written anew; `lease` says which processes live, and none of them lives in a backup.
LEFT_OUT = frozenset({"alembic_version", "lease"})
#: Rows fetched and inserted at a time.
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dump says of itself: the schema's revision, when it was made, of which engine, and its tables' columns.

    `key_check` tells whether a suppression list was made with the secret of the installation that restores it; it is
    an HMAC of a constant and tells nothing about the key.
    """

    schema: str
    made_at: str
    engine: str
    key_check: str
    tables: dict[str, list[str]]
    format: int = FORMAT

    def line(self) -> Mapping[str, Any]:
        """Return it as the first line of a dump."""
        return {"cardfile": "backup", **asdict(self)}


def tables(connection: Connection) -> list[Table]:
    """Return the store's tables as they are, in the order in which rows can be inserted.

    They are read from the database and not from the models, so that a dump of any schema can be written and restored.
    """
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


def consistent(engine: Engine) -> Connection:
    """Return a connection on which every query sees the same moment, and that blocks no writer."""
    options = {"read_only": True}
    if engine.dialect.name == "postgresql":
        return engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True, **options
        )
    return engine.connect().execution_options(**options)  # a read transaction in WAL mode is a snapshot


def write_dump(connection: Connection, stream: IO[bytes], schema: str, key_check: str) -> Manifest:
    """Write every row to a binary stream as compressed JSON lines, with a trailer that proves them.

    Rows come in the order of their keys, so that equal stores give equal dumps but for the manifest's time.
    """
    found = tables(connection)
    manifest = Manifest(
        schema,
        clock.now().isoformat(timespec="seconds"),
        connection.dialect.name,
        key_check,
        {table.name: [column.name for column in table.columns] for table in found},
    )
    counts = {table.name: 0 for table in found}
    hasher = hashlib.sha256()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0, compresslevel=5) as packed:

        def put(value: Any) -> None:
            line = f"{json.dumps(value, ensure_ascii=False, separators=(',', ':'))}\n".encode()
            hasher.update(line)
            packed.write(line)

        put(manifest.line())
        for table in found:
            for row in _rows(connection, table):
                counts[table.name] += 1
                put([table.name, *row])
        packed.write(f"{json.dumps({'rows': counts, 'sha256': hasher.hexdigest()})}\n".encode())
    return manifest


def _rows(connection: Connection, table: Table) -> Iterator[list[Any]]:
    query = select(table).order_by(*table.primary_key)
    with connection.execute(query, execution_options={"yield_per": BATCH}) as result:
        for row in result:
            yield [_encoded(value) for value in row]


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
