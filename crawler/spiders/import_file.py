"""Files that came in another way than by a crawl: open data, licensed data, contributions."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler

from crawler import clock
from crawler.errors import UsageError
from crawler.extensions import Tally, find
from crawler.extensions.ledger import PAGES
from crawler.items import Mention, MentionType
from crawler.memory import FetchMemory, Look, Sight
from crawler.registers import declaration
from crawler.registers.delivery import Delivery, File, files, needs_mapping
from crawler.registers.mapping import Mapping
from crawler.registers.told import Told
from crawler.sources import require_covered
from crawler.spider import ContactSpider

logger = logging.getLogger(__name__)

#: Mentions that are between the file and the store at one time: four of the writer's groups.
IN_FLIGHT = 800


class ImportFileSpider(ContactSpider):
    """Reads the files of a registered source (`-a source=ID -a paths=FILE[:FILE…] [-a mapping=FILE]`), no page at all.

    The files pass the same five stages as what is crawled. `scrapy import` is the comfortable way to run it.
    """

    name = "import_file"

    delivery: Delivery

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Find the files and their mapping before anything is read; raises UsageError, SourceError or RightsError."""
        paths, mapping = kwargs.pop("paths", ""), kwargs.pop("mapping", "")
        spider = super().from_crawler(crawler, *args, **kwargs)
        if not paths:
            raise UsageError("Spider import_file needs files: -a paths=FILE, or several with ':' between them.")
        crawler.settings.set("CLOSESPIDER_TIMEOUT", 0, priority="spider")  # a budget is for other people's servers
        found = files([Path(path) for path in (paths.split(os.pathsep) if isinstance(paths, str) else paths)])
        chosen = mapping_for(mapping or spider.source.mapping, found, spider.source.id)
        if chosen is not None:
            require_covered(spider.source, chosen.properties(MentionType.PERSON))
        spider.delivery = Delivery(
            spider.source,
            found,
            chosen,
            clock.now(),
            Told(logger),
        )
        return spider

    async def start(self) -> AsyncIterator[Mention]:  # type: ignore[override]  # Scrapy takes items as well
        """Yield the mentions of the files, never more at a time than the stages can hold."""
        room = asyncio.Semaphore(IN_FLIGHT)

        def done() -> None:
            room.release()

        for signal in (signals.item_scraped, signals.item_dropped, signals.item_error):
            self.crawler.signals.connect(done, signal=signal, weak=False)
        memory = find(self.crawler, FetchMemory)
        seen: set[str] = set()
        for mention in self.delivery.mentions():
            await room.acquire()
            if memory and mention.capture and mention.capture.url not in seen:
                seen.add(mention.capture.url)
                memory.look(Look(mention.capture.url, Sight.SHOWN, self.delivery.at, capture=mention.capture))
            yield mention
        for _ in range(IN_FLIGHT):  # an engine that still has work looks for its end every five seconds only
            await room.acquire()
        if memory and self.delivery.complete:
            self._miss(memory, seen)
        self._count_delivery()

    def _miss(self, memory: FetchMemory, seen: set[str]) -> None:
        """Tell the memory which records a complete delivery no longer holds: what they said goes."""
        for known in memory.known():
            if known.url not in seen:
                memory.look(Look(known.url, Sight.GONE, self.delivery.at, "not in the delivery"))

    def _count_delivery(self) -> None:
        delivery = self.delivery
        if tally := find(self.crawler, Tally):
            tally.tally("", list(delivery.disposals.elements()))
        if self.crawler.stats:
            self.crawler.stats.inc_value(PAGES, delivery.counts["files"])
            self.crawler.stats.inc_value("cardfile/pages/failed", delivery.counts["failed"])
            for key in ("records", "rejected", "unknown"):
                self.crawler.stats.set_value(f"cardfile/import/{key}", delivery.counts[key])
        logger.info(
            "%d records read, %d of them rejected, %d keys that no mapping names",
            *(delivery.counts[key] for key in ("records", "rejected", "unknown")),
        )


def mapping_for(path: str, found: list[File], source_id: str) -> Mapping | None:
    """Return the mapping of a source's files, None where cards need none; raises UsageError where one is missing."""
    if path:
        return declaration.load(path)
    if needs_mapping(found):
        raise UsageError(
            f"What the columns of source {source_id!r} mean is not known: name a mapping file, "
            "in the register (mapping = …) or with --mapping; docs/import.md shows how to write one."
        )
    return None
