"""Putting a plan into the queue: a job for each source that is left to do, and none twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from procrastinate import App, exceptions
from procrastinate.jobs import Job as QueuedJob
from sqlalchemy import Engine, text

from crawler import clock
from crawler.sources import SourceRegister
from pipelines.queue.app import CRAWL, deferring
from pipelines.queue.order import Order, locks, orders
from pipelines.queue.schema import SCHEMA, install
from pipelines.runs import lease
from pipelines.runs.book import Book, Pass
from pipelines.runs.plan import Plan

#: Jobs that go into the queue with one statement.
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Deferred:
    """What a call put into the queue: `new` jobs; `waiting` ones were there; `done` ended earlier in the same pass."""

    going: Pass
    new: int
    waiting: int

    @property
    def done(self) -> int:
        """How many sources of the pass had ended before."""
        return len(self.going.done)


def defer(plan: Plan, engine: Engine, register: SourceRegister) -> Deferred:
    """Defer one job for each source that the pass through a plan has left; raises LeaseHeld while the plan runs.

    A pass that is under way is gone on with, so a call may be repeated at any time: a source that waits or is being
    crawled is not deferred again.
    """
    install(engine)
    now = clock.now()
    mine = lease.acquire(engine, f"plan:{plan.name}", f"Plan {plan.name!r} is running")
    try:
        going = Book(engine).open(plan, now)
        known = _known(engine, plan.name)
        left = orders(plan, (standing.job for standing in going.left), now)
        fresh = [order for order in left if order.queueing_lock not in known]
        app = deferring(engine.url)
        with app.open():
            new = sum(_put(app, batch) for batch in _batches(_jobs(fresh, plan.queue, locks(register))))
        _bury_dead(engine, [order.queueing_lock for order in fresh])
    finally:
        lease.release(engine, mine)
    return Deferred(going, new, len(left) - new)


def _known(engine: Engine, plan: str) -> frozenset[str]:
    """Return what waits or runs already; the queue itself refuses what comes to wait meanwhile."""
    query = f"SELECT queueing_lock FROM {SCHEMA}.procrastinate_jobs WHERE status IN ('todo', 'doing')"  # noqa: S608
    with engine.connect() as connection:
        found = connection.scalars(text(f"{query} AND args->>'plan' = :plan AND task_name = :task"), _named(plan))
        return frozenset(found)


def _bury_dead(engine: Engine, replaced: Sequence[str]) -> None:
    """Remove the dead jobs that new ones have replaced."""
    query = f"DELETE FROM {SCHEMA}.procrastinate_jobs WHERE status = 'failed' AND queueing_lock = ANY(:replaced)"  # noqa: S608
    with engine.begin() as connection:
        connection.execute(text("SELECT set_config('search_path', :path, true)"), {"path": SCHEMA})  # for its triggers
        connection.execute(text(query), {"replaced": list(replaced)})


def _named(plan: str) -> dict[str, str]:
    return {"plan": plan, "task": CRAWL}


def _jobs(fresh: Iterable[Order], queue: str, by_source: dict[str, str]) -> Iterator[QueuedJob]:
    for order in fresh:
        yield QueuedJob(
            id=None,
            queue=queue,
            task_name=CRAWL,
            lock=by_source.get(order.job.source_id),
            queueing_lock=order.queueing_lock,
            task_kwargs=order.as_args(),
        )


def _batches(jobs: Iterator[QueuedJob]) -> Iterator[list[QueuedJob]]:
    while batch := list(islice(jobs, BATCH)):
        yield batch


def _put(app: App, jobs: Sequence[QueuedJob]) -> int:
    """Put jobs into the queue and return how many were not there yet."""
    try:
        return len(app.job_manager.batch_defer_jobs(list(jobs)))
    except exceptions.AlreadyEnqueued:  # somebody else deferred one of them meanwhile: the others still have to go in
        return 0 if len(jobs) == 1 else sum(_put(app, [job]) for job in jobs)
