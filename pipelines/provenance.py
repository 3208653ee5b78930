"""Stage four: statements with their receipts."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from crawler.extensions.ledger import NEW, RETIRED
from crawler.items import Mention
from pipelines.master.statements import Reading, write_readings
from pipelines.master.store import Store


class Provenance:
    """Stores what a mention says."""

    def __init__(self, crawler: Crawler, store: Store) -> None:
        self._crawler = crawler
        self._store = store

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Fetch the store."""
        return cls(crawler, Store.of(crawler))

    async def process_item(self, item: Mention) -> Mention:
        """Return the mention once its statements are durable."""
        written = await self._store.submit(write_readings, Reading(item, self._store.run_id))
        if self._crawler.stats:
            self._crawler.stats.inc_value(NEW, written.new)
            self._crawler.stats.inc_value(RETIRED, written.retired)
        return item
