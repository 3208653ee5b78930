"""A pass that many workers share: its budgets, its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from pipelines.master.operation import PlanJobRow, PlanRunRow
from pipelines.queue.order import Order, orders
from pipelines.queue.passes import bury, claim, conclude
from pipelines.runs import lease
from pipelines.runs.book import Book
from pipelines.runs.plan import Plan
from tests.pipelines.queue.conftest import Register, plan

NOW = datetime.now(UTC)


def opened(store: Engine, wanted: Plan) -> dict[str, Order]:
    Book(store).open(wanted, NOW)
    return {order.job.source_id: order for order in orders(wanted, wanted.jobs, NOW)}


def row(store: Engine, source_id: str) -> Any:
    with store.connect() as connection:
        return connection.execute(select(PlanJobRow).where(PlanJobRow.source_id == source_id)).one()


def ended(store: Engine, pass_id: str, order: Order, pages: int, outcome: str = "finished") -> None:
    Book(store).ended(pass_id, order.job, outcome, {"run_id": "", "pages": pages, "seconds": 1, "granted": 0})


def granted(store: Engine, order: Order) -> int | str:
    """The pages that a worker gets for a job, or why it gets none."""
    found = claim(store, order, NOW)
    return found.standing.job.budget.pages if found.standing else found.reason


@pytest.mark.parametrize(
    ("limits", "hosts", "each"),
    [
        ({}, {}, [10, 10, 10]),
        ({"pages": 25}, {}, [10, 10, 5]),
        ({"pages": 20}, {}, [10, 10, "shared"]),  # what the others do not spend may still come
        ({"host_pages": 15}, {"b": ["a.example"], "c": ["a.example"]}, [10, 5, "shared"]),
        ({"host_pages": 15}, {}, [10, 10, 10]),
        ({"seconds": 1000}, {}, [10, 10, 10]),
    ],
)
def test_workers_share_the_pages_of_a_plan(
    store: Engine, register: Register, limits: dict[str, int], hosts: dict[str, list[str]], each: list[int | str]
) -> None:
    mine = opened(store, plan(register("a", *(name for name in "bc" if name not in hosts), **hosts), **limits))
    assert [granted(store, mine[name]) for name in "abc"] == each


def test_what_a_job_gives_back_others_may_spend(store: Engine, register: Register) -> None:
    mine = opened(store, plan(register(*"abc"), pages=20))
    first = claim(store, mine["a"], NOW)
    assert granted(store, mine["b"]) == 10
    ended(store, first.pass_id, mine["a"], 3)
    assert granted(store, mine["c"]) == 7
    assert (row(store, "c").attempts, row(store, "c").granted) == (1, 7)
    ended(store, first.pass_id, mine["b"], 10)
    ended(store, first.pass_id, mine["c"], 7, outcome="")
    assert granted(store, mine["c"]) == "spent"


def test_a_budget_of_seconds_runs_out_for_everybody(store: Engine, register: Register) -> None:
    wanted = plan(register("a"), seconds=30)
    [late] = orders(wanted, wanted.jobs, NOW - timedelta(seconds=29, milliseconds=500))
    opened(store, wanted)
    assert granted(store, late) == "spent"
    [soon] = orders(wanted, wanted.jobs, NOW - timedelta(seconds=10))
    found = claim(store, soon, NOW)
    assert found.standing is not None
    assert found.standing.job.budget.seconds == 20


def test_a_source_that_is_being_crawled_is_waited_for(store: Engine, register: Register) -> None:
    mine = opened(store, plan(register("a")))
    held = lease.acquire(store, "source:a", "Source 'a' is being crawled")
    assert granted(store, mine["a"]) == "busy"
    lease.release(store, held)
    assert granted(store, mine["a"]) == 10


def test_what_has_ended_is_not_done_again(store: Engine, register: Register) -> None:
    wanted = plan(register("a", "b"))
    mine = opened(store, wanted)
    first = claim(store, mine["a"], NOW)
    ended(store, first.pass_id, mine["a"], 3)
    assert granted(store, mine["a"]) == "done"
    assert conclude(store, first.pass_id) is None, "the other has not ended"
    assert bury(store, mine["b"]) == first.pass_id
    assert bury(store, mine["a"]) == first.pass_id
    results = conclude(store, first.pass_id)
    assert results is not None
    assert {result.source_id: result.outcome for result in results} == {"a": "finished", "b": "failed"}
    assert conclude(store, first.pass_id) is None, "it is told of once"
    with store.connect() as connection:
        assert connection.scalar(select(PlanRunRow.ended_at)) is not None
        assert connection.scalar(select(PlanRunRow.counts)) == {"outcomes": {"finished": 1, "failed": 1}, "pages": 3}
    assert granted(store, mine["b"]) == "done", "the pass is over"


def test_a_source_that_left_the_plan_is_not_crawled(store: Engine, register: Register) -> None:
    mine = opened(store, plan(register("a", "b")))
    opened(store, plan(register("a")))
    assert granted(store, mine["b"]) == "done"


def test_a_plan_that_was_never_begun_has_nothing_to_do(store: Engine, register: Register) -> None:
    wanted = plan(register("a"))
    [order] = orders(wanted, wanted.jobs, NOW)
    assert granted(store, order) == "done"
    assert bury(store, order) == ""


def test_an_attempt_that_was_stopped_is_gone_on_with(store: Engine, register: Register) -> None:
    mine = opened(store, plan(register("a")))
    first = claim(store, mine["a"], NOW)
    ended(store, first.pass_id, mine["a"], 4, outcome="")
    with store.begin() as connection:
        connection.execute(update(PlanJobRow).values(resumable=True))
    second = claim(store, mine["a"], NOW + timedelta(hours=1)).standing
    assert second is not None
    assert (second.job.budget.pages, second.job.budget.seconds) == (6, 59)
    assert (second.attempts, second.resumable, second.since) == (1, True, NOW)
