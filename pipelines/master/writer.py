"""Group commit: whoever hands in work awaits the transaction that made it durable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from pipelines.errors import StoreError
from pipelines.master import lifeline
from pipelines.master.faults import PASSING, fault_of, store_error
from pipelines.master.lifeline import Lifeline
from pipelines.master.sharing import share
from pipelines.master.waiting import Patience

logger = logging.getLogger(__name__)

P = TypeVar("P")
R = TypeVar("R")
Handler = Callable[[Connection, Sequence[P]], Sequence[R]]

#: Payloads of one transaction: past this a group costs latency and gains nothing.
GROUP = 200


@dataclass(slots=True)
class _Work:
    handler: Callable[[Connection, Sequence[Any]], Sequence[Any]]
    payload: Any
    future: asyncio.Future[Any]


class _Passing(Exception):
    """A transaction failed for a reason that passes; nothing of it was kept, or the same again changes nothing."""

    def __init__(self, error: StoreError) -> None:
        super().__init__(str(error))
        self.error = error


class GroupWriter:
    """The one writer of a process.

    While a transaction commits in the writer's thread, what comes in meanwhile gathers for the next one; so a lone item
    waits for nobody and a busy crawl pays for one commit per group.

    A group that fails because the database is away or somebody else holds a lock is tried again for as long as the
    `patience` lasts. A connection that breaks during a commit leaves open whether it was made, so handlers must be such
    that doing their work twice changes nothing more.
    """

    def __init__(self, engine: Engine, patience: Patience | None = None) -> None:
        self._engine = engine
        self._patience = patience or Patience()
        self._lifeline = Lifeline(engine) if engine.dialect.name == "postgresql" else None
        self._put_back = share()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
        self._waiting: list[_Work] = []
        self._drain: asyncio.Task[None] | None = None

    async def submit(self, handler: Handler[P, R], payload: P) -> R:
        """Run a handler with this payload, among others, in a transaction and return its result once durable.

        Raises StoreError when the database refuses; the other payloads of the group are not affected.
        """
        loop = asyncio.get_running_loop()
        work = _Work(handler, payload, loop.create_future())
        self._waiting.append(work)
        if self._drain is None or self._drain.done():
            self._drain = loop.create_task(self._drain_all())
        return cast("R", await work.future)

    async def close(self) -> None:
        """Wait until everything handed in is durable, then end the thread."""
        while self._drain is not None and not self._drain.done():
            await asyncio.wait({self._drain})
        self._thread.shutdown(wait=True)
        self._put_back()

    async def _drain_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
            outcomes = await self._attempt(group)
            again = [work for work, outcome in zip(group, outcomes, strict=True) if not _settled(work, outcome)]
            if not again:
                self._patience.over()
                continue
            error = next(outcome.error for outcome in outcomes if isinstance(outcome, _Passing))
            if await self._patience.lasts(error):
                self._waiting = again + self._waiting
            else:
                for work in again:
                    _settled(work, error)

    async def _attempt(self, group: Sequence[_Work]) -> list[Any]:
        """Commit in the writer's thread; a server that falls silent meanwhile counts as one that is away.

        What a wait of half a minute is about is logged, and again each half a minute.
        """
        attempt = asyncio.get_running_loop().run_in_executor(self._thread, self._commit, group)
        while self._lifeline and not (await asyncio.wait({attempt}, timeout=lifeline.SILENCE))[0]:
            if told := await asyncio.to_thread(self._lifeline.check):
                logger.warning(told)
        return await attempt

    def _commit(self, group: Sequence[_Work]) -> list[Any]:
        """Run a group in one transaction; when it fails, each work in its own: one bad payload harms no other."""
        try:
            with self._engine.begin() as connection:
                return _run(connection, group)
        except SQLAlchemyError as error:
            told = store_error(error, self._engine.url)
            if fault_of(error) in PASSING:
                return [_Passing(told)] * len(group)
            return self._each(group, told)
        except (ValueError, StoreError) as error:
            return self._each(group, error)

    def _each(self, group: Sequence[_Work], error: Exception) -> list[Any]:
        return [error] if len(group) == 1 else [outcome for work in group for outcome in self._commit([work])]


def _settled(work: _Work, outcome: Any) -> bool:
    """Hand an outcome to whoever waits for it; False when it is none yet."""
    if isinstance(outcome, _Passing):
        return False
    if work.future.cancelled():
        return True
    if isinstance(outcome, BaseException):
        work.future.set_exception(outcome)
    else:
        work.future.set_result(outcome)
    return True


def _run(connection: Connection, group: Sequence[_Work]) -> list[Any]:
    """Call each handler once with all its payloads; return the results in the order of the group."""
    by_handler: dict[Any, list[int]] = {}
    for index, work in enumerate(group):
        by_handler.setdefault(work.handler, []).append(index)
    results: list[Any] = [None] * len(group)
    for handler, indexes in by_handler.items():
        answers = handler(connection, [group[index].payload for index in indexes])
        for index, answer in zip(indexes, answers, strict=True):
            results[index] = answer
    return results
