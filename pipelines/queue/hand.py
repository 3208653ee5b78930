"""One job of the queue, done: claim it, crawl it in a process of its own, write down how that ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine

from crawler import clock
from pipelines.queue.backoff import ATTEMPTS, WAIT, GivenUp, PutBack, last, pause
from pipelines.queue.order import Order
from pipelines.queue.passes import Claim, bury, claim, conclude
from pipelines.runs.alerts import Event, details, tell
from pipelines.runs.book import POSTPONED, Book, Standing
from pipelines.runs.child import Attempt, discard
from pipelines.runs.conductor import Executor
from pipelines.runs.results import Result
from pipelines.runs.verdict import verdict

#: Told of each job when it starts (with None) and when an attempt at it has ended.
Watcher = Callable[[Order, Result | None], None]
#: Outcomes after which the same job is tried again: nothing says that the site or the law has refused.
_AGAIN = frozenset({"failed", "interrupted"})


@dataclass
class Hand:
    """Does jobs. `folder` is for their queues of requests; `stop` ends running crawls within seconds.

    `alerts` names whom to tell once a pass is over, as `CARDFILE_ALERTS` does; sentences about channels that took no
    message go to `complain`.
    """

    engine: Engine
    executor: Executor
    folder: Path
    watch: Watcher
    stop: asyncio.Event
    alerts: str
    complain: Callable[[str], None]

    def __post_init__(self) -> None:
        self._book = Book(self.engine)

    async def do(self, order: Order, before: int) -> None:
        """Do one job that has failed so often `before`; raises PutBack or GivenUp when it is not done for good.

        Doing a job again that was done changes nothing: its place in the pass says that it has ended.
        """
        if self.stop.is_set():
            raise PutBack(0)
        if before >= ATTEMPTS:  # its workers died of it, or with it
            await self._bury(order)
        mine = await asyncio.to_thread(claim, self.engine, order, clock.now())
        if mine.standing is None:
            await self._decline(order, mine)
            return
        self.watch(order, None)
        result = await self._attempt(mine, mine.standing)
        await asyncio.to_thread(self._settle, order, mine, result, before)

    async def _decline(self, order: Order, mine: Claim) -> None:
        if mine.reason in {"busy", "shared"}:
            raise PutBack(WAIT)
        if mine.reason == "spent":
            result = Result(
                order.job.source_id, POSTPONED, remark="the plan's budget is spent; it comes first next time"
            )
            self.watch(order, None)
            self._book.ended(mine.pass_id, order.job, POSTPONED, {})
            self.watch(order, result)
        if mine.pass_id:
            await asyncio.to_thread(self._conclude, mine.pass_id)

    async def _bury(self, order: Order) -> None:
        pass_id = await asyncio.to_thread(bury, self.engine, order)
        self.watch(order, None)
        self.watch(order, Result(order.job.source_id, "failed", remark=f"its worker died {ATTEMPTS} times"))
        if pass_id:
            await asyncio.to_thread(self._conclude, pass_id)
        raise GivenUp

    async def _attempt(self, mine: Claim, standing: Standing) -> Result:
        job, began, now = standing.job, time.monotonic(), clock.now()
        folder = self._queue_of(mine, standing)
        resumes = standing.resumable and folder.is_dir()
        ended = await self.executor.execute(
            Attempt(job, folder, resumes, standing.since if resumes else None), self.stop
        )
        found = await asyncio.to_thread(verdict, self.engine, job, ended, now, stopped=self.stop.is_set())
        return replace(found, seconds=time.monotonic() - began)

    def _settle(self, order: Order, mine: Claim, result: Result, before: int) -> None:
        """Write an attempt down; raises PutBack for another one, GivenUp when there have been enough."""
        assert mine.standing
        stopped = result.outcome == "interrupted" and self.stop.is_set()
        in_order = result.outcome == "interrupted" and bool(result.run_id) and "died" not in result.counts
        failed = result.outcome in _AGAIN and not stopped
        open_still = stopped or (failed and not last(before))
        facts = {"run_id": result.run_id, "pages": result.pages_spent, "seconds": int(result.seconds)}
        facts |= {"resumable": stopped and in_order, "granted": 0}
        self._book.ended(mine.pass_id, order.job, "" if open_still else result.outcome, facts)
        folder = self._queue_of(mine, mine.standing)
        if not facts["resumable"]:
            discard(folder)
            with suppress(OSError):  # other jobs of the pass have their queues there
                folder.parent.rmdir()
        if stopped:
            self.watch(order, replace(result, remark="stopped; it goes on with the next worker"))
            raise PutBack(0)
        if open_still:
            again = f"attempt {before + 1} of {ATTEMPTS}, the next in {pause(before) // 60} min"
            self.watch(order, replace(result, remark="; ".join(filter(None, [result.remark, again]))))
            raise PutBack(pause(before), failed=True)
        self.watch(order, result)
        self._conclude(mine.pass_id)
        if failed:
            raise GivenUp

    def _conclude(self, pass_id: str) -> None:
        """Tell of a pass that is over, once for all its sources, as a call of the plan would."""
        results = conclude(self.engine, pass_id)
        events = [
            Event(one.source_id, one.outcome, one.run_id, details(one.counts, one.remark), died=True)
            for one in results or ()
        ]
        for sentence in tell(self.engine, self.alerts, events).troubles:
            self.complain(sentence)

    def _queue_of(self, mine: Claim, standing: Standing) -> Path:
        return self.folder / mine.pass_id / standing.job.source_id
