"""Chromium is killed or stopped in the middle, again and again: every crawl ends, with every page accounted for."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from scrapy import Request

from crawler.middlewares import chromium
from tests.crawler.middlewares.conftest import Crawl
from tests.support.web import Answer, Web

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the processes of the browser in /proc"),
    pytest.mark.skipif(
        not chromium.find(os.environ.get("CARDFILE_CHROMIUM", "")), reason="no Chromium on this machine"
    ),
]

PAGES = 6


def descendants(pid: int) -> Iterator[int]:
    """The processes that a process has started, and theirs."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield int(child)
            try:
                yield from descendants(int(child))
            except FileNotFoundError:
                continue


def browsers() -> list[int]:
    """The main processes of the browsers that this process has started; renderers and helpers have a --type."""
    found = []
    for pid in descendants(os.getpid()):
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"--host-resolver-rules" in line and b"--type=" not in line and b"/chrom" in line.lower():
            found.append(pid)
    return found


@contextmanager
def struck(after: float, with_: signal.Signals) -> Iterator[list[int]]:
    """Send a signal to our browser after some seconds, or as soon as there is one; the list holds whom it hit."""
    hit: list[int] = []
    over = threading.Event()

    def strike() -> None:
        while not hit and not over.wait(0.02):
            for pid in browsers():
                with suppress(ProcessLookupError):  # it has just ended by itself
                    os.kill(pid, with_)
                    hit.append(pid)

    timer = threading.Timer(after, strike)
    timer.start()
    try:
        yield hit
    finally:
        over.set()
        timer.cancel()
        timer.join()
        for pid in hit:
            if pid in browsers():
                os.kill(pid, signal.SIGKILL)


def strike_once(web: Web, crawl: Crawl, after: float, with_: signal.Signals) -> None:
    """Run one crawl whose browser is struck; every page of it arrives, drawn or as it was sent."""
    web.pages |= {f"site.example/{number}": "<p id=a>sent</p><script src=/a.js></script>" for number in range(PAGES)}
    web.pages["site.example/a.js"] = Answer("a.textContent = 'drawn'", content_type="text/javascript")
    requests = [Request(f"http://site.example/{number}", meta={"render": True}) for number in range(PAGES)]
    with struck(after, with_) as hit:
        outcome = crawl(*requests, CARDFILE_RENDER_TIMEOUT=8.0)
    assert len(outcome.responses) == PAGES
    assert outcome.failures == []
    for response in outcome.responses:
        assert ("drawn" in response.text) is response.meta["rendered"]
    assert browsers() == []
    assert hit


@pytest.mark.proof
def test_a_killed_browser_is_started_again(web: Web, crawl: Crawl) -> None:
    strike_once(web, crawl, 1.5, signal.SIGKILL)


@pytest.mark.proof
@pytest.mark.parametrize("kill", range(20))
def test_twenty_kills_at_random_moments(web: Web, crawl: Crawl, kill: int) -> None:
    strike_once(web, crawl, random.Random(kill).uniform(0.0, 3.0), signal.SIGKILL)


@pytest.mark.proof
@pytest.mark.parametrize("stop", range(5))
def test_a_stopped_browser_does_not_stop_the_crawl(web: Web, crawl: Crawl, stop: int) -> None:
    strike_once(web, crawl, random.Random(stop).uniform(0.8, 3.0), signal.SIGSTOP)
