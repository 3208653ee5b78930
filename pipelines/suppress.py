"""Stage three: who has opted out or was erased stays out."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.items import Disposal, Mention
from pipelines.master.store import Store
from pipelines.rights.secret import secret_key
from pipelines.rights.suppression import identifiers, keyed_hash, look_up

_OPTED_OUT = Disposal("suppress", "opted-out", "person", "suppression-list")


class Suppress:
    """Drops a mention of which one identifier is on the suppression list."""

    def __init__(self, crawler: Crawler, store: Store, key: bytes) -> None:
        self._crawler = crawler
        self._store = store
        self._key = key

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Fetch the store and the key; raises UsageError when production has no key."""
        settings = crawler.settings
        key = secret_key(
            settings["CARDFILE_SECRET"], settings["CARDFILE_HOME"], production=settings.getbool("CARDFILE_PRODUCTION")
        )
        return cls(crawler, Store.of(crawler), key)

    async def process_item(self, item: Mention) -> Mention:
        """Return the mention, or drop it when its person is suppressed."""
        hashes = frozenset(keyed_hash(self._key, identifier) for identifier in identifiers(item))
        suppressed = await self._store.submit(look_up, hashes)
        if suppressed:
            self._store.tally(item.host, [_OPTED_OUT])
            if self._crawler.stats:
                self._crawler.stats.inc_value("cardfile/suppress/opted-out")
            raise DropItem("the person is on the suppression list")
        return item
