"""The memory of a crawl: what the store knows of a source's pages, and what this run saw of them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from sqlalchemy import Connection

from crawler import clock
from crawler.extensions.ledger import RETIRED
from crawler.items import Mention, Source
from crawler.memory import Known, Look, Sight
from crawler.parts import stats_of
from pipelines.errors import StoreError
from pipelines.master.store import NotStored, Store
from pipelines.revisits import documents, settlement
from pipelines.revisits.documents import Document
from pipelines.revisits.looks import Looks
from pipelines.revisits.reader import reader
from pipelines.revisits.settlement import Run

logger = logging.getLogger(__name__)

#: What a run is later than the one before, at least; and how far machines may be apart before it is worth a word.
_TICK, _SKEW = timedelta(seconds=1), timedelta(minutes=5)
#: Statistics: statements that a site has reserved since, and that their page has fallen silent about.
QUARANTINED, LEFT = "cardfile/statements/quarantined", "cardfile/statements/left"


class Memory:
    """Fulfils `crawler.memory.FetchMemory` for the source of a crawl.

    Everything that was seen is written when the run ends: a page counts as read only when all that it said is durable,
    so a run that is killed has read nothing, and the next one reads it again.
    """

    def __init__(self, crawler: Crawler, source: Source) -> None:
        self._crawler = crawler
        self._source = source
        self._reader = reader(source, crawler.settings.getbool("CARDFILE_KEEP_REVEALING_EMPLOYERS"))
        self._known: dict[str, Known] = {}
        self._looks = Looks()
        self._unsafe: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Remember for a crawl that has a source; other spiders have no memory."""
        source = getattr(crawler.spider, "source", None)
        if not isinstance(source, Source):
            raise NotConfigured("no source")
        memory = cls(crawler, source)
        crawler.signals.connect(memory.open, signal=signals.spider_opened)
        crawler.signals.connect(memory.close, signal=signals.spider_closed)
        crawler.signals.connect(memory.item_dropped, signal=signals.item_dropped)
        crawler.signals.connect(memory.item_error, signal=signals.item_error)
        return memory

    @property
    def _store(self) -> Store:
        return Store.of(self._crawler)

    async def open(self) -> None:
        """Read what is known of the source's pages."""
        with suppress(StoreError):  # the store has said it and ends the crawl
            found = await self._store.submit(_load, self._source)
            self._hold([one.life.checked_at for one in found.values()])
            pages = documents.known(found, self._reader, self._source.revisit, clock.now())
            self._known = {one.url: one for one in pages}

    def _hold(self, looks: Sequence[datetime]) -> None:
        """See to it that this run is later than the last one, whatever the clock of this machine says."""
        behind = clock.hold(max(looks) + _TICK) if looks else timedelta()
        if behind > _SKEW:
            logger.warning(
                "The clock of this machine is %s behind what source %s has stored; its times are held until it has"
                " caught up. Set the clock.",
                timedelta(seconds=round(behind.total_seconds())),
                self._source.id,
            )

    def close(self) -> None:
        """Trust the clock of this machine again."""
        clock.let_go()

    def known(self) -> Sequence[Known]:
        """Return the known pages, the one that was asked for longest ago first."""
        return list(self._known.values())

    def recall(self, url: str) -> Known | None:
        """Return what is known of a page."""
        return self._known.get(url)

    async def links(self, urls: Collection[str]) -> Mapping[str, frozenset[str]]:
        """Return the marks of the links that were followed from some known pages."""
        wanted = sorted(set(urls) & set(self._known))
        return await self._store.submit(_links, (self._source.id, tuple(wanted))) if wanted else {}

    def look(self, look: Look) -> None:
        """Take note of what came of a page; a later look at the same page counts."""
        self._looks.note(look)

    def item_dropped(self, item: Mention, exception: BaseException) -> None:
        """Take a page whose mention the database refused for unread."""
        if isinstance(exception, NotStored):
            self.item_error(item)

    def item_error(self, item: Mention) -> None:
        """Take a page for unread when one of its mentions came to grief on the way to the store."""
        if item.capture is not None:
            self._unsafe.add(item.capture.url)

    async def settle(self) -> None:
        """Write what was seen, and let values follow their pages; the mentions that this changed are left pending."""
        for url in self._unsafe & set(self._looks):
            if self._looks[url].sight in (Sight.SHOWN, Sight.SAME):
                self._looks.drop(url)
        source = self._source
        run = Run(source.id, source.revisit, self._store.run_id, self._reader, clock.now(), self._looks)
        with suppress(StoreError):
            settled = await self._store.submit(settlement.settle, run)
            counts = {RETIRED: settled.retired, QUARANTINED: settled.quarantined, LEFT: settled.left}
            for key, count in counts.items():
                stats_of(self._crawler).inc_value(key, count)


def _load(connection: Connection, sources: Sequence[Source]) -> list[dict[str, Document]]:
    loaded = []
    for source in sources:
        documents.found(connection, source.id)
        loaded.append(documents.load(connection, source.id))
    return loaded


def _links(connection: Connection, asked: Sequence[tuple[str, tuple[str, ...]]]) -> list[Mapping[str, frozenset[str]]]:
    return [documents.links(connection, source, urls) for source, urls in asked]
