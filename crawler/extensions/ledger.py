"""The run ledger: every run ends with a classified outcome, a line in the store and an exit code."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.errors import CardfileError
from crawler.extensions import RunRecorder, find
from crawler.items import Mention, MentionType, Property, Source

logger = logging.getLogger(__name__)

#: What each outcome means for cron.
EXIT_CODES = {
    "finished": 0,
    "unchanged": 0,
    "failed": 1,
    "interrupted": 1,
    "expectation-missed": 3,
    "refused": 4,
}
OUTCOME = "cardfile/outcome"
PEOPLE = "cardfile/people/found"
PAGES = "cardfile/pages/read"
REFUSED = "cardfile/pages/refused"
NEW = "cardfile/statements/new"
RETIRED = "cardfile/statements/retired"


def classify(source: Source, reason: str, stats: Mapping[str, Any]) -> str:
    """Return a run's outcome from the reason its spider closed and its statistics; the keys of `EXIT_CODES`."""
    if reason == "store_failed":
        return "failed"
    if reason == "shutdown":
        return "interrupted"
    if not stats.get(PAGES):
        return "refused" if stats.get(REFUSED) else "failed"
    if source.expects_people:
        least, most = source.expects_people
        if not least <= stats.get(PEOPLE, 0) <= most:
            return "expectation-missed"
    return "finished" if stats.get(NEW) or stats.get(RETIRED) else "unchanged"


class RunLedger:
    """Tells the store when a run starts and how it ended."""

    def __init__(self, crawler: Crawler, source: Source) -> None:
        self._crawler = crawler
        self._source = source
        self._recorder: RunRecorder | None = None
        self._people: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Watch a crawl that has a source; other spiders (`scrapy shell`, `fetch`) are left alone."""
        source = getattr(crawler.spider, "source", None)
        if not isinstance(source, Source):
            raise NotConfigured("no source")
        ledger = cls(crawler, source)
        crawler.signals.connect(ledger.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(ledger.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(ledger.spider_closed, signal=signals.spider_closed)
        return ledger

    async def spider_opened(self, spider: Spider) -> None:
        """Record the start."""
        self._recorder = find(self._crawler, RunRecorder)
        if self._recorder:
            with suppress(CardfileError):  # the store has said it and ends the crawl
                await self._recorder.run_started(self._source, spider.name)

    def item_scraped(self, item: Mention) -> None:
        """Count the people that passed all stages, each name once however many pages show it."""
        if item.type is MentionType.PERSON:
            self._people.add(item.text(Property.NAME).casefold())

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        """Classify and record the end, and say it in one line."""
        stats = self._crawler.stats
        if stats is None:
            return
        stats.set_value(PEOPLE, len(self._people))
        outcome = classify(self._source, reason, stats.get_stats())
        stats.set_value(OUTCOME, outcome)
        counts = {
            key.removeprefix("cardfile/"): value
            for key, value in sorted(stats.get_stats().items())
            if key.startswith("cardfile/") and isinstance(value, int)
        }
        if self._recorder and reason != "store_failed":
            await self._recorder.run_ended(outcome, counts)
        logger.info(
            "Run of source %s: %s; %d pages read, %d people found, %d new statements",
            self._source.id,
            outcome,
            counts.get("pages/read", 0),
            counts.get("people/found", 0),
            counts.get("statements/new", 0),
        )
