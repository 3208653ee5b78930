"""A server that hangs is noticed, and one that only takes its time is not disturbed."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url

from pipelines.errors import StoreError
from pipelines.master import lifeline
from pipelines.master.database import connect
from pipelines.master.writer import GroupWriter
from tests.support import postgres, silent

Trouble = Callable[[Connection, int], AbstractContextManager[str]]


@pytest.fixture
def way(postgres_server: postgres.Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[silent.Way]:
    monkeypatch.setattr(lifeline, "SILENCE", 0.2)
    monkeypatch.setattr(lifeline, "_ANSWER", 2)  # the least that libpq knows
    with silent.way(postgres_server.socket_folder / ".s.PGSQL.5432") as way:
        yield way


@pytest.fixture
def engine(bare_postgresql_url: str, way: silent.Way) -> Iterator[Engine]:
    engine = connect(make_url(bare_postgresql_url).set(host="127.0.0.1", port=way.port, query={"connect_timeout": "2"}))
    yield engine
    engine.dispose()


def sleep(connection: Connection, seconds: Sequence[float]) -> list[float]:
    connection.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": sum(seconds)})
    return list(seconds)


def test_a_statement_may_take_its_time(engine: Engine) -> None:
    async def run() -> None:
        writer = GroupWriter(engine)
        assert await writer.submit(sleep, 1.0) == 1.0
        await writer.close()

    asyncio.run(run())


@pytest.mark.parametrize("busy", [True, False], ids=["in a statement", "between two"])
def test_a_server_that_answers_nothing_is_away(engine: Engine, way: silent.Way, busy: bool) -> None:
    async def run() -> None:
        writer = GroupWriter(engine)
        await writer.submit(sleep, 0.0)
        asked = asyncio.create_task(writer.submit(sleep, 0.2)) if busy else None
        await asyncio.sleep(0.1 * busy)
        way.hush()
        with pytest.raises(StoreError, match="cannot be used"):
            await asyncio.wait_for(asked or writer.submit(sleep, 0.0), 20)
        way.resume()
        assert await writer.submit(sleep, 0.0) == 0.0
        await writer.close()

    asyncio.run(run())


def at_work(connection: Connection, waits: Sequence[str]) -> list[int]:
    """Take a lock in the name of the writer; return the number of its process at the server."""
    connection.execute(text("SELECT pg_advisory_xact_lock(7)"))
    return [connection.scalar(text("SELECT pg_backend_pid()"))] * len(waits)


@contextmanager
def locked(other: Connection, _pid: int) -> Iterator[str]:
    """Hold what the writer needs."""
    with other.begin():
        held = at_work(other, [""])[0]
        yield f"process {held} at the server holds what our process"


@contextmanager
def stopped(_other: Connection, pid: int) -> Iterator[str]:
    """Stop the writer's process at the server, which then takes nothing up."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield f"its process {pid} has"
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("trouble", [locked, stopped])
def test_whoever_waits_at_a_server_that_lives_says_for_what(
    engine: Engine, trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        writer = GroupWriter(engine)
        pid = await writer.submit(at_work, "")
        with other.connect() as connection, trouble(connection, pid) as expected:
            asked = asyncio.create_task(writer.submit(at_work, ""))
            async with asyncio.timeout(20):
                while not any(expected in record.message for record in caplog.records):
                    await asyncio.sleep(0.05)
            assert not asked.done()
        assert await asked == pid
        await writer.close()

    caplog.set_level(logging.WARNING)
    other = connect(engine.url)
    asyncio.run(run())
    other.dispose()
