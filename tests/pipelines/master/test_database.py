"""Opening the store."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Dialect, Engine, text
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.engine import make_url

from pipelines.errors import SchemaMismatch, UsageError
from pipelines.master.database import connect, current_revision, database_url, head_revision, open_store, upgrade
from pipelines.master.models import Base
from pipelines.master.types import UtcDateTime


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ("", "sqlite:////data/cardfile.db"),
        ("sqlite:////data/x.db", "sqlite:////data/x.db"),
        ("postgresql://me@db/cards", "postgresql://me@db/cards"),
        ("postgres://me@db/cards", "postgresql://me@db/cards"),
    ],
)
def test_where_the_store_is(configured: str, expected: str) -> None:
    assert database_url(configured, "/data").render_as_string(hide_password=False) == expected


@pytest.mark.parametrize("configured", ["nonsense", "mysql://x/y", "sqlite", "postgresql://me@db:port/x"])
def test_a_malformed_url_is_wrong_usage(configured: str) -> None:
    with pytest.raises(UsageError, match="DATABASE_URL"):
        database_url(configured, "/data")


def test_the_migrations_make_the_tables_of_the_models(bare_url: str) -> None:
    engine = connect(make_url(bare_url))
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    assert current_revision(engine) == head_revision()
    upgrade(engine)  # a second time changes nothing
    engine.dispose()


@pytest.mark.parametrize("revision", ["9999", "0000"])
def test_a_schema_that_this_program_does_not_know_is_refused(engine: Engine, database_url: str, revision: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": revision})
    for opening in (lambda: open_store(make_url(database_url)), lambda: upgrade(engine)):
        with pytest.raises(SchemaMismatch, match="newer than this program"):
            opening()


def test_a_sqlite_store_is_durable_and_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "cards.db"
    engine = open_store(make_url(f"sqlite:///{path}"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with engine.connect() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                   ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")}  # fmt: skip
    engine.dispose()
    assert pragmas == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 30_000
    }  # fmt: skip


def test_whatever_the_umask_says_nobody_else_reads_the_files_of_a_store(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        engine = open_store(make_url(f"sqlite:///{tmp_path / 'cards.db'}"))
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE other (value INTEGER)"))
            found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        engine.dispose()
    finally:
        os.umask(before)
    assert found == dict.fromkeys(("cards.db", "cards.db-wal", "cards.db-shm"), 0o600)


def test_a_file_that_another_process_is_about_to_make_a_store_is_waited_for(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "cards.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")  # before it has a write-ahead log, whose making SQLite refuses meanwhile
    release = threading.Timer(0.1, other.execute, ("COMMIT",))
    release.start()
    engine = open_store(make_url(f"sqlite:///{tmp_path / 'cards.db'}"))
    assert current_revision(engine) == head_revision()
    release.join()
    other.close()
    engine.dispose()


def test_others_see_what_a_process_commits_that_has_opened_its_store_twice(tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path / 'cards.db'}")
    # Whoever is the last to close a file takes its log away; the other process is not the last.
    other = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(c.execute(sys.argv[2]).fetchone()[0]); c.close()"
    )
    count = "SELECT count(*) FROM sqlite_master WHERE name = 'other'"
    look = [sys.executable, "-c", other, url.database or "", count]
    first = open_store(url)
    with first.connect() as connection:
        connection.execute(text(count))
        connection.commit()
        second = connect(url)
        assert subprocess.run(look, capture_output=True, text=True, check=True).stdout == "0\n"
        connection.execute(text("CREATE TABLE other (value INTEGER)"))
        connection.commit()
        assert subprocess.run(look, capture_output=True, text=True, check=True).stdout == "1\n"
    second.dispose()
    first.dispose()


def test_a_password_is_never_said() -> None:
    engine = connect(make_url("postgresql+psycopg://me:hunter2@127.0.0.1:1/x"))
    with pytest.raises(Exception, match="cannot be used") as caught:
        open_store(engine.url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "moment", [datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=1)))]
)
def test_a_time_keeps_its_zone(moment: datetime) -> None:
    sqlite: Dialect = dialect()
    stored = UtcDateTime().process_bind_param(moment, sqlite)
    assert stored is not None
    assert UtcDateTime().process_result_value(stored.replace(tzinfo=None), sqlite) == datetime(
        2026, 3, 1, 9, tzinfo=UTC
    )


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        UtcDateTime().process_bind_param(datetime(2026, 3, 1), dialect())  # noqa: DTZ001
