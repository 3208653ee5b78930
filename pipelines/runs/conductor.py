"""Conducting a plan: what runs when, within which limits, and what is written down about it."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from crawler import clock
from pipelines.runs.book import POSTPONED, Book, Pass, Standing
from pipelines.runs.child import Attempt, Ended, discard
from pipelines.runs.history import interrupt_dead
from pipelines.runs.plan import Job, Plan, with_budget
from pipelines.runs.results import Call, Result
from pipelines.runs.verdict import verdict

#: How often a job is tried whose process died.
_ATTEMPTS = 2
#: Told of each source when it starts (with None) and when it has ended.
Watcher = Callable[[str, Result | None], None]


class Executor(Protocol):
    """Whatever crawls one source: a child process here, a worker of a queue elsewhere."""

    async def execute(self, attempt: Attempt, stop: asyncio.Event) -> Ended:
        """Crawl, and return how that ended."""


@dataclass
class Conductor:
    """Runs what is left of a pass. `folder` is for the queues of jobs; `stop` ends the call within seconds."""

    plan: Plan
    engine: Engine
    executor: Executor
    folder: Path
    watch: Watcher
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._book = Book(self.engine)
        self._results: list[Result] = []
        self._running: dict[asyncio.Task[tuple[Standing, Result]], Job] = {}
        self._host_pages: Counter[str] = Counter()
        self._left_open = 0

    async def run(self) -> Call:
        """Run until everything is done, the budget is spent, or `stop` is set; returns what this call did."""
        with self.engine.begin() as connection:
            interrupt_dead(connection)
        self._pass: Pass = self._book.open(self.plan, clock.now())
        self._pages = self._pass.pages
        self._until = time.monotonic() + (self.plan.seconds or math.inf)
        waiting = deque(self._pass.left)
        while waiting or self._running:
            self._start_what_may(waiting)
            if not self._running:
                break
            await self._wait_for_one(waiting)
        if not self.stop.is_set():
            for standing in waiting:
                self._postpone(standing.job)
            waiting.clear()
        complete = not waiting and not self._left_open
        call = Call(self._pass, tuple(self._results), complete)
        if complete:
            discard(self.folder / self._pass.id)
        self._book.close(self._pass.id, {"outcomes": dict(call.outcomes), "pages": self._pages}, complete=complete)
        return call

    def _start_what_may(self, waiting: deque[Standing]) -> None:
        """Start jobs in their order; one whose host is busy or whose budget is out lets others pass."""
        for standing in list(waiting):
            if len(self._running) >= self.plan.at_once or self.stop.is_set():
                return
            busy = Counter(host for running in self._running.values() for host in running.hosts)
            if any(busy[host] >= self.plan.host_at_once for host in standing.job.hosts):
                continue
            granted = self._grant(standing)
            if granted is not None:
                waiting.remove(standing)
                self.watch(granted.source_id, None)
                task = asyncio.ensure_future(self._attempt(replace(standing, job=granted), standing.job))
                self._running[task] = granted

    def _grant(self, standing: Standing) -> Job | None:
        """Return the job with what it may still spend; None when there is nothing left for it now.

        What running jobs were granted counts as spent until they give the rest back.
        """
        job, promised = standing.job, self._running.values()
        pages = [max(1, job.budget.pages - standing.pages)]
        if self.plan.pages is not None:
            pages.append(self.plan.pages - self._pages - sum(one.budget.pages for one in promised))
        if self.plan.host_pages is not None:
            for host in job.hosts:
                out = sum(one.budget.pages for one in promised if host in one.hosts)
                pages.append(self.plan.host_pages - self._host_pages[host] - out)
        seconds = min(max(1.0, job.budget.seconds - standing.seconds), self._until - time.monotonic())
        if min(pages) < 1 or seconds < 1:
            return None
        return with_budget(job, pages=min(pages), seconds=int(seconds))

    async def _wait_for_one(self, waiting: deque[Standing]) -> None:
        told = asyncio.ensure_future(self.stop.wait())
        pending = set() if self.stop.is_set() else {told}
        done, _ = await asyncio.wait({*self._running, *pending}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        for task in [task for task in self._running if task in done]:
            job = self._running.pop(task)
            standing, result = task.result()
            self._pages += result.pages_spent
            self._host_pages.update(dict.fromkeys(job.hosts, result.pages_spent))
            self._settle(standing, result, waiting)

    def _settle(self, standing: Standing, result: Result, waiting: deque[Standing]) -> None:
        """Write an attempt down: ended for good, left for the next call, or to be tried again because it died."""
        interrupted, stopped = result.outcome == "interrupted", self.stop.is_set()
        again = interrupted and not stopped and standing.attempts + 1 < _ATTEMPTS
        left_open = interrupted and (stopped or again)
        in_order = left_open and bool(result.run_id) and "died" not in result.counts
        facts = {"run_id": result.run_id, "pages": result.pages_spent, "seconds": int(result.seconds)}
        facts["resumable"] = in_order
        self._book.ended(self._pass.id, standing.job, "" if left_open else result.outcome, facts)
        if not in_order:
            discard(self._queue_of(standing.job))
        if again:
            waiting.append(replace(standing, attempts=standing.attempts + 1, resumable=in_order))
            return
        self._left_open += left_open
        self._results.append(result)
        self.watch(result.source_id, result)

    async def _attempt(self, granted: Standing, whole: Job) -> tuple[Standing, Result]:
        job, began, now = granted.job, time.monotonic(), clock.now()
        self._book.started(self._pass.id, job, now)
        folder = self._queue_of(job)
        resumes = granted.resumable and folder.is_dir()
        attempt = Attempt(job, folder, resumes, granted.since if resumes else None)
        ended = await self.executor.execute(attempt, self.stop)
        found = verdict(self.engine, job, ended, now, stopped=self.stop.is_set())
        result = replace(found, seconds=time.monotonic() - began)
        return replace(granted, job=whole, since=granted.since or now), result

    def _postpone(self, job: Job) -> None:
        self._book.ended(self._pass.id, job, POSTPONED, {})
        result = Result(job.source_id, POSTPONED, remark="the plan's budget is spent; it comes first in the next pass")
        self._results.append(result)
        self.watch(job.source_id, result)

    def _queue_of(self, job: Job) -> Path:
        return self.folder / self._pass.id / job.source_id
