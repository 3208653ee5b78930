"""The store as a Scrapy extension: the stages fetch it with `crawler.get_extension(Store)`."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from sqlalchemy import Connection, Engine, update

from crawler import clock
from crawler.items import Disposal, Source
from pipelines.errors import StoreError, UsageError
from pipelines.master.database import database_url, open_store
from pipelines.master.models import DisposalRow, RunRow
from pipelines.master.statements import declare_source
from pipelines.master.upsert import upsert
from pipelines.master.waiting import Patience
from pipelines.master.writer import GroupWriter, Handler, P, R

logger = logging.getLogger(__name__)

#: Seconds that a crawl which is told to stop still waits for a store that is away; what waits is read again next time.
STOPPING = 10.0

#: Called with the connection, the run's id, its outcome, its value-free totals and when it ended.
Account = Callable[[Connection, str, str, Mapping[str, Any], datetime], None]


class NotStored(StoreError, DropItem):
    """A mention that the database refused: Scrapy counts it as dropped and prints no traceback."""


class Store:
    """One engine and one writer for a crawl. Opening it raises StoreError, SchemaMismatch or UsageError.

    While the store is away or locked, the crawl waits for up to `patience` seconds and asks for no more pages.
    """

    def __init__(self, engine: Engine, crawler: Crawler | None = None, patience: float = 0.0) -> None:
        self.engine = engine
        self.run_id = uuid.uuid4().hex
        self._crawler = crawler
        self._writer = GroupWriter(engine, Patience(patience, self._bound, self._wait))
        self._disposals: Counter[tuple[str, Disposal]] = Counter()
        #: What becomes of the counts of a run before they are recorded; the minimising stage pools the small ones.
        self.pool: Callable[[Counter[tuple[str, Disposal]]], Counter[tuple[str, Disposal]]] = Counter
        #: Who else writes down that a run has ended, in the same transaction and last in it.
        self.account: Account = _nobody
        self._broken = False
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the store that the settings name and close it when the engine stops."""
        settings = crawler.settings
        engine = open_store(database_url(settings["CARDFILE_DATABASE_URL"], settings["CARDFILE_HOME"]))
        store = cls(engine, crawler, settings.getfloat("CARDFILE_STORE_PATIENCE"))
        crawler.signals.connect(store._close_spider, signal=signals.engine_started)
        crawler.signals.connect(store.close, signal=signals.engine_stopped)
        return store

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Return the store of a crawl; raises UsageError when the settings have removed it."""
        store = crawler.get_extension(cls)
        if store is None:
            raise UsageError("The store extension is switched off; the stages cannot work without it.")
        return store

    async def submit(self, handler: Handler[P, R], payload: P) -> R:
        """Run a handler in the next group's transaction; return its result once durable.

        Raises NotStored when the database refuses, and ends the crawl: going on would fetch pages whose contents cannot
        be kept.
        """
        try:
            return await self._writer.submit(handler, payload)
        except StoreError as error:
            self._end_crawl(error)
            raise NotStored(str(error)) from None

    def tally(self, host: str, disposals: Sequence[Disposal]) -> None:
        """Count what a stage did not keep; the counts are written when the run ends."""
        self._disposals.update((host, disposal) for disposal in disposals)

    async def run_started(self, source: Source, spider: str) -> None:
        """Record that a run of a source begins."""
        await self.submit(_start_runs, (self.run_id, source, spider, clock.now()))

    async def run_ended(self, outcome: str, counts: Mapping[str, Any]) -> None:
        """Record how the run ended, with its value-free totals and what was not kept."""
        disposals, self._disposals = self._disposals, Counter()
        ended = (self.run_id, outcome, dict(counts), self.pool(disposals), clock.now(), self.account)
        await self.submit(_end_runs, ended)

    async def close(self) -> None:
        """Wait for the last group and let go of the database."""
        await self._writer.close()
        self.engine.dispose()

    def _bound(self) -> float:
        """Return how many seconds a trouble may last whatever the settings say: a crawl that stops waits less."""
        return STOPPING if self._crawler and not self._crawler.crawling else float("inf")

    def _wait(self, error: StoreError | None, seconds: float) -> None:
        """Ask for no more pages while the store is away, and go on when it is back."""
        if error is None:
            logger.warning("The store is back after %.0f s; the crawl goes on.", seconds)
        else:
            logger.warning("%s The crawl waits for up to %.0f s.", error, seconds)
        engine = self._crawler.engine if self._crawler else None
        if engine is not None and error is None:
            engine.unpause()
        elif engine is not None:
            engine.pause()

    def _end_crawl(self, error: StoreError) -> None:
        crawler = self._crawler
        if crawler is None or crawler.engine is None or self._broken:
            return
        self._broken = True
        logger.error("%s The crawl ends; what was stored before is safe.", error)
        if crawler.engine.running:
            self._close_spider()

    def _close_spider(self) -> None:
        """Close the spider once the engine runs; while it is still opening, Scrapy cannot close it."""
        if self._broken and self._crawler and self._crawler.engine:
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="store_failed"))


def _nobody(_connection: Connection, _run: str, _outcome: str, _counts: Mapping[str, Any], _at: datetime) -> None:
    """Write nothing more."""


_Started = tuple[str, Source, str, datetime]
_Ended = tuple[str, str, dict[str, Any], Counter[tuple[str, Disposal]], datetime, Account]


def _start_runs(connection: Connection, started: Sequence[_Started]) -> list[None]:
    for run_id, source, spider, at in started:
        declare_source(connection, source)
        row = {"id": run_id, "source_id": source.id, "spider": spider, "started_at": at, "ended_at": None}
        upsert(connection, RunRow, [{**row, "outcome": "", "counts": {}, "balancing_hash": source.balancing_hash}])
    return [None] * len(started)


def _end_runs(connection: Connection, ended: Sequence[_Ended]) -> list[None]:
    for run_id, outcome, counts, disposals, at, account in ended:
        ending = update(RunRow).where(RunRow.id == run_id, RunRow.outcome == "")
        if not connection.execute(ending.values(ended_at=at, outcome=outcome, counts=counts)).rowcount:
            continue  # done, by an attempt of which nobody knew whether it was made; counting it twice would be wrong
        rows = [
            {
                "run_id": run_id,
                "host": host,
                "stage": disposal.stage,
                "category": disposal.category,
                "location": disposal.location,
                "rule": disposal.rule,
                "action": disposal.action,
                "count": count,
            }
            for (host, disposal), count in disposals.items()
        ]
        upsert(connection, DisposalRow, rows, lambda stored, offered: {"count": stored["count"] + offered["count"]})
        account(connection, run_id, outcome, counts, at)
    return [None] * len(ended)
