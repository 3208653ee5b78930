"""Python's search for cyclic garbage, at the pace of a crawl."""

from __future__ import annotations

import asyncio
import gc
import math
import time
from typing import ClassVar, Self

from scrapy import signals
from scrapy.crawler import Crawler

#: New containers between two looks at the youngest, and looks between two at the next older ones. Python's 700 are met
#: ten times in reading one page, each time with all its lines, parts and values alive: a seventh of a crawl's time.
THRESHOLDS = (20_000, 20, 20)
#: Seconds between two looks at everything. A connection leaves a cycle of a dozen objects when it is closed, and has by
#: then outlived the looks at the young: 9,000 pages left 17 MB that waited for their turn. A look takes 0.03 to 0.2 s.
SWEEP = 60.0


class Collecting:
    """Extension: looks for garbage less often while a crawl runs, and never through what was there before it.

    Nothing is kept longer that has no cycle, and what has one is found within a minute. The process has one
    collector: the crawl that changed it puts it back, so that several crawls in one process do not undo each other.
    """

    #: When somebody last looked at everything, by the monotonic clock; the process has one heap as well.
    _swept: ClassVar[float] = -math.inf

    def __init__(self) -> None:
        self._before: tuple[int, int, int] | None = None
        self._sweeping: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the extension; it works from the opening of the spider to its end."""
        extension = cls()
        crawler.signals.connect(extension.opened, signals.spider_opened)
        crawler.signals.connect(extension.closed, signals.spider_closed)
        crawler.signals.connect(extension.started, signals.engine_started)
        crawler.signals.connect(extension.stopped, signals.engine_stopped)
        return extension

    def opened(self) -> None:
        """Set what the imports and the start have left aside, and slow the collector down.

        Of crawls that follow one another in one process, a look before each cost more than a small crawl itself.
        """
        if gc.get_threshold() != THRESHOLDS:
            self._before = gc.get_threshold()
            if time.monotonic() >= Collecting._swept + SWEEP:
                _sweep()
            gc.freeze()
            gc.set_threshold(*THRESHOLDS)

    def closed(self) -> None:
        """Put the collector back as it was found."""
        if self._before is not None:
            gc.set_threshold(*self._before)
            gc.unfreeze()
            self._before = None

    def started(self) -> None:
        """Begin to look at everything now and then."""
        self._sweeping = asyncio.ensure_future(_sweep_now_and_then())

    def stopped(self) -> None:
        """Look no more."""
        if self._sweeping:
            self._sweeping.cancel()


async def _sweep_now_and_then() -> None:
    while True:
        await asyncio.sleep(SWEEP)
        _sweep()


def _sweep() -> None:
    gc.collect()
    Collecting._swept = time.monotonic()
