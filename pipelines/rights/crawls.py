"""Crawls and imports in the activity log: each run is an entry, written in the transaction that ends it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from sqlalchemy import Connection

from crawler.items import Source
from pipelines.master.store import Store
from pipelines.rights.activity import Action, word
from pipelines.rights.journal import Journal

#: Totals that say how much was processed, by the names that the run ledger gives them.
_TOLD = {
    "pages": "pages/read",
    "people": "people/found",
    "new": "statements/new",
    "retired": "statements/retired",
    "suppressed": "suppress/opted-out",
}


class CrawlLog:
    """Extension: records each run of a source with its outcome, its totals and the grounds on which it ran."""

    def __init__(self, crawler: Crawler, source: Source, action: Action, journal: Journal) -> None:
        self._crawler, self._source, self._action, self._journal = crawler, source, action, journal

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Watch the end of a run that has a source; other spiders (`scrapy shell`, `fetch`) process nobody's data."""
        source = getattr(crawler.spider, "source", None)
        if not isinstance(source, Source):
            raise NotConfigured("no source")
        assert crawler.spider is not None
        action = Action.IMPORT if crawler.spider.name == "import_file" else Action.CRAWL
        log = cls(crawler, source, action, Journal.of(crawler.settings))
        crawler.signals.connect(log._begin, signal=signals.spider_opened)
        return log

    def _begin(self) -> None:
        """Let the store know; before the spider opens, Scrapy does not tell one extension of another."""
        if store := self._crawler.get_extension(Store):
            store.account = self.account

    def account(
        self, connection: Connection, run_id: str, outcome: str, counts: Mapping[str, Any], now: datetime
    ) -> None:
        """Record a run that has ended."""
        source = self._source
        details: dict[str, int | str | bool] = {
            "source": word(source.id), "purpose": word(source.purpose), "basis": source.legal_basis, "outcome": outcome,
            "balancing": source.balancing_hash,
        }  # fmt: skip
        details |= {name: int(counts[key]) for name, key in _TOLD.items() if counts.get(key)}
        self._journal.record(connection, self._action, now, run_id, details)
