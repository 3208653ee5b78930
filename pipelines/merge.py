"""Stage five: the mention finds its person or organisation."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from scrapy.crawler import Crawler
from sqlalchemy import Connection

from crawler.items import Mention, Source
from pipelines.errors import StoreError
from pipelines.master.statements import mention_ids
from pipelines.master.store import Store
from pipelines.resolution.resolver import is_pending, lock, resolve, resolve_leftovers
from pipelines.revisits.memory import Memory
from pipelines.rights.apart import named
from pipelines.rights.secret import Keyring, keyring
from pipelines.rights.suppression import keyed_hashes, standings
from pipelines.upkeep.removal import take_out
from pipelines.upkeep.replay import stop_suppressed


class Merge:
    """Brings the master up to date with what a mention changed.

    Who was suppressed after the mention passed the third stage is stopped here: merging waits for a suppression that is
    being written, and what it then stands against goes instead of being merged.
    """

    def __init__(self, crawler: Crawler, store: Store, keys: Keyring) -> None:
        self._crawler = crawler
        self._store = store
        self._keys = keys

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Fetch the store and the keys; raises UsageError when production has no key."""
        return cls(crawler, Store.of(crawler), keyring(crawler.settings))

    async def open_spider(self) -> None:
        """Resolve what a killed run left behind."""
        with suppress(StoreError):  # the store has said it and ends the crawl
            await self._store.submit(self._leftovers, None)

    async def close_spider(self) -> None:
        """Let values follow their pages, and resolve what that changed."""
        if memory := self._crawler.get_extension(Memory):
            await memory.settle()
            with suppress(StoreError):
                await self._store.submit(self._leftovers, None)

    async def process_item(self, item: Mention) -> Mention:
        """Return the mention; one that says nothing new is left where it is."""
        outcome = await self._store.submit(self._resolve, item)
        if self._crawler.stats:
            for key, count in outcome.items():
                self._crawler.stats.inc_value(f"cardfile/merge/{key}", count)
        return item

    def _leftovers(self, connection: Connection, payloads: Sequence[None]) -> list[None]:
        """Resolve what is pending, less people who were put out while the crawl that stored them was being killed."""
        stop_suppressed(connection, self._keys)
        return resolve_leftovers(connection, payloads)

    def _resolve(self, connection: Connection, items: Sequence[Mention]) -> list[dict[str, int]]:
        groups = [mention_ids(item) for item in items]
        if not is_pending(connection, {mention for group in groups for mention in group}):
            return [{} for _ in groups]
        lock(connection)
        source = getattr(self._crawler.spider, "source", None)
        purpose = source.purpose if isinstance(source, Source) else ""
        found = standings(connection, [keyed_hashes(self._keys, named(item)) for item in items])
        gone = {group[-1] for group, one in zip(groups, found, strict=True) if one.out(purpose)}
        take_out(connection, gone)
        return resolve(connection, [[one for one in group if one not in gone] for group in groups])
