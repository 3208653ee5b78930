"""One job, executed: a crawl of one source in a process of its own.

A process a source and not one for all: a spider that leaks, crashes, blocks the reactor or is killed by the system
takes nobody along, each has its own statistics and memory limit, and several use several processors. What it costs is
a start of about three seconds of processor time (docs/quality.md), against sources of minutes. The child's standard
input is a pipe from us: when we die, however suddenly, it comes to its end and the crawl stops
(`CARDFILE_STOPS_WITH_STDIN`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from pipelines.runs.plan import Job

#: Seconds that a crawl may go on after it was told to stop, before it is killed.
PATIENCE = 8.0
#: Seconds past its budget after which a crawl is taken to hang: closing, merging and one slow page must fit.
OVERTIME = 300.0
#: Bytes of one line of a child's output; what is longer is cut.
LONGEST_LINE = 65536


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a job. `folder` keeps its queue of requests for a later attempt; `since` is the first one's start.

    `resumes` says that the folder holds the queue of an attempt that was stopped in order.
    """

    job: Job
    folder: Path
    resumes: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit code (negative for a signal), whether we killed it, and its last words."""

    exit_code: int
    killed: bool = False
    last_words: str = ""


@dataclass(frozen=True, slots=True)
class Crawler:
    """Runs jobs as `scrapy crawl`. `settings` are handed on as `-s NAME=VALUE`, `options` as they are."""

    settings: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()

    async def execute(self, attempt: Attempt, stop: asyncio.Event) -> Ended:
        """Crawl one source; returns when the process has ended, at most some seconds after `stop` was set.

        This is all that a worker of a queue has to call.
        """
        prepare(attempt)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scrapy", *self.arguments(attempt)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            start_new_session=True,  # a Ctrl-C is ours to pass on
        )
        assert process.stderr
        words = asyncio.ensure_future(pass_on(process.stderr))
        ended = asyncio.ensure_future(process.wait())
        killed = await see_off(ended, stop, attempt.job.budget.seconds + OVERTIME, process)
        return Ended(ended.result(), killed, await words)

    def arguments(self, attempt: Attempt) -> list[str]:
        """Return the words behind `scrapy` that crawl the source of an attempt."""
        job = attempt.job
        settings = {
            **self.settings,
            "CARDFILE_BUDGET": json.dumps(asdict(job.budget)),
            "CARDFILE_RESUMED_SINCE": attempt.since.isoformat() if attempt.since else "",
            "CARDFILE_STOPS_WITH_STDIN": "1",
            "JOBDIR": str(attempt.folder),
        }
        given = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
        return ["crawl", job.spider, "-a", f"source={job.source_id}", *given, *self.options]


def handed_on(opts: argparse.Namespace) -> tuple[dict[str, str], list[str]]:
    """Return the settings and the options of a command's call that hold for each crawl it starts."""
    settings = dict(pair.partition("=")[::2] for pair in opts.set)
    options = ["--log-format", opts.log_format]
    for option, value in (("--logfile", opts.logfile), ("--loglevel", opts.loglevel)):
        options += [option, value] if value else []
    return settings, options + (["--nolog"] if opts.nolog else [])


def prepare(attempt: Attempt) -> None:
    """Leave no queue behind that a killed attempt may have torn; the folder is its owner's alone: URLs can be names."""
    if not attempt.resumes:
        shutil.rmtree(attempt.folder, ignore_errors=True)
    attempt.folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def discard(folder: Path) -> None:
    """Remove the queue of a job that has ended for good."""
    shutil.rmtree(folder, ignore_errors=True)


class Mortal(Protocol):
    """A process that can be told to end, and be ended."""

    def terminate(self) -> None:
        """Tell it to end in order."""

    def kill(self) -> None:
        """End it."""


async def see_off(ended: asyncio.Future[int], stop: asyncio.Event, seconds: float, process: Mortal) -> bool:
    """Wait until a process ends, `stop` is set or the time is up; then see to it. Returns whether it was killed."""
    stopped = asyncio.ensure_future(stop.wait())
    either: set[asyncio.Future[Any]] = {ended, stopped}
    try:
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            return False
        with suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait({ended}, timeout=PATIENCE)
        if ended.done():
            return False
        with suppress(ProcessLookupError):
            process.kill()
        await ended
        return True
    finally:
        stopped.cancel()


async def pass_on(messages: asyncio.StreamReader) -> str:
    """Hand the messages of a child on as they come, and return the last one."""
    last = ""
    while line := await _line(messages):
        sys.stderr.write(line)
        last = line.strip() or last
    sys.stderr.flush()
    return last


async def _line(stream: asyncio.StreamReader) -> str:
    try:
        return (await stream.readline()).decode("utf-8", "replace")
    except ValueError:  # longer than the limit: what was read of it is dropped
        return "…\n"
