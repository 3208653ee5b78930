"""Faults of the store in the middle of a crawl: what the operator sees, and that nothing is lost.

The tables of `docs/bad-days.md` name these tests. Each crawl runs in a process of its own, as under cron; the fault
comes while its fourth page is fetched. Either the crawl waits and ends as if nothing had been, or it ends with exit
code 1 and a sentence, and the next one makes it good: the same bytes as without the fault.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.support import forking, postgres, rough, silent
from tests.support.contents import Contents, difference
from tests.support.web import Web

#: Real durability, which the other tests do without: this server dies.
DURABLE = ("synchronous_commit=on", "full_page_writes=on")


@pytest.fixture(scope="module")
def mortal() -> Iterator[postgres.Server]:
    with postgres.server(postgres.find(), DURABLE) as running:
        yield running


@dataclass
class Calm:
    """One register for all, as the store keeps its place; and what an undisturbed crawl leaves, by database."""

    register: Path
    left: dict[str, Contents] = field(default_factory=dict)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Calm:
    return Calm(tmp_path_factory.mktemp("register"))


@dataclass
class Day:
    """A crawl into one store, and what may befall it."""

    server: forking.Server
    web: Web
    folder: Path
    url: str
    calm: Calm
    timers: list[threading.Timer] = field(default_factory=list)

    def run(self, *options: str, url: str = "") -> forking.Ended:
        crawls = rough.site(self.web, self.calm.register)
        return rough.start(self.server, crawls, self.folder, url or self.url, *options).end()

    def run_with(self, fault: Callable[[], None], *options: str, url: str = "") -> forking.Ended:
        """Crawl, with a fault while the fourth page is fetched."""
        crawls = rough.site(self.web, self.calm.register)
        rough.when(self.web, 3, fault)
        ended = rough.start(self.server, crawls, self.folder, url or self.url, *options).end()
        for timer in self.timers:
            timer.join()
        return ended

    def later(self, seconds: float, work: Callable[[], object]) -> None:
        self.timers.append(threading.Timer(seconds, work))
        self.timers[-1].start()

    def lost(self) -> Contents:
        """What is other than after a calm day."""
        return difference(rough.sound(self.url), self.calm.left[make_url(self.url).get_backend_name()])


@dataclass(frozen=True)
class Fault:
    """How a server falls silent and speaks again, for a crawl that reaches it at a URL."""

    url: str
    begin: Callable[[], None]
    end: Callable[[], None]


Silence = Callable[[Day, postgres.Server], AbstractContextManager[Fault]]


def undisturbed(day: Day) -> None:
    kind = make_url(day.url).get_backend_name()
    if kind not in day.calm.left:
        assert day.run().code == 0
        day.calm.left[kind] = rough.sound(day.url)


@pytest.fixture
def sqlite_day(forks: forking.Server, web: Web, tmp_path: Path, calm: Calm) -> Day:
    first = Day(forks, web, tmp_path / "calm", f"sqlite:///{tmp_path / 'calm' / 'cards.db'}", calm)
    undisturbed(first)
    return Day(forks, web, tmp_path, f"sqlite:///{tmp_path / 'cards.db'}", calm)


@pytest.fixture
def postgres_day(forks: forking.Server, web: Web, tmp_path: Path, calm: Calm, mortal: postgres.Server) -> Iterator[Day]:
    with mortal.database() as one, mortal.database() as other:
        undisturbed(Day(forks, web, tmp_path / "calm", mortal.url(one), calm))
        yield Day(forks, web, tmp_path, mortal.url(other), calm)


def statement(day: Day, mortal: postgres.Server, text: str, *, inside: bool = True) -> None:
    """Run a statement as an administrator, in the store's own database (THIS) or beside it."""
    name = make_url(day.url).database or ""
    host, there = str(mortal.socket_folder), name if inside else "postgres"
    writable = "-c default_transaction_read_only=off"
    with psycopg.connect(host=host, user="cardfile", dbname=there, options=writable, autocommit=True) as connection:
        connection.execute(text.replace("THIS", f'"{name}"'))


elsewhere = partial(statement, inside=False)


END_ALL = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


@pytest.mark.proof
def test_a_postgresql_that_restarts_is_waited_for(postgres_day: Day, mortal: postgres.Server) -> None:
    def restart() -> None:
        mortal.stop()
        postgres_day.later(3.0, mortal.start)

    ended = postgres_day.run_with(restart)
    assert (ended.code, "Traceback" in ended.said) == (0, False)
    assert "The crawl waits for up to" in ended.said
    assert "The store is back after" in ended.said
    assert postgres_day.lost() == {}


@pytest.mark.proof
def test_a_postgresql_that_is_away_for_a_minute_is_waited_for(postgres_day: Day, mortal: postgres.Server) -> None:
    def away() -> None:
        mortal.stop()
        postgres_day.later(65.0, mortal.start)

    asked_before = len(postgres_day.web.visits)
    assert postgres_day.run_with(away).code == 0
    assert len(postgres_day.web.visits) - asked_before < 3 * rough.PAGES
    assert postgres_day.lost() == {}


@contextmanager
def frozen(day: Day, mortal: postgres.Server) -> Iterator[Fault]:
    """The server hangs, and its machine's system acknowledges what it gets."""
    yield Fault(day.url, mortal.freeze, mortal.thaw)


@contextmanager
def held_up(day: Day, mortal: postgres.Server) -> Iterator[Fault]:
    """The network takes everything and brings nothing."""
    with silent.way(mortal.socket_folder / ".s.PGSQL.5432") as way:
        url = make_url(day.url).set(host="127.0.0.1", port=way.port, query={})
        yield Fault(url.render_as_string(), way.hush, way.resume)


@pytest.mark.proof
@pytest.mark.parametrize("silence", [frozen, held_up])
@pytest.mark.parametrize("lasts", [pytest.param(True, id="for a minute"), pytest.param(False, id="for good")])
def test_a_postgresql_that_answers_nothing_is_noticed(
    postgres_day: Day, mortal: postgres.Server, silence: Silence, lasts: bool
) -> None:
    with silence(postgres_day, mortal) as fault:

        def begin() -> None:
            fault.begin()
            if lasts:
                postgres_day.later(65.0, fault.end)

        began = time.monotonic()
        ended = postgres_day.run_with(begin, "-s", f"CARDFILE_STORE_PATIENCE={120 if lasts else 1.5}", url=fault.url)
        fault.end()
    assert (ended.code, "Traceback" in ended.said) == (0 if lasts else 1, False)
    assert ("The store is back after" if lasts else "what was stored before is safe") in ended.said
    assert time.monotonic() - began < 150
    if not lasts:
        assert postgres_day.run().code == 0
    assert postgres_day.lost() == {}


def test_connections_that_are_ended_are_made_anew(postgres_day: Day, mortal: postgres.Server) -> None:
    ended = postgres_day.run_with(partial(statement, postgres_day, mortal, END_ALL))
    assert (ended.code, "Traceback" in ended.said) == (0, False)
    assert postgres_day.lost() == {}


READ_ONLY = f"ALTER DATABASE THIS SET default_transaction_read_only = on; {END_ALL}"
NOT_ANY_MORE = "ALTER DATABASE THIS RESET default_transaction_read_only"


@pytest.mark.proof
def test_a_postgresql_that_can_only_be_read(postgres_day: Day, mortal: postgres.Server) -> None:
    ended = postgres_day.run_with(partial(statement, postgres_day, mortal, READ_ONLY))
    assert (ended.code, "Traceback" in ended.said) == (1, False)
    assert "can only be read" in ended.said
    assert "what was stored before is safe" in ended.said
    statement(postgres_day, mortal, NOT_ANY_MORE)
    assert postgres_day.run().code == 0
    assert postgres_day.lost() == {}


@pytest.mark.proof
def test_a_full_disk_of_postgresql(postgres_day: Day, mortal: postgres.Server) -> None:
    place = mortal.socket_folder / "disk"
    with small_disk(place, "48m") as disk:
        shutil.chown(disk, mortal.socket_folder.stat().st_uid)
        elsewhere(postgres_day, mortal, f"CREATE TABLESPACE small LOCATION '{disk}'")
        elsewhere(postgres_day, mortal, "ALTER DATABASE THIS SET TABLESPACE small")
        ended = postgres_day.run_with(partial(fill, disk / "other"))
        assert (ended.code, "Traceback" in ended.said) == (1, False)
        assert "is full" in ended.said
        assert "what was stored before is safe" in ended.said
        (disk / "other").unlink()
        assert postgres_day.run().code == 0
        assert postgres_day.lost() == {}
        elsewhere(postgres_day, mortal, "ALTER DATABASE THIS SET TABLESPACE pg_default")
        elsewhere(postgres_day, mortal, "DROP TABLESPACE small")
    place.rmdir()


@pytest.mark.proof
def test_a_postgresql_that_stays_away_ends_the_crawl(postgres_day: Day, mortal: postgres.Server) -> None:
    ended = postgres_day.run_with(mortal.stop, "-s", "CARDFILE_STORE_PATIENCE=1.5")
    mortal.start()
    assert (ended.code, "Traceback" in ended.said) == (1, False)
    assert "what was stored before is safe" in ended.said
    assert postgres_day.run().code == 0
    assert postgres_day.lost() == {}


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        yield other
    finally:
        other.close()


@pytest.mark.parametrize(
    "lets_go",
    [pytest.param(True, id="for a while"), pytest.param(False, id="for good", marks=pytest.mark.proof)],
)
def test_a_locked_file(sqlite_day: Day, lets_go: bool) -> None:
    path = sqlite_day.folder / "cards.db"
    with locked(path) as other:

        def lock() -> None:
            other.execute("BEGIN IMMEDIATE")
            if lets_go:
                sqlite_day.later(3.0, partial(other.execute, "COMMIT"))

        patience = ("-s", f"CARDFILE_STORE_PATIENCE={60 if lets_go else 1.5}")
        ended = sqlite_day.run_with(lock, *patience, url=f"{sqlite_day.url}?timeout=0.2")
    assert (ended.code, "Traceback" in ended.said) == (0 if lets_go else 1, False)
    assert "is locked by another process" in ended.said
    if not lets_go:
        assert sqlite_day.run().code == 0
    assert sqlite_day.lost() == {}


def fill(file: Path) -> None:
    """Write a file until there is no room left on its disk."""
    with file.open("wb", buffering=0) as stream, suppress(OSError):
        while True:
            stream.write(b"\0" * 4096)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own that is soon full; skips where this machine lets nobody mount one."""
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small file system, and not everywhere")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.proof
def test_a_full_disk(sqlite_day: Day) -> None:
    with small_disk(sqlite_day.folder / "disk", "16m") as disk:
        day = Day(
            sqlite_day.server, sqlite_day.web, sqlite_day.folder, f"sqlite:///{disk / 'cards.db'}", sqlite_day.calm
        )

        ended = day.run_with(partial(fill, disk / "other"))
        assert (ended.code, "Traceback" in ended.said) == (1, False)
        assert "is full" in ended.said or "check its disk" in ended.said
        (disk / "other").unlink()
        assert day.run().code == 0
        assert day.lost() == {}


@pytest.mark.proof
def test_a_disk_that_can_only_be_read(sqlite_day: Day) -> None:
    with small_disk(sqlite_day.folder / "disk", "8m") as disk:
        day = Day(
            sqlite_day.server, sqlite_day.web, sqlite_day.folder, f"sqlite:///{disk / 'cards.db'}", sqlite_day.calm
        )
        assert day.run().code == 0
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        ended = day.run()
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert (ended.code, "Traceback" in ended.said) == (1, False)
        assert "Read-only file system" in ended.said
        assert day.lost() == {}
