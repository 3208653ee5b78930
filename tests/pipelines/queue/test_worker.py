"""Workers of one queue, with crawls that crawl nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from procrastinate import periodic
from sqlalchemy import Engine, select, text

from crawler.sources import SourceRegister
from pipelines.master.operation import AlertRow, PlanJobRow, PlanRunRow
from pipelines.queue.backoff import ATTEMPTS
from pipelines.queue.deferring import defer
from pipelines.queue.hand import Hand
from pipelines.queue.order import Order
from pipelines.queue.schema import SCHEMA
from pipelines.queue.worker import Terms, Worker, cancelled
from pipelines.runs import alerts
from pipelines.runs.plan import Plan
from pipelines.runs.results import Result
from tests.pipelines.queue.conftest import Pretender, Register, execute, jobs, plan

UNTIL_EMPTY = Terms(["crawl"], silence=1.5, poll=0.05, until_empty=True)


class Team:
    """Workers over one store, with one pretender, in one process."""

    def __init__(self, store: Engine, folder: Path, **outcomes: list[str]) -> None:
        self.store, self.folder = store, folder
        self.pretender = Pretender(store, outcomes)
        self.seen: list[tuple[str, Result | None]] = []
        self.told: list[str] = []
        self.ticks: list[str] = []

    def worker(self, terms: Terms = UNTIL_EMPTY, plans: tuple[Plan, ...] = (), alerts: str = "") -> Worker:
        def watch(order: Order, result: Result | None) -> None:
            self.seen.append((order.job.source_id, result))

        hand = Hand(self.store, self.pretender, self.folder, watch, asyncio.Event(), alerts, self.told.append)
        return Worker(hand, terms, plans, self.ticks.append)

    def work(self, *terms: Terms, seconds: float = 30.0) -> None:
        async def all_of_them() -> None:
            workers = [self.worker(one).run() for one in terms or (UNTIL_EMPTY,)]
            await asyncio.wait_for(asyncio.gather(*workers), seconds)

        asyncio.run(all_of_them())

    @property
    def results(self) -> dict[str, str]:
        return {source_id: result.outcome for source_id, result in self.seen if result}


@pytest.fixture
def team(store: Engine, tmp_path: Path) -> Callable[..., Team]:
    return lambda **outcomes: Team(store, tmp_path / "jobs", **outcomes)


def deferred(store: Engine, known: SourceRegister, **more: Any) -> None:
    defer(plan(known, **more), store, known)


def place(store: Engine, source_id: str) -> Any:
    with store.connect() as connection:
        return connection.execute(select(PlanJobRow).where(PlanJobRow.source_id == source_id)).one()


def over(store: Engine) -> bool:
    with store.connect() as connection:
        return connection.scalar(select(PlanRunRow.ended_at)) is not None


def test_workers_do_every_job_once(store: Engine, register: Register, team: Callable[..., Team]) -> None:
    deferred(store, register(*"abcdef"))
    mine = team(b=["empty"], c=["refused"], d=["blocked"])
    mine.work(*[UNTIL_EMPTY] * 3)
    assert sorted(mine.pretender.crawled) == list("abcdef")
    assert Counter(mine.results.values()) == {"finished": 3, "empty": 1, "refused": 1, "blocked": 1}
    assert jobs(store) == []
    assert over(store)
    assert list(mine.folder.iterdir()) == []


def test_sources_of_one_host_are_crawled_one_after_another(
    store: Engine, register: Register, team: Callable[..., Team]
) -> None:
    deferred(store, register("d", "e", a=["one.example"], b=["www.one.example"], c=["one.example", "two.example"]))
    mine = team()
    mine.pretender.seconds = 0.2
    mine.work(replace(UNTIL_EMPTY, concurrency=3), UNTIL_EMPTY)
    spans = {name: (began, ended) for name, began, ended in mine.pretender.spans}
    assert set(spans) == set("abcde")
    for one, two in combinations(sorted(spans[name] for name in "abc"), 2):
        assert one[1] <= two[0]


def test_what_fails_is_put_back_and_given_up_in_the_end(
    store: Engine, register: Register, team: Callable[..., Team]
) -> None:
    deferred(store, register("a", "b"))
    mine = team(a=["failed"], b=["", "finished"])
    mine.work()
    assert jobs(store) == [("a", "todo"), ("b", "todo")]
    with store.connect() as connection:
        query = "SELECT priority, scheduled_at - now() BETWEEN '110 s' AND '121 s' FROM {}.procrastinate_jobs"
        assert {tuple(row) for row in connection.execute(text(query.format(SCHEMA)))} == {(-1, True)}
    assert "attempt 1 of 4, the next in 2 min" in (mine.seen[1][1] or Result("", "")).remark
    for _ in range(ATTEMPTS):
        execute(store, "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
        mine.work()
    assert Counter(mine.pretender.crawled) == {"a": ATTEMPTS, "b": 2}
    assert jobs(store) == [("a", "failed")]
    assert (place(store, "a").outcome, place(store, "b").outcome) == ("failed", "finished")
    assert over(store)


def test_a_stopped_worker_gives_its_jobs_back(store: Engine, register: Register, team: Callable[..., Team]) -> None:
    deferred(store, register("a", "b"))
    mine = team()
    mine.pretender.seconds = 60.0
    stopping = threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGTERM])
    stopping.start()
    mine.work(replace(UNTIL_EMPTY, until_empty=False, concurrency=2))
    assert mine.results == {"a": "interrupted", "b": "interrupted"}
    assert jobs(store) == [("a", "todo"), ("b", "todo")]
    assert place(store, "a").resumable
    with store.connect() as connection:
        assert connection.scalar(text(f"SELECT max(priority) FROM {SCHEMA}.procrastinate_jobs")) == 0, (
            "it is no failure"
        )
    mine.pretender.seconds = 0.0
    mine.work()
    assert [attempt.resumes for attempt in mine.pretender.attempts] == [False, False, True, True]
    assert over(store)


@pytest.mark.parametrize("row", ["stale", "gone"])
def test_the_jobs_of_a_dead_worker_are_taken_over(
    store: Engine, register: Register, team: Callable[..., Team], row: str
) -> None:
    deferred(store, register("a"))
    execute(store, "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')")
    worker = "(SELECT max(id) FROM procrastinate_workers)" if row == "stale" else "NULL"
    execute(store, f"UPDATE procrastinate_jobs SET status = 'doing', worker_id = {worker}")
    mine = team()
    mine.work(*[UNTIL_EMPTY] * 2)
    assert mine.pretender.crawled == ["a"]
    assert jobs(store) == []


def test_a_job_that_was_done_is_not_done_again(store: Engine, register: Register, team: Callable[..., Team]) -> None:
    known = register("a", "b")
    deferred(store, known)
    mine = team()
    mine.work(replace(UNTIL_EMPTY, once=True, until_empty=False))
    assert (mine.pretender.crawled, over(store)) == (["a"], False)
    execute(
        store,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args) SELECT queue_name, task_name, "
        "'again', jsonb_set(args, '{source}', '\"a\"') FROM procrastinate_jobs",
    )
    mine.work()
    assert mine.pretender.crawled == ["a", "b"]
    assert (jobs(store), over(store)) == ([], True)


def test_a_job_that_kills_its_workers_is_given_up(store: Engine, register: Register, team: Callable[..., Team]) -> None:
    deferred(store, register("a"))
    execute(store, f"UPDATE procrastinate_jobs SET priority = -{ATTEMPTS}")
    mine = team()
    mine.work()
    assert mine.pretender.crawled == []
    assert [result.remark for _, result in mine.seen if result] == [f"its worker died {ATTEMPTS} times"]
    assert (jobs(store), place(store, "a").outcome, over(store)) == ([("a", "failed")], "failed", True)


def test_a_plan_without_budget_left_postpones(store: Engine, register: Register, team: Callable[..., Team]) -> None:
    deferred(store, register("a", "b", "c"), pages=15)
    mine = team()
    mine.work()
    assert Counter(mine.results.values()) == {"finished": 2, "postponed": 1}
    assert place(store, "a").pages + place(store, "b").pages + place(store, "c").pages == 15


def test_a_worker_knows_its_queues(store: Engine, register: Register, team: Callable[..., Team]) -> None:
    deferred(store, register("a"), queue="slow")
    mine = team()
    mine.work()
    assert mine.pretender.crawled == []
    mine.work(replace(UNTIL_EMPTY, queues=["crawl", "slow"]))
    assert mine.pretender.crawled == ["a"]


def test_trouble_is_told_once_a_pass(
    store: Engine, register: Register, team: Callable[..., Team], monkeypatch: pytest.MonkeyPatch
) -> None:
    deferred(store, register("a", "b", "c"))
    calls: list[list[str]] = []

    def tell(engine: Engine, configured: str, events: Any) -> Any:
        calls.append([f"{event.source_id} {event.outcome}" for event in events])
        return alerts.tell(engine, configured, events)

    monkeypatch.setattr("pipelines.queue.hand.tell", tell)
    mine = team(a=["blocked"], c=["empty"])

    async def both() -> None:
        workers = [mine.worker(alerts="nonsense://").run() for _ in range(2)]
        await asyncio.gather(*workers)

    asyncio.run(both())
    assert [sorted(events) for events in calls if events] == [["a blocked", "b finished", "c empty"]]
    assert mine.told == ["CARDFILE_ALERTS: address 1 is none that Apprise knows; see docs/runs.md."]
    with store.connect() as connection:
        assert sorted(connection.scalars(select(AlertRow.source_id))) == ["a", "c"]


def test_a_task_that_misses_its_cancellation_is_cancelled_again() -> None:
    heard: list[str] = []

    async def deaf_once() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        heard.append("first")
        await asyncio.Event().wait()

    async def both() -> None:
        tasks = [asyncio.ensure_future(deaf_once()), asyncio.ensure_future(asyncio.sleep(60))]
        await asyncio.sleep(0)
        await asyncio.wait_for(cancelled(tasks), 20)
        assert all(task.cancelled() for task in tasks)

    asyncio.run(both())
    assert heard == ["first"]


def test_a_plan_comes_round_once_for_all_workers(
    store: Engine, register: Register, team: Callable[..., Team], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periodic, "MARGIN", 0.05)
    wanted = plan(register("a"), every="* * * * * *")  # each second, which takes a sixth field
    mine = team()
    other = replace(wanted, name="other", every="")

    async def three() -> None:
        terms = replace(UNTIL_EMPTY, until_empty=False)
        workers = [mine.worker(terms, (wanted, other)) for _ in range(3)]
        running = asyncio.gather(*(worker.run() for worker in workers))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(running), 4.0)
        for worker in workers:
            worker._stop()
        await running

    asyncio.run(three())
    assert set(mine.ticks) == {"nightly"}
    with store.connect() as connection:
        ticks = connection.scalars(text(f"SELECT max(id) FROM {SCHEMA}.procrastinate_periodic_defers")).one()
    assert 3 <= len(mine.ticks) <= 6, "three workers over four seconds, each second once"
    assert ticks >= len(mine.ticks)


def test_a_store_that_is_away_for_a_moment_is_waited_for(
    store: Engine, register: Register, team: Callable[..., Team], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.queue.worker._AWAY", 0.2)
    deferred(store, register("a"))
    mine = team()
    worker = mine.worker()
    real = worker._work
    failed: list[bool] = []

    async def fails_first() -> None:
        if not failed:
            failed.append(True)
            with store.connect() as connection:
                connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        await real()

    monkeypatch.setattr(worker, "_work", fails_first)
    asyncio.run(asyncio.wait_for(worker.run(), 30))
    assert (failed, mine.pretender.crawled) == ([True], ["a"])
