"""Stage five: the mention finds its person or organisation."""

from __future__ import annotations

from contextlib import suppress
from typing import Self

from scrapy.crawler import Crawler

from crawler.items import Mention
from pipelines.errors import StoreError
from pipelines.master.statements import mention_ids
from pipelines.master.store import Store
from pipelines.resolution.resolver import resolve, resolve_leftovers
from pipelines.revisits.memory import Memory


class Merge:
    """Brings the master up to date with what a mention changed."""

    def __init__(self, crawler: Crawler, store: Store) -> None:
        self._crawler = crawler
        self._store = store

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Fetch the store."""
        return cls(crawler, Store.of(crawler))

    async def open_spider(self) -> None:
        """Resolve what a killed run left behind."""
        with suppress(StoreError):  # the store has said it and ends the crawl
            await self._store.submit(resolve_leftovers, None)

    async def close_spider(self) -> None:
        """Let values follow their pages, and resolve what that changed."""
        if memory := self._crawler.get_extension(Memory):
            await memory.settle()
            with suppress(StoreError):
                await self._store.submit(resolve_leftovers, None)

    async def process_item(self, item: Mention) -> Mention:
        """Return the mention; one that says nothing new is left where it is."""
        outcome = await self._store.submit(resolve, mention_ids(item))
        if self._crawler.stats:
            for key, count in outcome.items():
                self._crawler.stats.inc_value(f"cardfile/merge/{key}", count)
        return item
