"""kill -9 at random moments of everything else that works on the store, then run again: as if nothing had been.

Each job runs once undisturbed and tells how long it takes; then it is killed again and again on a copy of the same
store, and run to its end at last. The writer is killed at moments of its own choice too: right before a commit, and
right after one of which nobody has heard yet.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.engine import make_url

from pipelines.master.backup import read_backup, verify
from pipelines.master.check import check
from pipelines.master.database import current_revision, head_revision, open_store, reading
from pipelines.master.models import MasterValueRow
from tests.support import forking, jobs, postgres
from tests.support.contents import PROCESS, Contents, contents, difference

pytestmark = pytest.mark.proof

SIZE, WRITTEN = 250, 100


@dataclass
class Place:
    """Where a job works: a store, and a folder for what it writes."""

    server: forking.Server
    url: str
    folder: Path

    def scrapy(self, *arguments: str) -> forking.Job:
        return self.server.scrapy(
            *arguments,
            clock=jobs.TOLD,
            SCRAPY_SETTINGS_MODULE="settings.test",
            CARDFILE_HOME=str(self.folder),
            CARDFILE_RIGHTS=str(self.folder / "rights.toml"),
            CARDFILE_SECRET="s" * 32,
            DATABASE_URL=self.url,
        )

    def contents(self) -> Contents:
        """What the store holds, which keeps its promises but for what waits to be resolved."""
        engine = open_store(make_url(self.url))
        with reading(engine) as connection:
            broken = {finding.invariant for finding in check(connection) if finding.broken}
        assert broken <= {"no mention waits to be resolved"}
        found = contents(engine)
        engine.dispose()
        return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[forking.Server]:
    with forking.serve(tmp_path_factory.mktemp("jobs")) as running:
        yield running


@dataclass
class Stores:
    """A filled store that tests copy, on one kind of database."""

    kind: str
    server: forking.Server
    postgres: postgres.Server | None
    folder: Path
    stack: ExitStack

    @contextmanager
    def copy(self, folder: Path, like: Place | None) -> Iterator[Place]:
        """A store of its own, empty or a copy, with the files beside it."""
        if like is None:
            folder.mkdir(parents=True)
        else:
            shutil.copytree(like.folder, folder)
        if self.postgres is None:
            yield Place(self.server, f"sqlite:///{folder / 'cardfile.db'}", folder)
            return
        with self.postgres.database(*([make_url(like.url).database or ""] if like else [])) as name:
            yield Place(self.server, self.postgres.url(name), folder)

    def made(self, name: str, fill: Callable[[str, Path], None]) -> Place:
        place = self.stack.enter_context(self.copy(self.folder / name, None))
        fill(place.url, place.folder)
        return place


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stores(
    request: pytest.FixtureRequest, server: forking.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stores]:
    running = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    with ExitStack() as stack:
        yield Stores(request.param, server, running, tmp_path_factory.mktemp("stores"), stack)


@pytest.fixture(scope="module")
def filled(stores: Stores) -> Place:
    return stores.made("filled", lambda url, folder: jobs.fill(url, folder, SIZE))


def kill(start: Callable[[], forking.Job], seconds: float, dice: random.Random, times: int) -> None:
    """Kill a job so many times at a random moment; what is half done already takes less time than the whole."""
    killed = 0
    for _ in range(4 * times):
        job = start()
        if job.wait(dice.uniform(0.0, seconds)) is None:
            job.kill()
            killed += job.end().code < 0
        else:
            seconds *= 0.6
        if killed == times:
            return
    pytest.fail(f"only {killed} of {4 * times} were still running when they were to be killed")


def timed(job: forking.Job) -> float:
    """Let a job run to its end; return the seconds that it took."""
    began = time.monotonic()
    ended = job.end()
    assert ended.code == 0, ended.said
    return time.monotonic() - began


def test_the_writer(stores: Stores, tmp_path: Path) -> None:
    with stores.copy(tmp_path / "a", None) as calm, stores.copy(tmp_path / "b", None) as rough:
        function = "tests.support.jobs:write"
        seconds = timed(calm.server.call(function, calm.url, WRITTEN, 11))
        dice = random.Random(1)
        for at in ("commit", "checkin"):
            for _ in range(2):
                ended = rough.server.call(function, rough.url, WRITTEN, 11, 0, 1, at, dice.randint(2, 8)).end()
                assert ended.code == -9
                rough.contents()
        kill(lambda: rough.server.call(function, rough.url, WRITTEN, 11), seconds, dice, 3)
        timed(rough.server.call(function, rough.url, WRITTEN, 11))
        assert difference(calm.contents(), rough.contents()) == {}


def test_a_migration(stores: Stores, tmp_path: Path) -> None:
    old = stores.made("old", lambda url, folder: jobs.fill_first_release(url))
    with stores.copy(tmp_path / "a", old) as calm, stores.copy(tmp_path / "b", old) as rough:
        seconds = timed(calm.scrapy("db", "upgrade"))
        kill(lambda: rough.scrapy("db", "upgrade"), 0.8 * seconds, random.Random(2), 3)
        timed(rough.scrapy("db", "upgrade"))
        assert difference(calm.contents(), rough.contents()) == {}
        engine = open_store(make_url(rough.url))
        assert current_revision(engine) == head_revision()
        engine.dispose()


def test_a_resolve(stores: Stores, filled: Place, tmp_path: Path) -> None:
    with stores.copy(tmp_path / "a", filled) as calm, stores.copy(tmp_path / "b", filled) as rough:
        before = rough.contents()
        seconds = timed(calm.scrapy("resolve"))
        after = calm.contents()
        assert difference(before, after)
        for seed in range(3):
            kill(lambda: rough.scrapy("resolve"), seconds, random.Random(seed), 1)
            assert rough.contents() in (before, after)
        timed(rough.scrapy("resolve"))
        assert difference(after, rough.contents()) == {}


def test_an_export(stores: Stores, filled: Place, tmp_path: Path) -> None:
    with stores.copy(tmp_path / "a", filled) as place:
        calm, rough = (place.folder / name for name in ("calm.csv", "rough.csv"))
        command = ("export", "--recipient", "acme", "--purpose", "business-directory", "-o")
        seconds = timed(place.scrapy(*command, str(calm)))
        assert calm.read_bytes().count(b"\n") > SIZE // 10

        def start() -> forking.Job:
            rough.unlink(missing_ok=True)
            return place.scrapy(*command, str(rough))

        kill(start, seconds, random.Random(3), 3)
        timed(start())
        assert rough.read_bytes() == calm.read_bytes()
        assert sorted(path.name for path in place.folder.glob(".*")) == []


def held(file: Path) -> dict[str, int]:
    """The rows of a backup by table, but for the log of what was done, which each backup makes longer."""
    with read_backup(file, None) as stream:
        return {table: count for table, count in verify(stream).rows.items() if table not in PROCESS}


def test_a_backup(stores: Stores, filled: Place, tmp_path: Path) -> None:
    with stores.copy(tmp_path / "a", filled) as place:
        file = place.folder / "backup"
        seconds = timed(place.scrapy("db", "backup", str(file)))
        wanted = held(file)
        for seed in range(3):
            kill(lambda: place.scrapy("db", "backup", str(file)), seconds, random.Random(seed), 1)
            assert held(file) == wanted  # the one before, or a new one, and always a whole one
        timed(place.scrapy("db", "backup", str(file)))
        assert sorted(path.name for path in place.folder.glob(".*")) == []


def test_a_restore(stores: Stores, filled: Place, tmp_path: Path) -> None:
    with stores.copy(tmp_path / "a", filled) as place:
        file, whole = place.folder / "backup", place.contents()
        timed(place.scrapy("db", "backup", str(file)))
        engine = open_store(make_url(place.url))
        with engine.begin() as connection:
            connection.execute(delete(MasterValueRow))
        spoilt = contents(engine)
        seconds = 0.0
        for seed in range(3):
            if seed:
                kill(lambda: place.scrapy("db", "restore", str(file)), seconds, random.Random(seed), 2)
                assert contents(engine) in (spoilt, whole)
            else:
                seconds = timed(place.scrapy("db", "restore", str(file)))
                assert difference(contents(engine), whole) == {}
            with engine.begin() as connection:
                connection.execute(delete(MasterValueRow))
        timed(place.scrapy("db", "restore", str(file)))
        assert difference(contents(engine), whole) == {}
        assert not (place.folder / "restoring").exists()
        engine.dispose()
