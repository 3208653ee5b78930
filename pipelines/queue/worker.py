"""A worker: takes jobs, gives signs of life, takes over the jobs of dead workers, and defers plans in time."""

from __future__ import annotations

import asyncio
import logging
import math
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from procrastinate import App, JobContext, exceptions
from procrastinate.jobs import DeleteJobCondition
from procrastinate.worker import Worker as Fetcher
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from pipelines.errors import StoreError
from pipelines.queue.app import CRAWL, TICK, plan_queue, working
from pipelines.queue.backoff import Backoff, PutBack, failures
from pipelines.queue.hand import Hand
from pipelines.queue.order import Order
from pipelines.queue.schema import SCHEMA
from pipelines.runs.plan import Plan

logger = logging.getLogger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
#: Who takes over from the dead holds this lock meanwhile, so that no job is taken over twice; an arbitrary number.
_RESCUE = 0x72657363
#: A job that waits for its turn so long (seconds) is still one that a queue is not empty of; a pause is longer.
_SOON = 60
#: Seconds between two tries to reach a store that is away, and after how many of them a worker gives up.
_AWAY, _TRIES = 5.0, 60


@dataclass(frozen=True, slots=True)
class Terms:
    """How a worker works.

    `concurrency` jobs at a time from `queues`; `silence` seconds without a sign of life make a worker a dead one;
    `poll` seconds lie between two looks into an idle queue. `once` ends it after one job, `until_empty` when nothing
    waits or runs any more.
    """

    queues: Sequence[str]
    concurrency: int = 1
    silence: float = 30.0
    poll: float = 5.0
    once: bool = False
    until_empty: bool = False


@dataclass
class Worker:
    """Works until it is told to stop. `tick` defers a plan, by name, that has come round again."""

    hand: Hand
    terms: Terms
    plans: Sequence[Plan]
    tick: Callable[[str], None]
    _fetcher: Fetcher | None = field(default=None, init=False)
    _finished: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Work until SIGTERM, SIGINT, or what the terms say; raises StoreError when the store stays away."""
        tries = 0
        asyncio.get_running_loop().set_exception_handler(_told)
        with self._signals():
            while not self._over:
                try:
                    await self._work()
                    tries = 0
                except (exceptions.ConnectorException, psycopg.Error, SQLAlchemyError) as error:
                    tries += 1
                    if tries > _TRIES:
                        raise StoreError("The queue cannot be reached; check DATABASE_URL and the server.") from error
                    logger.warning("The queue cannot be reached; the worker tries again in %d s.", _AWAY)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self.hand.stop.wait(), _AWAY)

    @property
    def _over(self) -> bool:
        return self.hand.stop.is_set() or self._finished

    async def _work(self) -> None:
        app = working(self.hand.engine.url)
        self._register(app)
        async with app.open_async():
            queues = [*self.terms.queues, *(plan_queue(plan.name) for plan in self.plans if plan.every)]
            self._fetcher = Fetcher(
                app,
                queues=queues,
                concurrency=self.terms.concurrency,
                fetch_job_polling_interval=self.terms.poll,
                abort_job_polling_interval=3600.0,  # nobody can ask for it
                listen_notify=False,  # a connection for each worker, and each new job would wake all of them
                install_signal_handlers=False,
                delete_jobs=DeleteJobCondition.SUCCESSFUL,  # what came of it stands in the plan's book
                update_heartbeat_interval=self.terms.silence / 3,
                stalled_worker_timeout=self.terms.silence,
            )
            side = [asyncio.ensure_future(self._rescue(app))]
            if self.terms.once or self.terms.until_empty:
                side.append(asyncio.ensure_future(self._watch_for_the_end()))
            try:
                if not self._over:  # a worker that runs forgets that it was told to stop before
                    await self._fetcher.run()  # type: ignore[no-untyped-call]
            finally:
                await cancelled(side)

    def _register(self, app: App) -> None:
        """Say what the jobs of the queue mean, and when plans come round."""

        @app.task(name=CRAWL, pass_context=True, retry=Backoff())
        async def crawl(context: JobContext, /, **args: Any) -> None:
            try:
                await self.hand.do(Order.from_args(args), failures(context.job))
            finally:
                self._one_done()

        @app.task(name=TICK, retry=Backoff())
        async def tick(timestamp: int, plan: str) -> None:  # noqa: ARG001  the queue gives the time of the tick
            await asyncio.to_thread(self.tick, plan)

        for plan in self.plans:
            if plan.every:
                periodic = app.periodic(
                    cron=plan.every,
                    periodic_id=plan.name,
                    task_kwargs={"plan": plan.name},
                    queue=plan_queue(plan.name),
                    queueing_lock=plan_queue(plan.name),
                )
                periodic(tick)

    def _one_done(self) -> None:
        if self.terms.once:
            self._end()

    def _end(self) -> None:
        self._finished = True
        if self._fetcher:
            self._fetcher.stop()  # type: ignore[no-untyped-call]

    async def _watch_for_the_end(self) -> None:
        while True:
            waiting, running = await asyncio.to_thread(self._left)
            if not waiting and (self.terms.once or not running):
                self._end()
                return
            await asyncio.sleep(min(1.0, self.terms.poll))

    def _left(self) -> tuple[int, int]:
        """Return how many jobs of our queues may be fetched soon, and how many run, here or elsewhere."""
        query = (
            "SELECT count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing') "  # noqa: S608
            f"FROM {SCHEMA}.procrastinate_jobs WHERE queue_name = ANY(:queues) AND status IN ('todo', 'doing') "
            "AND (status = 'doing' OR scheduled_at IS NULL OR scheduled_at <= now() + make_interval(secs => :soon))"
        )
        with self.hand.engine.connect() as connection:
            row = connection.execute(text(query), {"queues": list(self.terms.queues), "soon": _SOON}).one()
        return int(row[0]), int(row[1])

    async def _rescue(self, app: App) -> None:
        """Put the jobs of workers that gave no sign of life back into the queue, now and then."""
        loop, before = asyncio.get_running_loop(), -math.inf
        while True:
            await asyncio.sleep(self.terms.silence / 3)
            # Whoever was held up itself, as by a store that was away, cannot tell who is dead from who was held up too.
            late, before = loop.time() - before > self.terms.silence, loop.time()
            if late or self._fetcher is None or self._fetcher.worker_id is None:
                continue
            with suppress(exceptions.ConnectorException):
                for job in await rescue(app, self.terms.silence, self._fetcher.worker_id):
                    logger.warning("Job %s: its worker is dead; it is taken over.", job.get("source", job.get("plan")))

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._stop)
        try:
            yield
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)

    def _stop(self) -> None:
        self.hand.stop.set()
        self._end()


def _told(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say in a sentence that a job's end could not be written down; nobody waits for the task that tried."""
    if isinstance(context.get("exception"), exceptions.ConnectorException):
        logger.warning(
            "A job had been taken over when it ended here, or the store was away; its place in the plan counts."
        )
    else:
        loop.default_exception_handler(context)


async def cancelled(tasks: Sequence[asyncio.Future[Any]]) -> None:
    """Cancel tasks until every one has ended.

    Once is not enough: `asyncio.wait_for` of Python 3.11, which the pool of connections waits with, swallows a
    cancellation that comes in the same turn as its result, and who waited for such a task would wait for ever.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=1.0)
    await asyncio.gather(*tasks, return_exceptions=True)  # nobody else asks what became of them


async def rescue(app: App, silence: float, me: int) -> list[Mapping[str, Any]]:
    """Put back what dead workers were at, and return the arguments of those jobs; the worker `me` is alive.

    Only one worker does this at a time: between finding a job and putting it back nobody else may have done so, or it
    would be taken from the worker that has it by then.
    """
    assert hasattr(app.connector, "pool")
    found: list[Mapping[str, Any]] = []
    async with app.connector.pool.connection() as connection:
        cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [_RESCUE])
        if not (await cursor.fetchone())[0]:
            return []
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silence):
            if job.worker_id == me:
                continue
            with suppress(exceptions.ConnectorException):  # it has ended after all
                put_back = Backoff().get_retry_decision(exception=PutBack(0, failed=True), job=job)
                assert put_back
                assert put_back.retry_at
                assert job.id
                await app.job_manager.retry_job_by_id_async(job.id, put_back.retry_at, put_back.priority)
                found.append(job.task_kwargs)
    return found
