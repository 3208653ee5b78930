"""A crawl among others: one process a source, a past to compare with, and no run without an end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from crawler import clock
from crawler.extensions.outcome import Past
from crawler.items import Source
from pipelines.errors import UsageError
from pipelines.master.database import connect, database_url, reading
from pipelines.master.faults import store_error
from pipelines.runs import lease
from pipelines.runs.history import interrupt_dead, people_seen, previous, source_lease

logger = logging.getLogger(__name__)


class RunGuard:
    """Extension: holds the lease of the crawl's source from before its first request until its engine stops.

    Raises LeaseHeld (exit code 4) when another process crawls the source. Earlier runs of the source that died are
    classified as interrupted. `CARDFILE_RESUMED_SINCE` (ISO 8601) says when a stopped crawl that this one goes on with
    began. The store has been opened before: this stands behind it in `EXTENSIONS`.
    """

    def __init__(self, crawler: Crawler, source: Source, engine: Engine) -> None:
        self._crawler = crawler
        self._source = source
        self._engine = engine
        self._since = _since(crawler.settings.get("CARDFILE_RESUMED_SINCE") or "")
        self._lease = lease.acquire(engine, source_lease(source.id), f"Source {source.id!r} is being crawled")
        with engine.begin() as connection:
            if not self._lease.shared:
                interrupt_dead(connection, [source.id], mine=[self._lease.name])
            self._past = previous(connection, source.id)
        self._beating: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the lease of the crawl's source; spiders without one need none."""
        source = getattr(crawler.spider, "source", None)
        if not isinstance(source, Source):
            raise NotConfigured("no source")
        url = database_url(crawler.settings["CARDFILE_DATABASE_URL"], crawler.settings["CARDFILE_HOME"])
        try:
            guard = cls(crawler, source, connect(url))
        except SQLAlchemyError as error:
            raise store_error(error, url) from None
        crawler.signals.connect(guard.engine_started, signal=signals.engine_started)
        crawler.signals.connect(guard.engine_stopped, signal=signals.engine_stopped)
        return guard

    def previous(self) -> Sequence[Past]:
        """Return the earlier runs of the source, newest first."""
        return self._past

    async def people_seen(self) -> int:
        """Return how many distinct people the source showed or confirmed since the crawl began."""
        return await asyncio.to_thread(self._people_seen)

    def engine_started(self) -> None:
        """Begin to give signs of life."""
        self._beating = asyncio.ensure_future(self._beat())

    async def engine_stopped(self) -> None:
        """Give the lease back."""
        if self._beating:
            self._beating.cancel()
        try:
            await asyncio.to_thread(lease.release, self._engine, self._lease)
        except SQLAlchemyError as error:  # a dead holder's lease is taken over, so nothing is lost
            logger.warning("%s", store_error(error, self._engine.url))
        self._engine.dispose()

    def _people_seen(self) -> int:
        with reading(self._engine) as connection:
            return people_seen(connection, self._source.id, self._since)

    async def _beat(self) -> None:
        """Renew the lease now and then; a crawl that lost it, as after a long sleep of the machine, stops."""
        while True:
            await asyncio.sleep(lease.BEAT)
            with suppress(SQLAlchemyError):  # the store's own troubles are told by the store
                if not await asyncio.to_thread(lease.renew, self._engine, self._lease):
                    logger.error("Another process has taken over source %s; this crawl stops.", self._source.id)
                    await self._crawler.stop_async()
                    return


def _since(text: str) -> datetime:
    try:
        since = datetime.fromisoformat(text) if text else clock.now()
    except ValueError:
        since = None
    if since is None or since.tzinfo is None:
        raise UsageError("CARDFILE_RESUMED_SINCE is a time with a zone, such as 2026-11-22T03:17:00+00:00.")
    return since
