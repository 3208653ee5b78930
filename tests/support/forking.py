"""Many short processes to kill: one server imports the program once, and every job is a fork of it.

A start of `scrapy` costs two seconds of processor time, most of it imports. A fork has them done, and is otherwise a
process like any other: its own reactor, its own connections, its own end.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from crawler import clock
from crawler.extraction import mentions
from crawler.page import Page
from tests.support import tree

#: What the jobs need; no settings, which read the environment of the job, and no reactor.
_PRELOADED = (
    "scrapy.cmdline", "scrapy.commands.crawl", "scrapy.core.engine", "scrapy.core.scraper", "alembic.command",
    "psycopg", "duckdb", "crawler.clock", "crawler.connection", "crawler.spiders.company_site", "crawler.logformatter",
    "crawler.middlewares.gate", "crawler.middlewares.incremental", "crawler.middlewares.walls",
    "crawler.middlewares.browser", "crawler.middlewares.politeness", "crawler.middlewares.revisit",
    "crawler.extensions.logs", "crawler.extensions.stopping", "crawler.extensions.ledger", "pipelines.validate",
    "pipelines.minimise", "pipelines.suppress", "pipelines.provenance", "pipelines.merge", "pipelines.runs.guard",
    "pipelines.revisits.memory", "pipelines.resolution.whole", "pipelines.resolution.local_engine",
    "pipelines.upkeep.restoring", "pipelines.upkeep.saving", "pipelines.rights.exporting", "tests.support.population",
)  # fmt: skip
#: A page that makes every word list be read.
_PAGE = b"""<!DOCTYPE html><html lang="en"><title>Team</title><ul><li><h3>Jane Roe</h3><p>Sales Director</p>
<p>Tel. +44 20 7946 0141</p><a href="mailto:jane.roe@noord.example">Mail</a></li></ul>"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended: its exit code, negative for a signal, and what it wrote to standard output and error."""

    code: int
    said: str


@dataclass(frozen=True, slots=True)
class Job:
    """A running job."""

    _server: Server
    pid: int
    _said: Path

    def kill(self, with_signal: signal.Signals = signal.SIGKILL) -> None:
        """Send it a signal; it may have ended before."""
        os.kill(self.pid, with_signal)  # the server has not buried it yet, so the number is still its own

    def wait(self, seconds: float = 120.0) -> Ended | None:
        """Return how it ended, or None when it still runs after so many seconds."""
        code = self._server.ask({"wait": self.pid, "seconds": seconds})
        return None if code is None else Ended(int(code), self._said.read_text("utf-8", "replace"))

    def end(self, seconds: float = 120.0) -> Ended:
        """Wait for its end; kills what does not end."""
        ended = self.wait(seconds)
        if ended is None:
            self.kill()
            raise AssertionError(f"the job did not end within {seconds:.0f} s: {self._said.read_text('utf-8')[-2000:]}")
        return ended


class Server:
    """The process that forks."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._count = 0

    def ask(self, question: Mapping[str, Any]) -> Any:
        """Send one question and return the answer."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(question)}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def scrapy(self, *arguments: str, clock: datetime | None = None, **environment: str) -> Job:
        """Start `scrapy ARGUMENTS` in an environment with nothing else in it; `clock` stops its clock."""
        return self._start({"scrapy": arguments, "clock": clock.isoformat() if clock else ""}, environment)

    def call(self, function: str, *arguments: Any, **environment: str) -> Job:
        """Start `module:function(*arguments)` in a process of its own."""
        return self._start({"call": function, "arguments": arguments}, environment)

    def _start(self, what: Mapping[str, Any], environment: Mapping[str, str]) -> Job:
        self._count += 1
        said = self._folder / f"{self._count}.out"
        pid = self.ask({**what, "environment": dict(environment), "said": str(said)})
        return Job(self, pid, said)


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """Start a server and end it; what its jobs say is kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.support.forking"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tree.ROOT) as process:
        assert process.stdin
        yield Server(process, folder)
        process.stdin.close()


# The server's side.


def _main() -> None:
    for module in _PRELOADED:
        importlib.import_module(module)
    list(mentions(Page("http://noord.example/", _PAGE)))
    if "twisted.internet.reactor" in sys.modules:
        raise RuntimeError("a module that is loaded before the fork installs a reactor")
    for line in sys.stdin:
        question = json.loads(line)
        answer = _waited(question["wait"], question["seconds"]) if "wait" in question else _forked(question)
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def _waited(pid: int, seconds: float) -> int | None:
    """Bury a child and return its exit code; None when it still runs."""
    until = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= until:
            return None
        select.select([], [], [], 0.01)


def _forked(question: Mapping[str, Any]) -> int:
    pid = os.fork()
    return pid or _child(question)


def _child(question: Mapping[str, Any]) -> NoReturn:
    output = os.open(question["said"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(ours, theirs)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    os.environ.clear()
    os.environ.update(kept | question["environment"])
    work: Callable[[], object] = _scrapy(question) if "scrapy" in question else _call(question)
    code = 70
    try:
        work()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:  # a child must not go on as the server, whatever it met
        if code == 70:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _scrapy(question: Mapping[str, Any]) -> Callable[[], object]:
    from scrapy.cmdline import execute

    if question["clock"]:
        stopped = datetime.fromisoformat(question["clock"])
        vars(clock)["now"] = lambda: stopped
    arguments: Sequence[str] = question["scrapy"]
    sys.argv = ["scrapy", *arguments]
    return lambda: execute(sys.argv)


def _call(question: Mapping[str, Any]) -> Callable[[], object]:
    module, _, name = question["call"].partition(":")
    function = getattr(importlib.import_module(module), name)
    return lambda: function(*question["arguments"])


if __name__ == "__main__":
    _main()
