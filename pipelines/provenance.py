"""Stage four: statements with their receipts, less what was deleted because its time was over."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.extensions.ledger import NEW, RETIRED
from crawler.items import Mention, Source
from pipelines.master.database import reading
from pipelines.master.statements import Reading, write_readings
from pipelines.master.store import Store
from pipelines.rights.expiry import ENDED, Gatekeeper, remembers
from pipelines.rights.secret import keyring


class Provenance:
    """Stores what a mention says."""

    def __init__(self, crawler: Crawler, store: Store) -> None:
        self._crawler = crawler
        self._store = store
        self._gate: Gatekeeper | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Fetch the store."""
        return cls(crawler, Store.of(crawler))

    def open_spider(self) -> None:
        """Ask once whether anything of the source was deleted: mostly nothing was, and nothing is looked up."""
        source = getattr(self._crawler.spider, "source", None)
        if isinstance(source, Source):
            with reading(self._store.engine) as connection:
                if remembers(connection, source.id):
                    self._gate = Gatekeeper(source.id, keyring(self._crawler.settings))

    async def process_item(self, item: Mention) -> Mention:
        """Return the mention once its statements are durable; drop it when its retention has ended."""
        found = Reading(item, self._store.run_id)
        if self._gate:
            written = await self._store.submit(self._gate.write, found)
        else:
            written = await self._store.submit(write_readings, found)
        if written is None:
            self._store.tally(item.host, [ENDED])
            raise DropItem("its retention has ended")
        if self._crawler.stats:
            self._crawler.stats.inc_value(NEW, written.new)
            self._crawler.stats.inc_value(RETIRED, written.retired)
        return item
