"""Turns at a host, shared between machines over the store; two engines stand for two machines."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError, NotConfigured
from sqlalchemy import Engine, func, update
from sqlalchemy.engine import make_url

from crawler.middlewares.turns import FORGIVEN, HostTurns
from pipelines.master.database import connect, open_store
from pipelines.master.operation import HostTurnRow
from pipelines.runs import turns
from pipelines.runs.turns import SharedTurns
from tests.support import crawling
from tests.support.crawling import Visitor, stripped_settings
from tests.support.web import Answer, Web

HOST = "a.example"


@pytest.fixture
def store(postgresql_url: str) -> Iterator[Engine]:
    engine = open_store(make_url(postgresql_url))
    yield engine
    engine.dispose()


def machine(store: Engine) -> SharedTurns:
    return SharedTurns(store)


def moved(store: Engine, **columns: float) -> None:
    """Move times of the host's row by so many seconds."""
    with store.begin() as connection:
        values = {
            name: getattr(HostTurnRow, name) + func.make_interval(0, 0, 0, 0, 0, 0, by) for name, by in columns.items()
        }
        assert connection.execute(update(HostTurnRow).where(HostTurnRow.host == HOST).values(**values)).rowcount


def test_machines_take_their_turns_one_by_one_with_a_pause(store: Engine) -> None:
    spans: list[tuple[float, float]] = []

    async def take(mine: SharedTurns) -> None:
        async with mine.turn(HOST, 0.3):
            began = asyncio.get_running_loop().time()
            await asyncio.sleep(0.05)
            spans.append((began, asyncio.get_running_loop().time()))

    async def all_of_them() -> None:
        await asyncio.gather(*(take(machine(store)) for _ in range(3)))

    asyncio.run(all_of_them())
    assert all(later[0] - earlier[1] >= 0.299 for earlier, later in pairwise(sorted(spans)))


@pytest.mark.parametrize(
    ("columns", "gets"),
    [
        ({}, False),
        ({"held_until": -3600.0}, True),  # its holder was killed and gave no more signs of life
        ({"held_until": -3600.0, "ended_at": 7200.0}, True),  # and the clock was set back
    ],
)
def test_a_turn_that_is_held_is_waited_for_until_its_holder_is_dead(
    store: Engine, monkeypatch: pytest.MonkeyPatch, columns: dict[str, float], gets: bool
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.3)

    async def second() -> None:
        async with machine(store).turn(HOST, 0.0):
            pass

    async def both() -> None:
        async with machine(store).turn(HOST, 0.0):
            if columns:
                moved(store, **columns)
            expected = contextlib.nullcontext() if gets else pytest.raises(DownloadTimeoutError, match="another crawl")
            with expected:
                await second()

    asyncio.run(both())


def test_a_store_that_is_away_gives_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.2)
    monkeypatch.setattr(turns, "_AWAY", 0.1)
    away = SharedTurns(connect(make_url("postgresql+psycopg://nobody@/nothing?host=/nowhere")))

    async def take() -> None:
        async with away.turn(HOST, 0.0):
            pass

    with pytest.raises(DownloadTimeoutError):
        asyncio.run(take())
    assert away.cooling(HOST) == (0.0, "")


def test_a_cool_off_holds_for_every_machine(store: Engine) -> None:
    machine(store).cool(HOST, 60, "429", 3)
    left, rule = machine(store).cooling(HOST)
    assert (59 < left <= 60, rule, machine(store).times_cooled(HOST)) == (True, "429", 3)
    moved(store, cool_until=-61)
    assert machine(store).cooling(HOST) == (0.0, "")
    assert machine(store).times_cooled(HOST) == 3
    moved(store, cool_until=-FORGIVEN)
    assert machine(store).times_cooled(HOST) == 0
    assert machine(store).cooling("b.example") == (0.0, "")
    machine(store).cool(HOST, 600, "503")
    assert machine(store).cooling(HOST)[1] == "503"


def test_one_machine_keeps_its_turns_in_files(tmp_path: Path) -> None:
    crawler = Crawler(Visitor, stripped_settings({"CARDFILE_HOME": str(tmp_path)}))
    with pytest.raises(NotConfigured):
        SharedTurns.from_crawler(crawler)


def test_crawls_on_two_machines_keep_the_pace_of_a_host_together(
    reactor: crawling.Reactor, web: Web, tmp_path: Path, store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.middlewares.hosts.Hosts.is_own", lambda self, host: False)
    monkeypatch.setattr("crawler.middlewares.hosts.MIN_DELAY", 0.25)
    web.pages |= {f"site.example/{number}": Answer("ok", hang=0.05) for number in range(2)}
    urls = [f"http://site.example/{number}" for number in range(2)]
    assert isinstance(machine(store), HostTurns)

    def settings(name: str) -> dict[str, object]:
        extensions = stripped_settings({}).getdict("EXTENSIONS") | {"pipelines.runs.turns.SharedTurns": 16}
        own = {"CARDFILE_HOME": str(tmp_path / name), "CARDFILE_ALLOWED_PRIVATE_HOSTS": [".example"]}
        own["CARDFILE_DATABASE_URL"] = store.url.render_as_string(hide_password=False)
        return {**own, "CARDFILE_HOSTS": {".example": f"127.0.0.1:{web.port}"}, "EXTENSIONS": extensions}

    async def both() -> list[crawling.Outcome]:
        return await asyncio.gather(*(crawling.crawl(urls, settings(name)) for name in ("one", "two")))

    outcomes = reactor.run(both())
    assert [len(outcome.responses) for outcome in outcomes] == [2, 2]
    assert web.most_at_once == 1
    assert min(web.gaps("site.example")) >= 0.249
    assert not list(tmp_path.glob("*/hosts/*"))
