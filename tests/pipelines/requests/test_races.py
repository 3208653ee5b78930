"""A crawl that writes while somebody is taken out: what it brought is found, or is stopped before it is merged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.engine import make_url

from crawler import clock
from crawler.items import Mention, Property
from pipelines.master.database import open_store
from pipelines.master.models import MentionRow
from pipelines.master.statements import Reading, write_readings
from pipelines.merge import Merge
from pipelines.requests.erasing import erase
from pipelines.requests.objecting import object_to
from pipelines.requests.rules import Kind
from pipelines.resolution.resolver import lock, resolve_pending
from pipelines.rights.suppression import ALL, for_purpose
from tests.support import commands
from tests.support.asked import JANE, KEYS, NOW, SEEN, asked, desk
from tests.support.reported import Seen, mention, source, store
from tests.support.rights import written

#: Joins Jane by her address, and leads to a page and a number that nobody has heard of.
LATE = Seen({**JANE, Property.TELEPHONE: "+442079460177"}, url="http://one.example/late")
#: Left beside her by the same crawl, and put out by nobody; today's rules would not store her title.
NOBODY = Seen(
    {Property.NAME: "Tess Oost", Property.JOB_TITLE: "mother of two", Property.EMAIL: "tess@oost.example"},
    url="http://one.example/tess",
)
JANES = select(MentionRow.id).where(MentionRow.url.in_([LATE.url, "http://press.example/jane-roe"]))


@pytest.fixture
def busy(postgresql_url: str) -> Iterator[Engine]:
    """A store on PostgreSQL, in which the late reading is not yet."""
    store(postgresql_url, SEEN).dispose()
    engine = open_store(make_url(postgresql_url))
    yield engine
    engine.dispose()


def waited_for(engine: Engine, over: Event) -> bool:
    """Return whether somebody waits for the lock of resolution before it is over."""
    waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not over.wait(0.02):
            if connection.scalar(waits):
                return True
    return False


@pytest.mark.parametrize("kind", ["erase", "object", "object --purpose business-directory"])
def test_a_reading_that_joins_between_the_search_and_the_end_goes_along(
    busy: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    written(tmp_path)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    over, begun = Event(), Event()

    def crawl() -> bool:
        """Write and merge the late reading, and commit only once the command waits for it."""
        with busy.begin() as connection:
            lock(connection)
            write_readings(connection, [Reading(mention(LATE))])
            resolve_pending(connection)
            begun.set()
            return waited_for(busy, over)

    with ThreadPoolExecutor(1) as pool:
        crawling = pool.submit(crawl)
        assert begun.wait(30)
        try:
            code = commands.call(
                *kind.split(), "--email", JANE[Property.EMAIL], "--identity", "known",
                CARDFILE_HOME=str(tmp_path), CARDFILE_RIGHTS=str(tmp_path / "rights.toml"),
                CARDFILE_DATABASE_URL=busy.url.render_as_string(hide_password=False),
            )  # fmt: skip
        finally:
            over.set()
        assert crawling.result()
    assert code == 0
    with busy.connect() as connection:
        assert connection.scalars(JANES).all() == []


def last_stage(connection: Connection) -> Merge:
    """Return the last stage of a crawl of a source, over one connection."""

    async def submit(handler: Callable[..., list[Any]], item: Mention) -> Any:
        return handler(connection, [item])[0]

    crawler = SimpleNamespace(spider=SimpleNamespace(source=source("one")), stats=None)
    return Merge(cast("Any", crawler), cast("Any", SimpleNamespace(submit=submit)), KEYS)


@pytest.mark.parametrize("purpose", ["", "business-directory"])
def test_a_reading_that_was_let_in_before_is_stopped_before_it_is_merged(
    database_url: str, tmp_path: Path, purpose: str
) -> None:
    """It passed the suppressing stage, then its person was put out, and only then is it stored and merged."""
    engine, at = store(database_url, SEEN), desk(tmp_path)
    with engine.begin() as connection:
        cases = asked(connection, at, Kind.OBJECT, {"email": JANE[Property.EMAIL]})
        if purpose:
            object_to(connection, cases, at, for_purpose(purpose), purpose)
        else:
            erase(connection, cases, at)
        write_readings(connection, [Reading(mention(LATE))])
        assert connection.scalars(JANES).all() != []
        asyncio.run(last_stage(connection).process_item(mention(LATE)))
        assert connection.scalars(JANES).all() == []
    engine.dispose()


def test_what_a_killed_crawl_has_stored_of_them_goes_when_the_next_one_begins(
    database_url: str, tmp_path: Path
) -> None:
    engine, at = store(database_url, SEEN), desk(tmp_path)
    with engine.begin() as connection:
        erase(connection, asked(connection, at, Kind.ERASE, {"email": JANE[Property.EMAIL]}), at)
        write_readings(connection, [Reading(mention(LATE))])
        asyncio.run(last_stage(connection).open_spider())
        assert connection.scalars(JANES).all() == []
    engine.dispose()


@pytest.mark.parametrize("purpose", ["", "business-directory"])
@pytest.mark.parametrize(
    "command",
    [
        "resolve",
        "rectify --email bo.zuid@noord.example --identity known --set jobTitle=Chair",
        "db rebuild",
        "db rescreen",
    ],
)
def test_whoever_resolves_what_a_killed_crawl_has_left_asks_the_list(
    database_url: str, tmp_path: Path, command: str, purpose: str
) -> None:
    engine, at = store(database_url, SEEN), desk(tmp_path)
    with engine.begin() as connection:
        cases = asked(connection, at, Kind.OBJECT, {"email": JANE[Property.EMAIL]})
        object_to(connection, cases, at, for_purpose(purpose) if purpose else ALL, purpose or "business-directory")
        write_readings(connection, [Reading(mention(LATE)), Reading(mention(NOBODY))])
    code = commands.call(
        *command.split(),
        CARDFILE_HOME=str(tmp_path), CARDFILE_RIGHTS=str(tmp_path / "rights.toml"), CARDFILE_SECRET="s" * 32,
        CARDFILE_DATABASE_URL=database_url,
    )  # fmt: skip
    assert code == 0
    with engine.connect() as connection:
        assert connection.scalars(JANES).all() == []
        left = select(MentionRow.entity_id).where(MentionRow.url == NOBODY.url, MentionRow.type == "person")
        assert all(connection.scalars(left).all())
    engine.dispose()
