"""The run ledger: every run ends with a classified outcome, a line in the store and an exit code."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.errors import CardfileError
from crawler.extensions import RunHistory, RunRecorder, find
from crawler.extensions.outcome import EXIT_CODES, Ended, Verdict
from crawler.items import Mention, MentionType, Property, Source
from crawler.marks import Marks

__all__ = ["EXIT_CODES", "NEW", "OUTCOME", "PAGES", "PEOPLE", "REFUSED", "RETIRED", "UNCHANGED", "RunLedger"]

logger = logging.getLogger(__name__)

OUTCOME = "cardfile/outcome"
PEOPLE = "cardfile/people/found"
PAGES = "cardfile/pages/read"
UNCHANGED = "cardfile/pages/unchanged"
REFUSED = "cardfile/pages/refused"
NEW = "cardfile/statements/new"
RETIRED = "cardfile/statements/retired"
_READINGS = "cardfile/people/readings"
_FILLED = "cardfile/people/with/"
_SPENT = "cardfile/budget/spent"


class RunLedger:
    """Tells the store when a run starts and how it ended."""

    def __init__(self, crawler: Crawler, source: Source) -> None:
        self._crawler = crawler
        self._source = source
        self._recorder: RunRecorder | None = None
        self._people = Marks()
        self._filled: Counter[str] = Counter()

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
        """Count the people that passed all stages, each name once, and which fields their readings filled."""
        if item.type is MentionType.PERSON:
            self._people.add(item.text(Property.NAME).casefold())
            self._filled[_READINGS] += 1
            self._filled.update(f"{_FILLED}{prop}" for prop in item.values if prop is not Property.NAME)

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        """Classify and record the end, and say it in one line."""
        stats = self._crawler.stats
        if stats is None:
            return
        history = find(self._crawler, RunHistory)
        stats.set_value(PEOPLE, len(self._people))
        self._note_budget(reason)
        for key, count in self._filled.items():
            stats.set_value(key, count)
        stored = reason != "store_failed"
        if history and stored:
            stats.set_value("cardfile/people/seen", await history.people_seen())
        if crashed := stats.get_value("spider_exceptions/count"):
            stats.set_value("cardfile/pages/crashed", crashed)
        counts = _numbers(stats.get_stats())
        past = history.previous() if history else ()
        verdict = Ended(reason, counts, self._source.expects_people, past).verdict()
        stats.set_value(OUTCOME, verdict.outcome)
        if self._recorder and stored:
            findings = {"findings": verdict.as_counts()} if verdict.findings else {}
            await self._recorder.run_ended(verdict.outcome, counts | findings)
        self._say(verdict, counts)

    def _note_budget(self, reason: str) -> None:
        """Record what the run was allowed, so that only runs of equal reach are compared."""
        stats, budget = self._crawler.stats, self._source.budget
        assert stats is not None
        for name, amount in (("pages", budget.pages), ("depth", budget.depth), ("seconds", budget.seconds)):
            stats.set_value(f"cardfile/budget/{name}", amount)
        if stats.get_value(_SPENT) or reason == "closespider_timeout":
            stats.set_value("cardfile/budget/cut", 1)

    def _say(self, verdict: Verdict, counts: Mapping[str, float]) -> None:
        logger.info(
            "Run of source %s: %s; %d pages read, %d people found, %d new statements",
            self._source.id,
            verdict.outcome,
            counts.get("pages/read", 0),
            counts.get("people/found", 0),
            counts.get("statements/new", 0),
        )
        for finding in verdict.findings:
            logger.warning("Source %s: %s.", self._source.id, finding)


def _numbers(stats: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers among our statistics by their short names; only numbers are surely nobody's name."""
    ours = ((key.removeprefix("cardfile/"), value) for key, value in sorted(stats.items()) if key[:9] == "cardfile/")
    return {key: value for key, value in ours if isinstance(value, int | float)}
