"""Stopping within seconds: what is on its way when a crawl is told to stop goes back into the queue.

Left alone, Scrapy waits for every request that has left the scheduler: up to sixteen, a second or more apart. Here
those in line are given up at once, so that a stopped crawl ends before whoever stopped it loses patience; with a job
folder (JOBDIR) they are on disk and the next crawl goes on with them.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from crawler.parts import engine_of

logger = logging.getLogger(__name__)

T = TypeVar("T")
#: Seconds between two looks at whether the crawl is to stop; Scrapy has no signal for it.
_LOOK = 0.1
#: What the gate and the store of validators write into a request; the next crawl asks for it anew.
_RECEIPTS = ("permission", "fetched_at", "directives", "rendered", "source_signals", "conditional")


class Postponed(IgnoreRequest):
    """A request that was given up because the crawl stops."""


class Stopping:
    """Extension: notices that the crawl is to stop, and gives up what waits in the downloader.

    With `CARDFILE_STOPS_WITH_STDIN` the crawl also stops when its standard input ends, as it does when the process at
    the other end of that pipe was killed.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._begun = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._stop: asyncio.Future[None] | None = None
        self._leashed = crawler.settings.getbool("CARDFILE_STOPS_WITH_STDIN")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Watch a crawl from its start to its end."""
        extension = cls(crawler)
        crawler.signals.connect(extension.engine_started, signal=signals.engine_started)
        crawler.signals.connect(extension.engine_stopped, signal=signals.engine_stopped)
        return extension

    @property
    def begun(self) -> bool:
        """Whether the crawl is stopping."""
        return self._begun.is_set() or not self._crawler.crawling

    def engine_started(self) -> None:
        """Begin to look."""
        self._looking = asyncio.ensure_future(self._look())
        if self._leashed:
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._heard)

    def engine_stopped(self) -> None:
        """Look no more."""
        if self._looking:
            self._looking.cancel()
        if self._leashed:
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())

    def _heard(self) -> None:
        """Read what whoever started us has to say: nothing, until they are no more."""
        if not os.read(sys.stdin.fileno(), 1024):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            logger.warning("The process that started this crawl is gone; the crawl stops.")
            self._stop = asyncio.ensure_future(self._crawler.stop_async())

    async def unless(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what some work returns; cancel it and raise Postponed once the crawl stops."""
        task = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._begun.wait())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            if not task.done():
                task.cancel()
        if task.done():
            return task.result()
        await asyncio.gather(task, return_exceptions=True)
        raise Postponed("the crawl stops")

    async def _look(self) -> None:
        while self._crawler.crawling:
            await asyncio.sleep(_LOOK)
        self._begun.set()
        for slot in engine_of(self._crawler).downloader.slots.values():
            while slot.queue:
                slot.queue.popleft()[1].errback(Postponed("the crawl stops"))


class Postpone:
    """Downloader middleware: puts a request that a stopping crawl gave up back into the queue."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware."""
        return cls(crawler)

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Return the request anew, whatever became of it: a rule that could not be asked for shows as a refusal."""
        stopping = self._crawler.get_extension(Stopping)
        if stopping is None or not stopping.begun or request.callback is NO_CALLBACK:
            return None
        meta = {key: value for key, value in request.meta.items() if key not in _RECEIPTS}
        return request.replace(dont_filter=True, meta=meta)
