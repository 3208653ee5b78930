"""What a queued job carries, and the lock that keeps two crawls of one host apart."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Budget
from pipelines.queue.order import Order, locks, orders
from pipelines.runs.plan import Job, Plan
from tests.pipelines.queue.conftest import Register
from tests.support.readings import source

NOW = datetime(2026, 11, 22, 3, 17, tzinfo=UTC)
JOB = Job("noord", "company_site", ("noord.example",), Budget(10, 3, 60))


@pytest.mark.parametrize(
    "order", [Order("nightly", JOB), Order("nightly", JOB, 500, 100, NOW)], ids=["without bounds", "with bounds"]
)
def test_an_order_comes_out_of_the_queue_as_it_went_in(order: Order) -> None:
    assert Order.from_args(json.loads(json.dumps(order.as_args()))) == order


def test_the_seconds_of_a_plan_count_from_when_it_was_deferred() -> None:
    plan = Plan("nightly", (JOB,), pages=500, seconds=3600, host_pages=100)
    [order] = orders(plan, plan.jobs, NOW)
    assert order.until == datetime(2026, 11, 22, 4, 17, tzinfo=UTC)
    assert (order.pages, order.host_pages, order.queueing_lock) == (500, 100, "nightly/noord")


@pytest.mark.parametrize(
    ("hosts", "together"),
    [
        ({"a": ["a.example"], "b": ["b.example"]}, set()),
        ({"a": ["a.example"], "b": ["www.a.example"]}, {("a", "b")}),
        ({"a": ["a.example"], "b": ["a.example", "b.example"]}, {("a", "b")}),
        (
            {"a": ["a.example"], "b": ["b.example"], "c": ["b.example", "a.example"]},
            {("a", "b"), ("a", "c"), ("b", "c")},
        ),
    ],
)
def test_sources_of_one_host_share_a_lock(
    register: Register, hosts: dict[str, list[str]], together: set[tuple[str, str]]
) -> None:
    found = locks(register(**hosts))
    assert {pair for pair in combinations(sorted(found), 2) if found[pair[0]] == found[pair[1]]} == together


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3, unique=True), max_size=8))
def test_a_lock_is_shared_by_whoever_could_meet_at_a_host(hosts: list[list[str]]) -> None:
    listed = [
        source(f"s{number}", start_urls=tuple(f"https://{host}.example/" for host in mine))
        for number, mine in enumerate(hosts)
    ]
    found = locks(listed)
    for (one, mine), (two, theirs) in combinations(enumerate(hosts), 2):
        if set(mine) & set(theirs):
            assert found[f"s{one}"] == found[f"s{two}"]
    by_lock: dict[str, set[str]] = {}
    for number, mine in enumerate(hosts):
        by_lock.setdefault(found[f"s{number}"], set()).update(mine)
    assert sum(map(len, by_lock.values())) == len({host for mine in hosts for host in mine}), "no host has two locks"
    assert locks(reversed(listed)) == found, "whatever the order of the register"
