"""The reactor never waits for the database: how long it stands still while the store is slow, measured."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.master.statements import declare_source, mention_ids, write_readings
from pipelines.master.waiting import Patience
from pipelines.master.writer import GroupWriter
from pipelines.resolution.resolver import resolve
from tests.support.population import SOURCES, population
from tests.support.readings import source

#: Seconds that each store is slow for; a writer in the reactor would stop it for as long.
SLOW = 1.0
#: What a shared machine may do to a loop that does nothing: the bound for the worst tick, below any wait of the store.
LONGEST = 0.4
#: The design's "few milliseconds", for the median tick.
USUAL = 0.005


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Another process holds the write lock of an SQLite file for a while."""
    other = sqlite3.connect(engine.url.database or "", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(SLOW, partial(other.execute, "COMMIT"))
    release.start()
    yield
    release.join()
    other.close()


@contextmanager
def sleeping(engine: Engine) -> Iterator[None]:
    """PostgreSQL takes its time over each group of statements."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN PERFORM pg_sleep({SLOW / 2}); RETURN NULL; END $$"
            )
        )
        connection.execute(text("CREATE TRIGGER slow BEFORE INSERT ON mention EXECUTE FUNCTION slow()"))
    yield


async def ticks(until: asyncio.Event) -> list[float]:
    """How late a loop comes back that wants to be woken each 2 ms."""
    late = []
    while not until.is_set():
        before = time.perf_counter()
        await asyncio.sleep(0.002)
        late.append(time.perf_counter() - before - 0.002)
    return late


def lateness(engine: Engine) -> list[float]:
    """Write and resolve a population while the loop ticks."""

    async def run() -> list[float]:
        done = asyncio.Event()
        clock = asyncio.create_task(ticks(done))
        writer = GroupWriter(engine, Patience(30.0))
        readings = [one for one, _ in population(20, 3)]
        await asyncio.gather(*(writer.submit(write_readings, one) for one in readings))
        await asyncio.gather(*(writer.submit(resolve, mention_ids(one.mention)) for one in readings))
        await writer.close()
        done.set()
        return await clock

    return asyncio.run(run())


@pytest.mark.parametrize(("kind", "slow"), [("sqlite", locked), ("postgresql", sleeping)])
def test_a_slow_store_stops_nobody(
    kind: str,
    slow: Callable[[Engine], AbstractContextManager[None]],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    engine = open_store(make_url(url))
    with engine.begin() as connection:
        for identifier in SOURCES:
            declare_source(connection, source(identifier))
    began = time.monotonic()
    with slow(engine):
        late = sorted(lateness(engine))
    assert time.monotonic() - began >= SLOW / 2
    assert len(late) > 50  # the loop went on meanwhile
    assert late[len(late) // 2] < USUAL
    assert late[-1] < LONGEST
    engine.dispose()
