"""Turns at a host, shared between processes and runs."""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from scrapy.exceptions import DownloadTimeoutError

from crawler.middlewares import turns
from crawler.middlewares.turns import FORGIVEN, Turns
from tests.crawler.middlewares.conftest import settings_for
from tests.support import crawling
from tests.support.web import Answer, Web

HOST = "a.example"


def test_turns_are_taken_one_by_one_with_a_pause(tmp_path: Path) -> None:
    begun: list[float] = []
    active = most = 0

    async def take(mine: Turns) -> None:
        nonlocal active, most
        async with mine.turn(HOST, 0.1):
            begun.append(asyncio.get_running_loop().time())
            active += 1
            most = max(most, active)
            await asyncio.sleep(0.02)
            active -= 1

    async def all_of_them() -> None:
        await asyncio.gather(*(take(Turns(tmp_path)) for _ in range(4)))

    asyncio.run(all_of_them())
    assert most == 1
    assert min(later - earlier for earlier, later in pairwise(begun)) >= 0.099


@pytest.mark.parametrize("moved", [-5000.0, 5000.0])
def test_a_clock_that_was_set_stalls_nobody(tmp_path: Path, moved: float) -> None:
    async def take() -> None:
        async with Turns(tmp_path).turn(HOST, 0.1):
            pass

    async def twice() -> None:
        await take()
        at = (tmp_path / HOST).stat().st_mtime + moved
        os.utime(tmp_path / HOST, (at, at))
        await asyncio.wait_for(take(), 2)

    asyncio.run(twice())


def test_a_killed_process_blocks_nobody(tmp_path: Path) -> None:
    code = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
    command = [sys.executable, "-c", code, str(tmp_path / HOST)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with (tmp_path / HOST).open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        holder.kill()

    async def take() -> None:
        async with Turns(tmp_path).turn(HOST, 0.0):
            pass

    asyncio.run(asyncio.wait_for(take(), 5))


def test_waiting_for_a_turn_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.1)

    async def both() -> None:
        async with Turns(tmp_path).turn(HOST, 0.0):
            with pytest.raises(DownloadTimeoutError, match="another process holds its turn"):
                async with Turns(tmp_path).turn(HOST, 0.0):
                    pass

    asyncio.run(both())


def test_a_cool_off_outlives_its_run(tmp_path: Path) -> None:
    now = 1000.0
    Turns(tmp_path, lambda: now).cool(HOST, 60, "429")
    assert Turns(tmp_path, lambda: 1030.0).cooling(HOST) == (30.0, "429")
    assert Turns(tmp_path, lambda: 1060.0).cooling(HOST) == (0.0, "")
    assert Turns(tmp_path, lambda: now).cooling("b.example") == (0.0, "")


@pytest.mark.parametrize(("later", "times"), [(30.0, 3), (60.0, 3), (60.0 + FORGIVEN - 1, 3), (60.0 + FORGIVEN, 0)])
def test_how_often_a_host_was_left_alone_outlives_its_run(tmp_path: Path, later: float, times: int) -> None:
    Turns(tmp_path, lambda: 1000.0).cool(HOST, 60, "429", 3)
    assert Turns(tmp_path, lambda: 1000.0 + later).times_cooled(HOST) == times
    assert Turns(tmp_path, lambda: 1000.0).times_cooled("b.example") == 0


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"until": "soon", "rule": 1}', "\x00"])
def test_a_file_that_says_nothing_means_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / HOST).write_text(content)
    assert Turns(tmp_path).cooling(HOST) == (0.0, "")
    assert Turns(tmp_path).times_cooled(HOST) == 0


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Treats the hosts of the loopback web as anybody's, with a shorter second."""
    monkeypatch.setattr("crawler.middlewares.hosts.Hosts.is_own", lambda self, host: False)
    monkeypatch.setattr("crawler.middlewares.hosts.MIN_DELAY", 0.15)


@pytest.mark.usefixtures("public")
def test_two_crawls_of_one_host_keep_its_pace_together(reactor: crawling.Reactor, web: Web, tmp_path: Path) -> None:
    web.pages |= {f"site.example/{number}": Answer("ok", hang=0.05) for number in range(3)}
    urls = [f"http://site.example/{number}" for number in range(3)]

    async def both() -> list[crawling.Outcome]:
        settings = settings_for(web, tmp_path)
        return await asyncio.gather(*(crawling.crawl(urls, settings) for _ in range(2)))

    outcomes = reactor.run(both())
    assert [len(outcome.responses) for outcome in outcomes] == [3, 3]
    assert web.most_at_once == 1
    assert min(web.gaps("site.example")) >= 0.149


#: What turns a crawl away, how often in a row, and for how many seconds the host is then left alone.
LEFT_ALONE: dict[str, tuple[Answer, int, float, str]] = {
    "retry-after": (Answer(status=429, headers={"Retry-After": "3600"}), 1, 3600, "429"),
    "429": (Answer(status=429), 1, 600, "429"),
    "503": (Answer(status=503), 1, 120, "503"),
    "challenge": (Answer("<div class=h-captcha>", 403), 1, 86400, "challenge"),
    "401": (Answer(status=401), 3, 86400, "401"),
    "403": (Answer(status=403), 3, 86400, "403"),
}


@pytest.mark.usefixtures("public")
@pytest.mark.parametrize("kind", LEFT_ALONE)
def test_the_next_run_remembers_a_refusal(reactor: crawling.Reactor, web: Web, tmp_path: Path, kind: str) -> None:
    answer, times, seconds, word = LEFT_ALONE[kind]
    web.pages |= {f"site.example/{number}": answer for number in range(times)}
    settings = {**settings_for(web, tmp_path), "RETRY_TIMES": 0}
    reactor.run(crawling.crawl([f"http://site.example/{number}" for number in range(times)], settings))
    asked = len(web.visits)
    left, rule = Turns(tmp_path / "hosts").cooling("site.example")
    assert (rule, seconds - 30 < left <= seconds) == (word, True)
    outcome = reactor.run(crawling.crawl(["http://site.example/other"], settings))
    assert len(web.visits) == asked
    assert outcome.stats["cardfile/rights/cool-off"] == 1
    assert f"left alone after {word}" in str(outcome.failures[0])


@pytest.mark.usefixtures("public")
def test_a_later_run_that_is_turned_away_again_stays_away_twice_as_long(
    reactor: crawling.Reactor, web: Web, tmp_path: Path
) -> None:
    web.pages["site.example/1"] = Answer(status=429)
    turns = Turns(tmp_path / "hosts")
    turns.cool("site.example", -60, "429", 2)  # it was over a minute ago, the second in a row
    reactor.run(crawling.crawl(["http://site.example/1"], settings_for(web, tmp_path)))
    assert 2300 < turns.cooling("site.example")[0] <= 2400
    assert turns.times_cooled("site.example") == 3
