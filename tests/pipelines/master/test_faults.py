"""What a database refuses: what passes is waited for and done once, what does not is said in a sentence."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from pipelines.errors import StoreLocked
from pipelines.master.database import connect
from pipelines.master.faults import Fault, fault_of, shown, store_error
from pipelines.master.waiting import Patience
from pipelines.master.writer import GroupWriter

Insert = Callable[[Connection, Sequence[int]], list[int]]


def insert(connection: Connection, payloads: Sequence[int]) -> list[int]:
    """Write numbers so that writing one twice changes nothing more, as every handler of the store does."""
    statement = text("INSERT INTO number VALUES (:value) ON CONFLICT DO NOTHING")
    connection.execute(statement, [{"value": payload} for payload in payloads])
    return list(payloads)


@pytest.fixture
def numbers(bare_url: str) -> Engine:
    engine = connect(make_url(f"{bare_url}?timeout=0.05" if bare_url.startswith("sqlite") else bare_url))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE number (value INTEGER PRIMARY KEY)"))
    return engine


def stored(engine: Engine) -> list[int]:
    with engine.begin() as connection:
        return list(connection.scalars(text("SELECT value FROM number ORDER BY value")))


def write(engine: Engine, handler: Insert, patience: Patience) -> list[int | BaseException]:
    async def run() -> list[int | BaseException]:
        writer = GroupWriter(engine, patience)
        results = await asyncio.gather(*(writer.submit(handler, one) for one in (1, 2, 3)), return_exceptions=True)
        await writer.close()
        return results

    return asyncio.run(run())


def failing(engine: Engine, times: int, fail: Callable[[Connection], None]) -> tuple[Insert, list[int]]:
    """An insert that lets the database fail, for real, so many times behind its work; and how often it was called."""
    calls: list[int] = []

    def handler(connection: Connection, payloads: Sequence[int]) -> list[int]:
        found = insert(connection, payloads)
        calls.append(len(payloads))
        if len(calls) <= times:
            fail(connection)
        return found

    return handler, calls


def raise_state(state: str) -> Callable[[Connection], None]:
    def fail(connection: Connection) -> None:
        connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$"))

    return fail


def terminate(connection: Connection) -> None:
    """End the server's side of this very connection, as an administrator or a restart does."""
    mine = connection.scalar(text("SELECT pg_backend_pid()"))
    other = connect(connection.engine.url)
    with other.begin() as beside:
        beside.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
    other.dispose()
    connection.execute(text("SELECT 1"))


@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(terminate, id="the connection is ended"),
        pytest.param(raise_state("40001"), id="serialization failure"),
        pytest.param(raise_state("40P01"), id="deadlock"),
        pytest.param(raise_state("55P03"), id="a lock is not to be had"),
        pytest.param(raise_state("53300"), id="too many connections"),
        pytest.param(raise_state("57P03"), id="the server starts"),
    ],
)
def test_what_passes_on_postgresql_is_done_again(bare_postgresql_url: str, fail: Callable[[Connection], None]) -> None:
    engine = connect(make_url(bare_postgresql_url))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE number (value INTEGER PRIMARY KEY)"))
    handler, calls = failing(engine, 2, fail)
    assert write(engine, handler, Patience(30.0)) == [1, 2, 3]
    assert stored(engine) == [1, 2, 3]
    assert len(calls) == 3
    engine.dispose()


def test_a_locked_sqlite_file_is_waited_for(tmp_path: Path) -> None:
    engine = connect(make_url(f"sqlite:///{tmp_path / 'x.db'}?timeout=0.05"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE number (value INTEGER PRIMARY KEY)"))
    told: list[bool] = []
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(2.5, other.execute, ("COMMIT",))
    release.start()
    patience = Patience(30.0, tell=lambda error, seconds: told.append(error is None))
    assert write(engine, insert, patience) == [1, 2, 3]
    assert stored(engine) == [1, 2, 3]
    assert told == [False, True]
    release.join()
    other.close()
    engine.dispose()


def test_patience_ends_and_then_nobody_waits_again(tmp_path: Path) -> None:
    engine = connect(make_url(f"sqlite:///{tmp_path / 'x.db'}?timeout=0.05"))
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    handler, calls = failing(engine, 0, terminate)
    patience = Patience(0.3)
    for _ in range(2):
        results = write(engine, handler, patience)
        assert [type(result) for result in results] == [StoreLocked] * 3
    assert calls == []  # BEGIN was refused each time, before any work was done
    other.close()
    engine.dispose()


def test_who_is_told_to_stop_waits_less(tmp_path: Path) -> None:
    engine = connect(make_url("postgresql://me@127.0.0.1:1/none"))
    results = write(engine, insert, Patience(3600.0, bound=lambda: 0.2))
    assert [str(result).count("check DATABASE_URL") for result in results] == [1, 1, 1]


@pytest.mark.parametrize(
    ("state", "fault", "says"),
    [
        ("53100", Fault.FULL, "is full"),
        ("25006", Fault.READ_ONLY, "can only be read"),
        ("58030", Fault.DAMAGED, "restore"),
        ("XX001", Fault.DAMAGED, "restore"),
        ("40P01", Fault.BUSY, "locked by another process"),
        ("57P01", Fault.AWAY, "check DATABASE_URL"),
        ("23505", Fault.REFUSED, "scrapy db check"),
    ],
)
def test_what_postgresql_says(bare_postgresql_url: str, state: str, fault: Fault, says: str) -> None:
    engine = connect(make_url(bare_postgresql_url))
    with pytest.raises(SQLAlchemyError) as caught, engine.begin() as connection:
        raise_state(state)(connection)
    _shows(caught.value, engine, fault, says)


def _shows(error: SQLAlchemyError, engine: Engine, fault: Fault, says: str) -> None:
    assert fault_of(error) is fault
    sentence = str(store_error(error, engine.url))
    assert says in sentence
    assert "\n" not in sentence
    engine.dispose()


def _fill(connection: Connection) -> None:
    connection.execute(text("PRAGMA max_page_count = 3"))
    connection.execute(text("CREATE TABLE big (value BLOB)"))
    connection.execute(text("INSERT INTO big VALUES (randomblob(100000))"))


def _read_only(connection: Connection) -> None:
    connection.execute(text("PRAGMA query_only = ON"))
    connection.execute(text("CREATE TABLE other (value INTEGER)"))


def _twice(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE one (value INTEGER PRIMARY KEY)"))
    connection.execute(text("INSERT INTO one VALUES (1), (1)"))


@pytest.mark.parametrize(
    ("work", "fault", "says"),
    [
        (_fill, Fault.FULL, "is full"),
        (_read_only, Fault.READ_ONLY, "can only be read"),
        (_twice, Fault.REFUSED, "check"),
    ],
)
def test_what_sqlite_says(tmp_path: Path, work: Callable[[Connection], None], fault: Fault, says: str) -> None:
    engine = connect(make_url(f"sqlite:///{tmp_path / 'x.db'}"))
    with pytest.raises(SQLAlchemyError) as caught, engine.begin() as connection:
        work(connection)
    _shows(caught.value, engine, fault, says)


def test_what_sqlite_says_of_a_file_that_is_none_or_damaged(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    engine = connect(make_url(f"sqlite:///{path}"))
    with pytest.raises(SQLAlchemyError) as caught, engine.begin():
        pass
    _shows(caught.value, engine, Fault.DAMAGED, "restore")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@127.0.0.1:1/x",
        "postgresql://me@127.0.0.1:1/x?password=hunter2",
        "postgresql://me@127.0.0.1:1/x?sslkey=/secret/hunter2.key&sslpassword=hunter2",
        "postgresql://me:hunter2@127.0.0.1:1/x?no_such_option=hunter2",
    ],
)
def test_no_secret_of_a_url_is_said(url: str) -> None:
    engine = connect(make_url(url))
    with pytest.raises(SQLAlchemyError) as caught, engine.begin():
        pass
    sentence = str(store_error(caught.value, engine.url))
    assert "hunter2" not in sentence
    assert "me" in shown(engine.url)


def test_a_value_is_never_said(bare_postgresql_url: str) -> None:
    engine = connect(make_url(bare_postgresql_url))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE person (email TEXT PRIMARY KEY)"))
    with pytest.raises(SQLAlchemyError) as caught, engine.begin() as connection:
        connection.execute(text("INSERT INTO person VALUES ('jane@noord.example'), ('jane@noord.example')"))
    assert "jane@noord.example" in str(caught.value.orig)  # type: ignore[attr-defined]  # the driver quotes it
    assert "jane" not in str(store_error(caught.value, engine.url))
    engine.dispose()
