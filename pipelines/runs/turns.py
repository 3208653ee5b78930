"""Turns at hosts for every machine that shares a PostgreSQL store: one request at a time, a pause between two.

A row a host. Whoever has the turn writes itself in and takes itself out, so that this works through a connection pooler
and over a lost connection, where a lock of the database would not; the clock is the database's, the same for all.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError, NotConfigured
from sqlalchemy import Engine, Float, case, cast, extract, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from crawler.middlewares.turns import FORGIVEN, PATIENCE
from pipelines.master.database import connect, database_url
from pipelines.master.operation import HostTurnRow
from pipelines.runs.lease import BEAT

logger = logging.getLogger(__name__)

#: Seconds for which a turn is held without a sign of life: so long does the host of a killed crawl wait at most.
_HELD = 60.0
#: Seconds between two attempts at a turn that somebody else has, and after an answer that the store could not give.
_STEP, _AWAY = 0.2, 2.0


class SharedTurns:
    """Extension: keeps the turns of a crawl in the store, where that is PostgreSQL. On SQLite there is one machine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._token = uuid.uuid4().hex

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the store that the settings name."""
        url = database_url(crawler.settings["CARDFILE_DATABASE_URL"], crawler.settings["CARDFILE_HOME"])
        if url.get_backend_name() != "postgresql":
            raise NotConfigured  # one machine, whose files keep the turns; a reason would be logged as a warning
        shared = cls(connect(url))
        crawler.signals.connect(shared.close, signal=signals.engine_stopped)
        return shared

    def close(self) -> None:
        """Let go of the store."""
        self._engine.dispose()

    @asynccontextmanager
    async def turn(self, host: str, pause: float) -> AsyncIterator[None]:
        """Hold the host's turn for as long as the block runs, which starts `pause` seconds after the last one ended.

        Raises DownloadTimeoutError when no turn comes within five minutes, as when the store is away for so long.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while wait := await self._try(host, pause):
            if loop.time() + wait > deadline:
                raise DownloadTimeoutError(f"{host}: another crawl holds its turn")
            await asyncio.sleep(wait)
        beating = asyncio.ensure_future(self._beat(host))
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.shield(asyncio.to_thread(self._end, host))

    def cool(self, host: str, seconds: float, rule: str, times: int = 1) -> None:
        """Remember that a host wants to be left alone, for the `times`-th time in a row, beyond the end of this run."""
        values = {"cool_until": _later(seconds), "cool_rule": rule, "cooled": times}
        row = {"host": host, "holder": "", **values}
        with self._engine.begin() as connection:
            query = insert(HostTurnRow).values(row)
            connection.execute(query.on_conflict_do_update(index_elements=["host"], set_=values))

    def cooling(self, host: str) -> tuple[float, str]:
        """Return the seconds for which a host is still left alone, and the rule; `(0, "")` when it is not."""
        left, rule, _ = self._kept(host)
        return (left, rule) if left > 0 else (0.0, "")

    def times_cooled(self, host: str) -> int:
        """Return how often in a row a host has wanted to be left alone: 0 once it had a day without that."""
        left, _, times = self._kept(host)
        return times if left > -FORGIVEN else 0

    def _kept(self, host: str) -> tuple[float, str, int]:
        """Return what is kept of a host. A store that is away says nothing; it gives no turn either."""
        left = _seconds(HostTurnRow.cool_until - func.clock_timestamp())
        query = select(left, HostTurnRow.cool_rule, HostTurnRow.cooled).where(HostTurnRow.host == host)
        with suppress(SQLAlchemyError), self._engine.connect() as connection:
            row = connection.execute(query.where(HostTurnRow.cool_until.is_not(None))).one_or_none()
            if row is not None:
                return float(row[0]), row[1], row[2]
        return -FORGIVEN, "", 0

    async def _try(self, host: str, pause: float) -> float:
        """Take the turn if it is free: 0 then, else the seconds after which to ask again."""
        try:
            return await asyncio.to_thread(self._take, host, pause)
        except SQLAlchemyError:
            logger.warning("The store gives no turn at a host; the request waits.")
            return _AWAY

    def _take(self, host: str, pause: float) -> float:
        now = func.clock_timestamp()
        since = _seconds(now - HostTurnRow.ended_at)
        # A clock that was set back must stall nobody: what ended in the future has ended.
        rested = or_(HostTurnRow.ended_at.is_(None), since >= pause, since < 0)
        free = or_(HostTurnRow.held_until.is_(None), HostTurnRow.held_until < now)
        with self._engine.begin() as connection:
            fresh = insert(HostTurnRow).values(host=host, holder="", cool_rule="", cooled=0)
            connection.execute(fresh.on_conflict_do_nothing())
            taken = {"holder": self._token, "held_until": _later(_HELD), "ended_at": now}  # should this crawl be killed
            query = update(HostTurnRow).where(HostTurnRow.host == host, free, rested).values(**taken)
            if connection.execute(query).rowcount:
                return 0.0
            left = case((since < 0, 0.0), else_=pause - since)
            waited = connection.scalar(select(left).where(HostTurnRow.host == host))
        return max(float(waited or 0.0), _STEP)

    def _end(self, host: str) -> None:
        ended = {"holder": "", "held_until": None, "ended_at": func.clock_timestamp()}
        mine = (HostTurnRow.host == host, HostTurnRow.holder == self._token)
        with suppress(SQLAlchemyError), self._engine.begin() as connection:  # it runs out by itself
            connection.execute(update(HostTurnRow).where(*mine).values(**ended))

    async def _beat(self, host: str) -> None:
        """Keep the turn while a slow answer comes in."""
        while True:
            await asyncio.sleep(BEAT)
            await asyncio.to_thread(self._renew, host)

    def _renew(self, host: str) -> None:
        mine = (HostTurnRow.host == host, HostTurnRow.holder == self._token)
        with suppress(SQLAlchemyError), self._engine.begin() as connection:
            connection.execute(update(HostTurnRow).where(*mine).values(held_until=_later(_HELD)))


def _seconds(interval: Any) -> Any:
    return cast(extract("epoch", interval), Float)


def _later(seconds: float) -> Any:
    return func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
