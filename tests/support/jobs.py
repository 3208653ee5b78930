"""Work on a store in a process of its own, to be killed while it is at it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, event, insert
from sqlalchemy.engine import make_url

from pipelines.master.backup.dump import tables
from pipelines.master.database import connect, open_store, upgrade
from pipelines.master.statements import Reading, declare_source, mention_ids, write_readings
from pipelines.master.waiting import Patience
from pipelines.master.writer import GroupWriter
from pipelines.resolution.resolver import resolve, resolve_leftovers, resolve_pending
from pipelines.rights import register
from pipelines.rights.notifying import into_folder, send
from tests.support.population import SOURCES, population
from tests.support.readings import START, source
from tests.support.rights import written

#: When everybody has been told, and exports may leave.
TOLD = START + timedelta(days=10)
#: Mentions of one name that a store of the first release holds.
OLD = 3_000


def write(url: str, size: int, seed: int, share: int = 0, of: int = 1, die_at: str = "", die: int = 0) -> None:
    """Write and resolve a share of a population the way the stages do, ten items at a time.

    `die_at` names an event of the database's connections at which the process kills itself when it comes the `die`th
    time: "commit" is the moment before one, "checkin" the moment after, before anybody knows that it was made.
    """
    engine = open_store(make_url(url))
    with engine.begin() as connection:
        for identifier in SOURCES:
            declare_source(connection, source(identifier))
    if die_at:
        _die(engine, die_at, die)
    readings = [one for one, _ in population(size, seed)][share::of]
    asyncio.run(_write(engine, readings))
    engine.dispose()


def _die(engine: Engine, at: str, die: int) -> None:
    numbers = count(1)

    def kill(*_: object) -> None:
        if next(numbers) == die:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine.pool if at == "checkin" else engine, at, kill)


async def _write(engine: Engine, readings: Sequence[Reading]) -> None:
    writer = GroupWriter(engine, Patience(60.0))
    await writer.submit(resolve_leftovers, None)
    turn = asyncio.Semaphore(10)

    async def process(one: Reading) -> None:
        async with turn:
            await writer.submit(write_readings, one)
            await writer.submit(resolve, mention_ids(one.mention))

    await asyncio.gather(*map(process, readings))
    await writer.close()


def fill(url: str, folder: Path, size: int = 250) -> None:
    """Fill a store with a population that was resolved and told, and write the rights register beside it."""
    engine = open_store(make_url(url))
    with engine.begin() as connection:
        for identifier in SOURCES:
            declare_source(connection, source(identifier, purpose="business-directory"))
        write_readings(connection, [one for one, _ in population(size, 11)])
        resolve_pending(connection)
    rights = register.load(written(folder))
    send(engine, rights, into_folder(folder / "notices"), TOLD - timedelta(days=1))
    engine.dispose()


def fill_first_release(url: str) -> None:
    """Make a store of the first schema with some thousand mentions in it, so that its migrations have work to do."""
    engine = connect(make_url(url))
    upgrade(engine, "0001")
    with engine.begin() as connection:
        found = {table.name: table for table in tables(connection)}
        for name, rows in _first_release().items():
            _insert(connection, found[name], rows)
    engine.dispose()


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    connection.execute(insert(table), list(rows))


def _first_release() -> dict[str, list[dict[str, object]]]:
    page, grant, fetch = "http://www.noord.example/{}", "p" * 32, "c{:031d}"
    times = {"first_seen": START, "last_seen": START}
    facts = {"kind": "company-site", "publisher": "Noord NV", "purpose": "test", "legal_basis": "contract"}
    texts = dict.fromkeys(("balancing_test", "balancing_hash", "country", "language"), "")
    robots = {"user_agent": "Cardfile", "robots_url": page.format("robots.txt"), "robots_hash": "", "rule": "none"}
    answer = {"status": 200, "media_type": "text/html", "etag": '"v1"', "last_modified": "", "rendered": False}
    said = {"property": "name", "employment": 0, "evidence": "", "method": "card", "locator": "/p", "confidence": 0.9}
    pages = range(OLD // 10)
    return {
        "source": [{"id": "noord", "retention_days": 30, **facts, **texts}],
        "permission": [{"id": grant, "robots_status": 404, "signals": [], **robots}],
        "capture": [
            {"id": fetch.format(number), "source_id": "noord", "run_id": None, "permission_id": grant,
             "url": page.format(number), "fetched_at": START, "content_hash": "0" * 64, **answer}
            for number in pages
        ],
        "mention": [
            {"id": f"a{number:031d}", "source_id": "noord", "type": "person", "url": page.format(number // 10),
             "locator": "/p", "language": "", "country": "", "entity_id": None, "content": "", "pending": True, **times}
            for number in range(OLD)
        ],
        "statement": [
            {"id": f"e{number:031d}", "mention_id": f"a{number:031d}", "original": f"Jane Roe {number}",
             "normalised": f"Jane Roe {number}", "retired_at": None, "first_capture_id": fetch.format(number // 10),
             "last_capture_id": fetch.format(number // 10), **said, **times}
            for number in range(OLD)
        ],
    }  # fmt: skip
