"""Stage two: what does not belong on a business card is forgotten here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.items import Disposal, Mention
from pipelines.errors import CardfileError
from pipelines.master.store import Store
from pipelines.sensitive import minimise_mention
from pipelines.sensitive.pooling import pooled

#: Everything that pure code over untrusted text can raise.
_ERRORS = (
    ArithmeticError, AssertionError, AttributeError, CardfileError, LookupError, RuntimeError, TypeError, ValueError,
    re.error,
)  # fmt: skip
_FAILED = Disposal("minimise", "error", "mention", "failed-closed")


class Minimise:
    """Minimises each mention before anything can store, export or log it.

    It fails closed: a mention on which the rules themselves fail is dropped. The error is named by its type only,
    because a message or a traceback may quote what it failed on.
    """

    def __init__(self, crawler: Crawler, store: Store, *, revealing_employers: bool = False) -> None:
        self._crawler = crawler
        self._store = store
        self._revealing_employers = revealing_employers
        store.pool = pooled

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Fetch the store that keeps the audit, and the one setting of this stage."""
        keep = crawler.settings.getbool("CARDFILE_KEEP_REVEALING_EMPLOYERS")
        return cls(crawler, Store.of(crawler), revealing_employers=keep)

    async def process_item(self, item: Mention) -> Mention:
        """Return the minimised mention; raises DropItem when a rule failed."""
        try:
            disposals = minimise_mention(item, revealing_employers=self._revealing_employers)
        except _ERRORS as error:
            self._count(item, [_FAILED])
            raise DropItem(f"the minimising stage failed closed: {type(error).__name__}") from None
        self._count(item, disposals)
        if not item.values:
            raise DropItem("nothing of the mention may be stored")
        return item

    def _count(self, mention: Mention, disposals: Sequence[Disposal]) -> None:
        if not disposals:
            return
        self._store.tally(mention.host, disposals)
        if self._crawler.stats:
            for disposal in disposals:
                self._crawler.stats.inc_value(f"cardfile/minimise/{disposal.rule}")
