"""Stage one: every value in its normalised spelling, or not kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.items import Disposal, Mention
from pipelines.master.store import Store
from pipelines.values import MentionRejected, validate_mention


class Validate:
    """Normalises the values of each mention, and drops a mention that has no valid name.

    What was not kept is counted by rule (`cardfile/validate/<rule>`) and handed to the store's audit. No value is
    logged, not even in the reason of a dropped item.
    """

    def __init__(self, crawler: Crawler, store: Store) -> None:
        self._crawler = crawler
        self._store = store

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Fetch the store that keeps the audit."""
        return cls(crawler, Store.of(crawler))

    async def process_item(self, item: Mention) -> Mention:
        """Return the mention with valid values only; raises DropItem when its name is none."""
        try:
            disposals = validate_mention(item)
        except MentionRejected as rejected:
            self._count(item, rejected.disposals)
            raise DropItem(f"no valid name: {rejected.rule}") from None
        self._count(item, disposals)
        return item

    def _count(self, mention: Mention, disposals: Sequence[Disposal]) -> None:
        if not disposals:
            return
        self._store.tally(mention.host, disposals)
        if self._crawler.stats:
            for disposal in disposals:
                self._crawler.stats.inc_value(f"cardfile/validate/{disposal.rule}")
