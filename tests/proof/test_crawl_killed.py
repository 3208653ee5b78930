"""kill -9 and SIGTERM at random moments of a crawl, then run again: the same bytes as an undisturbed run."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from pipelines.master.check import check
from pipelines.master.database import open_store, reading
from pipelines.resolution.rebuild import rebuild
from tests.support import forking, postgres
from tests.support.contents import Contents, contents, difference
from tests.support.crawling import Reactor
from tests.support.pipeline import Crawls
from tests.support.planned import team
from tests.support.web import Answer, Web

pytestmark = pytest.mark.proof

PAGES = 12
KILLS = 8
#: The same moment in every run: what was read when is then no difference between two runs.
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[forking.Server]:
    with forking.serve(tmp_path_factory.mktemp("jobs")) as running:
        yield running


@pytest.fixture
def site(web: Web, tmp_path: Path) -> Crawls:
    """A site of a dozen pages that answer a little late, each with four people, two of them on every page."""
    links = "".join(f'<a href="/team/{page}">Our team {page}</a>' for page in range(PAGES))
    web.pages["noord.example/"] = f"<html>{links}"
    for page in range(PAGES):
        web.pages[f"noord.example/team/{page}"] = Answer(team("noord.example", page), hang=0.02)
    crawls = Crawls(Reactor.__new__(Reactor), web, tmp_path / "register")
    crawls.source("noord", "http://noord.example/")
    return crawls


def start(server: forking.Server, site: Crawls, home: Path, url: str) -> forking.Job:
    hosts = json.dumps({".example": f"127.0.0.1:{site.web.port}"})
    return server.scrapy(
        *("crawl", "company_site", "-a", "source=noord", "-s", f"CARDFILE_HOSTS={hosts}", "-s", "RETRY_TIMES=0"),
        clock=NOON,
        SCRAPY_SETTINGS_MODULE="settings.test",
        CARDFILE_HOME=str(home),
        DATABASE_URL=url,
        CARDFILE_SOURCES=str(site.home / "sources.toml"),
        CARDFILE_ALLOWED_PRIVATE_HOSTS=".example",
    )


def sound(url: str) -> Contents:
    """The contents of a store that keeps its promises."""
    engine = open_store(make_url(url))
    with reading(engine) as connection:
        assert [finding for finding in check(connection) if finding.broken] == []
    found = contents(engine)
    with engine.begin() as connection:
        before, after = rebuild(connection)
    assert before == after
    engine.dispose()
    return found


@contextmanager
def databases(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The URLs of two empty databases of a kind."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'undisturbed.db'}", f"sqlite:///{tmp_path / 'disturbed.db'}"
        return
    running: postgres.Server = request.getfixturevalue("postgres_server")
    with running.database() as one, running.database() as other:
        yield running.url(one), running.url(other)


def killed(job: forking.Job, web: Web, dice: random.Random, how: signal.Signals) -> forking.Ended:
    """Wait for a random page of this crawl, and a random moment more, and kill it unless it has ended by then."""
    before, page = len(web.visits), dice.randint(0, PAGES + 2)
    while (ended := job.wait(0.01)) is None and len(web.visits) - before < page:
        pass
    if ended is None and (ended := job.wait(dice.uniform(0.0, 0.3))) is None:
        job.kill(how)
        ended = job.end()
    return ended


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_crawl(
    kind: str, server: forking.Server, site: Crawls, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with databases(kind, tmp_path, request) as (undisturbed, disturbed):
        assert start(server, site, tmp_path / "a", undisturbed).end().code == 0
        wanted = sound(undisturbed)
        assert len(wanted["person"]) > PAGES
        dice, codes = random.Random(20261122), []
        for kill in range(KILLS):
            how = signal.SIGTERM if kill % 4 == 3 else signal.SIGKILL
            ended = killed(start(server, site, tmp_path / "b", disturbed), site.web, dice, how)
            assert "Traceback" not in ended.said
            codes.append(ended.code)
        assert codes.count(0) < KILLS // 2
        assert start(server, site, tmp_path / "b", disturbed).end().code == 0
        assert difference(sound(disturbed), wanted) == {}
