"""Plans into the queue: a job a source, and none twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.queue import deferring
from pipelines.queue.deferring import defer
from pipelines.queue.schema import SCHEMA
from pipelines.runs import lease
from pipelines.runs.lease import LeaseHeld, Process
from tests.pipelines.queue.conftest import Register, execute, jobs, plan


def test_a_plan_is_deferred_once(store: Engine, register: Register) -> None:
    known = register("a", "b")
    first = defer(plan(known, queue="slow"), store, known)
    assert (first.new, first.waiting, first.done) == (2, 0, 0)
    execute(store, "UPDATE procrastinate_jobs SET status = 'doing' WHERE args->>'source' = 'a'")
    again = defer(plan(known), store, known)
    assert (again.new, again.waiting, again.going.id) == (0, 2, first.going.id)
    assert jobs(store) == [("a", "doing"), ("b", "todo")]
    with store.connect() as connection:
        rows = connection.execute(
            text(f"SELECT queue_name, lock, queueing_lock FROM {SCHEMA}.procrastinate_jobs ORDER BY id")
        )
        assert [tuple(row) for row in rows] == [
            ("slow", "a.example", "nightly/a"),
            ("slow", "b.example", "nightly/b"),
        ]


def test_what_was_given_up_is_deferred_anew(store: Engine, register: Register) -> None:
    known = register("a")
    defer(plan(known), store, known)
    execute(store, "UPDATE procrastinate_jobs SET status = 'failed'")
    assert defer(plan(known), store, known).new == 1
    assert jobs(store) == [("a", "todo")]


def test_two_plans_may_want_one_source(store: Engine, register: Register) -> None:
    known = register("a")
    assert defer(plan(known), store, known).new == 1
    assert defer(replace(plan(known), name="weekly"), store, known).new == 1


def test_calls_at_the_same_moment_defer_everything_once(
    store: Engine, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = register(*"abcdef")
    monkeypatch.setattr(deferring, "_known", lambda engine, name: frozenset())  # both see an empty queue
    monkeypatch.setattr(deferring, "BATCH", 4)
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: defer(plan(known), store, known), range(3)))
    assert sum(one.new for one in done) == 6
    assert sorted(name for name, _ in jobs(store)) == list("abcdef")


def test_a_plan_that_runs_without_a_queue_is_not_deferred(
    store: Engine, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = register("a")
    mine = lease.acquire(store, "plan:nightly", "Plan 'nightly' is running")
    monkeypatch.setattr(Process, "same", lambda self, other: False)  # as another process sees it
    monkeypatch.setattr(Process, "lives", lambda self, seen_at, now: True)
    with pytest.raises(LeaseHeld, match="Plan 'nightly' is running"):
        defer(plan(known), store, known)
    assert jobs(store) == []
    lease.release(store, mine)


def test_names_in_the_address_of_the_store_do_not_disturb(postgresql_url: str, register: Register) -> None:
    known = register("a")
    engine = open_store(make_url(postgresql_url).update_query_dict({"options": "-c statement_timeout=60000"}))
    assert defer(plan(known), engine, known).new == 1
    engine.dispose()
