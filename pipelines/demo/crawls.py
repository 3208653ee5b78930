"""Crawling a register's sources, one after the other, in one process."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler.extensions.ledger import OUTCOME, PAGES, PEOPLE
from crawler.items import Source
from crawler.parts import stats_of
from pipelines.errors import CardfileError, UsageError

logger = logging.getLogger(__name__)

_UNDRAWN = "cardfile/browser/none"


@dataclass(frozen=True, slots=True)
class SourceRun:
    """How the crawl of one source ended: its outcome as in the run ledger, or "failed" with our `error`.

    `undrawn` counts the pages that a browser should have drawn and there was none.
    """

    source: Source
    outcome: str
    pages: int = 0
    people: int = 0
    undrawn: int = 0
    error: CardfileError | None = None


#: Called with a source and the number of its responses so far, and with its run once it has ended.
Progress = Callable[[Source, int, SourceRun | None], None]


class Crawls:
    """Crawls sources in their order; a source that fails does not keep the others from being crawled.

    Raises UsageError for a source whose spider does not exist.
    """

    def __init__(self, sources: Iterable[Source], settings: Settings, progress: Progress) -> None:
        self.runs: list[SourceRun] = []
        self._waiting = list(sources)
        self._progress = progress
        self._process = AsyncCrawlerProcess(settings)
        self._started = 0
        self._unexpected: BaseException | None = None
        known = self._process.spider_loader.list()
        for source in self._waiting:
            if source.spider not in known:
                raise UsageError(
                    f"Source {source.id!r} names the spider {source.spider!r}; there is {', '.join(known)}."
                )

    def run(self) -> list[SourceRun]:
        """Crawl until every source is done or the process is told to stop; can be called once in a process.

        An error that is not ours is a bug and is raised here.
        """
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        self._next()
        try:
            self._process.start()
        finally:  # Scrapy's handlers stay behind and would swallow a Ctrl-C after the crawls
            for number, handler in handlers.items():
                signal.signal(number, handler)
        if self._unexpected:
            raise self._unexpected
        if len(self.runs) < self._started:
            raise RuntimeError("A crawl ended without a result; the log says why.")
        return self.runs

    def _next(self) -> None:
        """Start the next source. The process waits for it, because it does not stop while a crawl is active."""
        if not self._waiting:
            return
        source = self._waiting.pop(0)
        crawler = self._process.create_crawler(source.spider)
        responses = _Counter(source, self._progress)
        crawler.signals.connect(responses.response_received, signal=signals.response_received)
        self._started += 1
        task = self._process.crawl(crawler, source=source.id)
        task.add_done_callback(lambda done: self._ended(source, crawler, responses, done))

    def _ended(self, source: Source, crawler: Crawler, responses: _Counter, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, CardfileError):
            self._unexpected = error
            return
        # A crawl that was kept from starting has no statistics, and asking for them raises.
        stats = {} if error or task.cancelled() else stats_of(crawler).get_stats()
        run = _summary(source, stats, error)
        self.runs.append(run)
        self._progress(source, responses.count, run)
        if error:
            logger.error("Source %s was not crawled: %s", source.id, error)
        if not task.cancelled() and run.outcome != "interrupted":
            self._next()


class _Counter:
    """Counts one crawl's responses; an object with a strong reference, for signals hold weak ones."""

    def __init__(self, source: Source, progress: Progress) -> None:
        self.count = 0
        self._source = source
        self._progress = progress

    def response_received(self) -> None:
        self.count += 1
        self._progress(self._source, self.count, None)


def _summary(source: Source, stats: Mapping[str, Any], error: CardfileError | None) -> SourceRun:
    # Without an outcome the ledger was never asked: the crawl was stopped before its spider was opened.
    outcome = "failed" if error else stats.get(OUTCOME, "interrupted")
    return SourceRun(source, outcome, stats.get(PAGES, 0), stats.get(PEOPLE, 0), stats.get(_UNDRAWN, 0), error)
