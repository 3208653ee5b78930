"""Crawls as copies of a process that has loaded the program."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.items import Budget
from pipelines.runs.child import Attempt, Crawler, Ended
from pipelines.runs.plan import Job
from pipelines.runs.warm import WarmCrawler, modules

JOB = Job("noord", "company_site", ("noord.example",), Budget(10, 3, 60))
#: Imports the modules that a fork server would, and says what there is that must not be forked.
LOOK = """
import importlib, json, os, sys, threading
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else threading.active_count()
print(json.dumps({"threads": threads, "reactor": "twisted.internet.reactor" in sys.modules,
                  "warm": "crawler.extraction" in sys.modules}))
"""


@dataclass(frozen=True, slots=True)
class Says(Crawler):
    """Runs another command of Scrapy in place of a crawl."""

    words: Sequence[str] = field(default_factory=list)

    def arguments(self, attempt: Attempt) -> list[str]:
        return list(self.words)


def settings() -> Settings:
    found = Settings()
    found.setmodule("settings.test", priority="project")
    return found


def test_what_is_copied_has_nothing_that_must_not_be() -> None:
    names = [*modules(settings()), "pipelines.queue.kindling"]
    assert {"crawler.spiders.company_site", "pipelines.commands.crawl", "pipelines.merge"} <= set(names)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOOK, json.dumps(names)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == {"threads": 1, "reactor": False, "warm": True}


def shell(code: str) -> list[str]:
    """Words that let a copy run some code."""
    return ["shell", "--nolog", "-c", f"exec({code!r})"]


def execute(tmp_path: Path, *each: Sequence[str]) -> list[Ended]:
    async def all_of_them() -> list[Ended]:
        return [
            await WarmCrawler(Says(words=words), ["scrapy.cmdline"]).execute(
                Attempt(JOB, tmp_path / "queue"), asyncio.Event()
            )
            for words in each
        ]

    return asyncio.run(all_of_them())


def test_a_copy_ends_as_the_command_would(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    killed = "import os, sys; print('gone', file=sys.stderr, flush=True); os.kill(os.getpid(), 9)"
    fine, wrong, dead = execute(tmp_path, ["version"], ["crawl", "no_such_spider"], shell(killed))
    assert (fine.exit_code, wrong.exit_code, dead.exit_code) == (0, 2, -9)
    assert "no_such_spider" in wrong.last_words
    assert dead.last_words == "gone"
    out, err = capfd.readouterr()
    assert out == "", "what a crawl prints goes nowhere"
    assert "no_such_spider" in err


async def set_when(stop: asyncio.Event, there: Path) -> None:
    """Stop as soon as a file is there."""
    while not there.exists():
        await asyncio.sleep(0.05)
    stop.set()


@pytest.mark.parametrize("when", ["before", "after it began"])
def test_a_copy_that_hangs_is_told_to_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    monkeypatch.setattr("pipelines.runs.child.PATIENCE", 0.5)
    ignored = tmp_path / "ignored"
    forever = (
        "import signal, threading; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"open({str(ignored)!r}, 'w').close(); threading.Event().wait(120)"
    )

    async def stopped() -> Ended:
        stop = asyncio.Event()
        stopping = asyncio.ensure_future(set_when(stop, ignored if when == "after it began" else tmp_path))
        crawler = WarmCrawler(Says(words=shell(forever)), ["scrapy.cmdline"])
        ended = await crawler.execute(Attempt(JOB, tmp_path / "queue"), stop)
        await stopping
        return ended

    ended = asyncio.run(asyncio.wait_for(stopped(), 30))
    assert ended.exit_code == (-9 if when == "after it began" else -15)
    assert ended.killed is (when == "after it began")
