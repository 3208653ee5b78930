"""Opening the store: where it is, which schema it has, and how SQLite is told to be durable and to share."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from pipelines.errors import SchemaMismatch, StoreError, UsageError
from pipelines.master import schema
from pipelines.master.faults import store_error

#: How long a writer waits for another process's transaction before it gives up, in seconds; `?timeout=` in a SQLite URL
#: sets another.
BUSY_TIMEOUT = 30.0

#: What libpq is told unless DATABASE_URL says otherwise. Left alone it waits minutes, or for ever, for a server that
#: has vanished from the network: seconds to connect, seconds of silence before it asks whether the other end lives,
#: and milliseconds for what was sent to be acknowledged.
VANISHED = {"connect_timeout": "10", "keepalives_idle": "30", "keepalives_interval": "10", "tcp_user_timeout": "30000"}

#: Two that make or change the tables at the same moment take their turns; the number is arbitrary.
_LOCK = 0x63617266
_WAL = "PRAGMA journal_mode = WAL"


def database_url(configured: str, home: str | Path) -> URL:
    """Return the store's URL: `DATABASE_URL` where it is set, else `cardfile.db` in the data folder.

    `postgres://` and `postgresql://` mean psycopg 3. Raises UsageError for a malformed or unsupported URL.
    """
    if not configured:
        return URL.create("sqlite", database=str(Path(home) / "cardfile.db"))
    try:
        url = make_url(configured.replace("postgres://", "postgresql://", 1))
        dialect = url.get_dialect().name
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise UsageError(
            "DATABASE_URL is not a database URL; use postgresql://USER@HOST/NAME or sqlite:////absolute/path.db."
        ) from None
    if dialect not in {"sqlite", "postgresql"}:
        raise UsageError(f"DATABASE_URL names {dialect!r}; Cardfile stores in SQLite or PostgreSQL.")
    return url


def open_store(url: URL) -> Engine:
    """Open a store, and give an empty one the tables of today; several processes may do so at once.

    Raises StoreError when it cannot be reached or written, SchemaMismatch when its schema is older (run
    `scrapy db upgrade`) or newer than this program.
    """
    engine = connect(url)
    try:
        with reading(engine) as connection:
            found, empty = _revision(connection), _empty(connection)
        if empty:
            found = _create(engine)
        if found != head_revision():
            raise _mismatch(found)
    except DBAPIError as error:
        raise store_error(error, url) from None
    except SchemaMismatch:
        engine.dispose()
        raise
    return engine


def connect(url: URL) -> Engine:
    """Return an engine without looking at the schema; for SQLite, make its folder and keep the file to its owner."""
    if url.get_backend_name() != "sqlite":
        told = {key: value for key, value in VANISHED.items() if key not in url.query}
        return create_engine(url, pool_pre_ping=True, connect_args=told)
    path = Path(url.database or "")
    if url.database and url.database != ":memory:":
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Closing a file takes away every lock that this process has on it, SQLite's too: not where all is well.
            if not os.access(path, os.W_OK):
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreError(
                f"The store {path} cannot be written ({error.strerror}); check CARDFILE_HOME or DATABASE_URL."
            ) from None
    engine = create_engine(url, connect_args={} if "timeout" in url.query else {"timeout": BUSY_TIMEOUT})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def reading(engine: Engine) -> Connection:
    """Return a connection that only reads, and so never waits for a writer's lock on SQLite."""
    return engine.connect().execution_options(read_only=True)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring a store to the current schema in one transaction; raises SchemaMismatch for one from a newer program.

    `revision` names an older schema, for reading what an older program has written.
    """
    with engine.connect() as connection, _tables_may_be_replaced(connection), connection.begin():
        _take_turn(connection)
        config = _alembic_config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError:
            raise _mismatch(_revision(connection)) from None


@contextmanager
def _tables_may_be_replaced(connection: Connection) -> Iterator[None]:
    """Let SQLite drop a table whose rows others refer to, as a changed column takes a new table there.

    It listens only where no transaction has begun, and SQLAlchemy begins one with the first statement: hence past it.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection
    driver.cursor().execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.cursor().execute("PRAGMA foreign_keys = ON")


def _create(engine: Engine) -> str | None:
    """Give an empty store today's tables in one transaction; return its revision, also where another was quicker."""
    with engine.begin() as connection:
        _take_turn(connection)
        if _empty(connection):
            schema.create(connection, _migrations())
        return _revision(connection)


def _take_turn(connection: Connection) -> None:
    """Wait while another process makes or changes the tables; SQLite's transactions do that by themselves."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def head_revision() -> str:
    """Return the schema revision that this program writes."""
    return _migrations().get_current_head() or ""


def current_revision(engine: Engine) -> str | None:
    """Return the schema revision of a store, or None when it has none."""
    with reading(engine) as connection:
        return _revision(connection)


def known_revisions() -> frozenset[str]:
    """Return every schema revision that this program knows."""
    return frozenset(script.revision for script in _migrations().walk_revisions())


def _mismatch(found: str | None) -> SchemaMismatch:
    known = known_revisions()
    if found is None:
        return SchemaMismatch("The database has tables that are not Cardfile's; name another one in DATABASE_URL.")
    if found in known:
        return SchemaMismatch(f"The store has the older schema {found}; run `scrapy db upgrade`.")
    return SchemaMismatch(f"The store has schema {found}, newer than this program knows; use a newer Cardfile.")


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


@cache
def _migrations() -> ScriptDirectory:
    return ScriptDirectory.from_config(_alembic_config())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _empty(connection: Connection) -> bool:
    return not inspect(connection).get_table_names()


def _configure_sqlite(dbapi_connection: Any, _record: object) -> None:
    # The driver's own transaction handling is switched off: it commits before DDL and delays BEGIN past the first read.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Give a file its write-ahead log.

    Where another process is doing the same to a new file, SQLite refuses at once in place of waiting; a transaction
    does wait for that process, and then nothing is left to do.
    """
    try:
        cursor.execute(_WAL)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("ROLLBACK")
        cursor.execute(_WAL)


def _begin_immediate(connection: Connection) -> None:
    # A transaction that reads first and writes later can lose the race for the write lock and cannot be retried.
    write = not connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
