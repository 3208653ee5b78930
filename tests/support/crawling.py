"""Crawls inside the test process: one reactor in a thread of its own, any number of crawls in it."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.internet import asyncioreactor
from twisted.python.failure import Failure

_T = TypeVar("_T")


class Reactor:
    """An asyncio reactor that runs beside the tests."""

    def __init__(self) -> None:
        self._loop = asyncio.SelectorEventLoop()
        if "twisted.internet.reactor" in sys.modules:
            raise RuntimeError("A reactor is installed already: some module imports twisted.internet.reactor early.")
        asyncioreactor.install(self._loop)  # type: ignore[no-untyped-call]

    def run(self, coroutine: Coroutine[Any, Any, _T], timeout: float = 60.0) -> _T:
        """Run a coroutine in the reactor and return its result; TimeoutError after `timeout` seconds."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout)

    def close(self) -> None:
        """Close the loop of a reactor that has stopped, and what a broken crawl left in it."""
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
            with suppress(asyncio.CancelledError):
                self._loop.run_until_complete(task)
        self._loop.close()


@contextmanager
def reactor() -> Iterator[Reactor]:
    """Run a reactor in a thread for as long as the block runs; it cannot be started a second time."""
    running = Reactor()
    from twisted.internet import reactor as module

    installed: Any = module  # its stub is a module of functions that want a `self`
    thread = threading.Thread(target=installed.run, kwargs={"installSignalHandlers": False}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        installed.callFromThread(installed.stop)
        thread.join(10)
        running.close()


@dataclass
class Outcome:
    """What came of a crawl: responses and failures in the order of their arrival, and its statistics."""

    responses: list[Response] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)

    @property
    def urls(self) -> list[str]:
        return [response.url for response in self.responses]


class Visitor(Spider):
    """Asks for URLs and keeps what comes back."""

    name = "visitor"
    outcome: Outcome
    requests: Sequence[Request]

    async def start(self) -> AsyncIterator[Any]:
        for request in self.requests:
            yield request.replace(callback=self.parse, errback=self.failed, dont_filter=True)

    def parse(self, response: Response, **kwargs: Any) -> None:
        self.outcome.responses.append(response)

    def failed(self, failure: Failure) -> None:
        self.outcome.failures.append(failure.value or AssertionError("a failure without a cause"))


def stripped_settings(overrides: Mapping[str, Any]) -> Settings:
    """The settings of the test run without what stores: the stages, the store and the ledger."""
    settings = Settings()
    settings.setmodule("settings.test", priority="project")
    extensions = {name: order for name, order in settings.getdict("EXTENSIONS").items() if "middlewares" in name}
    settings.setdict(
        {"ITEM_PIPELINES": {}, "EXTENSIONS": extensions, "LOG_FORMATTER": "scrapy.logformatter.LogFormatter"}
    )
    settings.setdict(dict(overrides), priority="cmdline")
    return settings


async def crawl(
    requests: Sequence[Request | str],
    settings: Mapping[str, Any],
    spider: type[Visitor] = Visitor,
) -> Outcome:
    """Run one crawl over some requests; raises what keeps it from starting."""
    outcome = Outcome()
    runner = AsyncCrawlerRunner(stripped_settings(settings))
    crawler = runner.create_crawler(spider)
    asked = [Request(request) if isinstance(request, str) else request for request in requests]
    await runner.crawl(crawler, outcome=outcome, requests=asked)
    if crawler.stats is not None:
        outcome.stats = crawler.stats.get_stats()
    return outcome
