"""Crawls in processes of their own that need not load the program first: copies of one that has.

A `scrapy crawl` of one page costs three seconds of processor time, most of it for importing libraries
(docs/quality.md). A worker of a queue starts many, so it keeps a process that has imported everything and does nothing
else (the fork server of Python's `multiprocessing`), and each crawl is a fork of that. What makes forking unsound is
absent there: the server has one thread, no event loop, no reactor, no connection, no open file but its sockets. A crawl
has all that a cold one has: its own memory, its own death, and a standard input that ends with us.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pkgutil import iter_modules

from scrapy.settings import BaseSettings

from pipelines.runs.child import LONGEST_LINE, OVERTIME, Attempt, Crawler, Ended, pass_on, prepare, see_off

#: The settings that name components by their dotted paths: as keys, or as values.
_BY_KEY = ("EXTENSIONS", "ITEM_PIPELINES", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES")
_BY_VALUE = ("DOWNLOAD_HANDLERS",)
_SINGLE = ("SCHEDULER", "DUPEFILTER_CLASS", "DOWNLOADER", "LOG_FORMATTER", "STATS_CLASS", "SPIDER_LOADER_CLASS")
_ALWAYS = ("scrapy.cmdline", "pipelines.commands.crawl", "pipelines.runs.warm")


def modules(settings: BaseSettings) -> list[str]:
    """Return the modules that a crawl will want: those of its components, all spiders and all commands."""
    paths = [settings.get(name) for name in _SINGLE]
    for name in _BY_KEY:
        table = {**settings.getdict(f"{name}_BASE"), **settings.getdict(name)}
        paths += [path for path, order in table.items() if order is not None]
    for name in _BY_VALUE:
        paths += {**settings.getdict(f"{name}_BASE"), **settings.getdict(name)}.values()
    found = [path.rpartition(".")[0] for path in paths if isinstance(path, str)]
    packages = [*settings.getlist("SPIDER_MODULES"), settings["COMMANDS_MODULE"]]  # Scrapy reads these at each start
    inside = [f"{package}.{name}" for package in packages for name in _inside(package)]
    return list(dict.fromkeys([*_ALWAYS, *filter(None, found), *inside]))


def _inside(package: str) -> list[str]:
    """Return the names of a package's modules without importing them."""
    spec = find_spec(package) if package else None
    places = spec.submodule_search_locations if spec else None
    return [module.name for module in iter_modules(places)] if places else []


@dataclass
class WarmCrawler:
    """Runs jobs as `crawler` does, each in a copy of a process that has imported `preloaded`."""

    crawler: Crawler
    preloaded: Sequence[str]
    _context: ForkServerContext = field(default_factory=lambda: get_context("forkserver"), init=False)

    def __post_init__(self) -> None:
        self._context.set_forkserver_preload(list(self.preloaded))

    async def warm_up(self) -> None:
        """Let the imports be done before the first job needs them; takes seconds."""
        process = self._context.Process(target=_nothing)
        await asyncio.to_thread(process.start)
        await _wait(process)

    async def execute(self, attempt: Attempt, stop: asyncio.Event) -> Ended:
        """Crawl one source; returns when the process has ended, at most some seconds after `stop` was set."""
        prepare(attempt)
        leash, hold = self._context.Pipe(duplex=False)
        said, says = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_crawl, args=(self.crawler.arguments(attempt), leash, says))
        with hold, said:
            await asyncio.to_thread(process.start)  # the first one waits for the imports
            leash.close()
            says.close()
            words = asyncio.ensure_future(_listen(said))
            ended = asyncio.ensure_future(_wait(process))
            killed = await see_off(ended, stop, attempt.job.budget.seconds + OVERTIME, process)
            return Ended(ended.result(), killed, await words)


async def _wait(process: ForkServerProcess) -> int:
    """Return the exit code of a process once it has ended."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.sentinel, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(process.sentinel)
    process.join()
    code = process.exitcode
    process.close()
    return 1 if code is None else code


async def _listen(said: Connection) -> str:
    """Hand on what a child writes to its standard error, and return its last line."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    file = os.fdopen(os.dup(said.fileno()), "rb", buffering=0)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    return await pass_on(reader)


def _nothing() -> None:
    """Be the first copy."""


def _crawl(arguments: Sequence[str], leash: Connection, says: Connection) -> None:
    """Be `scrapy ARGUMENTS`, in the forked process: with a session of its own, and our pipes for its standard files."""
    os.setsid()  # a Ctrl-C is for the worker to pass on
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for ours, standard in ((leash.fileno(), 0), (nowhere, 1), (says.fileno(), 2)):
        os.dup2(ours, standard)
    leash.close()
    says.close()
    os.close(nowhere)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  multiprocessing has closed the one before
    sys.argv = ["scrapy", *arguments]
    from scrapy.cmdline import execute  # noqa: PLC0415  in the child, where its settings are read

    execute(sys.argv)
