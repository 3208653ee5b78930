"""kill -9 and SIGTERM at random moments of a crawl, then run again: the same bytes as an undisturbed run."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import forking, postgres, rough
from tests.support.contents import difference
from tests.support.pipeline import Crawls
from tests.support.rough import PAGES, sound, start
from tests.support.web import Web

pytestmark = pytest.mark.proof

KILLS = 8


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[forking.Server]:
    with forking.serve(tmp_path_factory.mktemp("jobs")) as running:
        yield running


@pytest.fixture
def site(web: Web, tmp_path: Path) -> Crawls:
    return rough.site(web, tmp_path / "register")


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
