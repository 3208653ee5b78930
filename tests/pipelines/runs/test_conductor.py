"""What runs when, within which limits; with an executor that crawls nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.engine import make_url

from crawler.items import Budget
from pipelines.master.database import open_store
from pipelines.master.models import RunRow
from pipelines.master.operation import PlanJobRow, PlanRunRow
from pipelines.runs.book import POSTPONED
from pipelines.runs.child import Attempt, Ended
from pipelines.runs.conductor import Conductor
from pipelines.runs.plan import Job, Plan
from pipelines.runs.results import Call
from tests.support.planned import pretend_run


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_store(make_url(f"sqlite:///{tmp_path / 'store' / 'cardfile.db'}"))
    yield opened
    opened.dispose()


@pytest.fixture
def either(database_url: str) -> Iterator[Engine]:
    """A store on SQLite, and one on PostgreSQL."""
    opened = open_store(make_url(database_url))
    yield opened
    opened.dispose()


def job(name: str, *, host: str = "", pages: int = 10) -> Job:
    return Job(name, "company_site", (host or f"{name}.example",), Budget(pages, 3, 60))


@dataclass
class Pretender:
    """Crawls nothing; writes a run with an outcome as a crawl would. An outcome of "" dies without a word."""

    engine: Engine
    outcomes: Mapping[str, list[str]] = field(default_factory=dict)
    pages: int = 10
    stop_at: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    at_once: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)

    async def execute(self, attempt: Attempt, stop: asyncio.Event) -> Ended:
        self.attempts.append(attempt)
        attempt.folder.mkdir(parents=True, exist_ok=True)
        job = attempt.job
        keys = ("all", *job.hosts)
        self.at_once.update(keys)
        for key in keys:
            self.most[key] = max(self.most[key], self.at_once[key])
        await asyncio.sleep(0.01)
        self.at_once.subtract(keys)
        if job.source_id == self.stop_at:
            stop.set()
        given = self.outcomes.get(job.source_id, [])
        nth = sum(one.job.source_id == job.source_id for one in self.attempts) - 1
        outcome = given[min(nth, len(given) - 1)] if given else "finished"
        if outcome == "refused early":
            return Ended(4, last_words="its balancing test expired")
        pretend_run(self.engine, job, "interrupted" if stop.is_set() and outcome == "finished" else outcome, self.pages)
        return Ended(0 if outcome else -9)

    @property
    def crawled(self) -> list[str]:
        return [attempt.job.source_id for attempt in self.attempts]


def conduct(plan: Plan, pretender: Pretender, folder: Path) -> Call:
    return asyncio.run(
        Conductor(plan, pretender.engine, pretender, folder / "jobs", lambda source_id, result: None).run(),
    )


def plan(*jobs: Job, **limits: Any) -> Plan:
    return replace(Plan("nightly", jobs), **limits)


def outcomes(call: Call) -> dict[str, str]:
    return {result.source_id: result.outcome for result in call.results}


def test_one_failure_does_not_stop_the_others(engine: Engine, tmp_path: Path) -> None:
    given = {"b": ["failed"], "c": ["refused early"], "d": ["empty"]}
    call = conduct(plan(*map(job, "abcd")), Pretender(engine, given), tmp_path)
    assert outcomes(call) == {"a": "finished", "b": "failed", "c": "refused", "d": "empty"}
    assert call.complete
    assert call.exit_code == 1
    assert {result.remark for result in call.results} == {"", "its balancing test expired"}
    assert list((tmp_path / "jobs").iterdir()) == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["finished", "unchanged"], 0),
        (["refused", "finished"], 4),
        (["blocked", "empty"], 3),
        (["expectation-missed", "refused"], 3),
        (["failed", "empty"], 1),
    ],
)
def test_the_gravest_source_decides_the_exit_code(engine: Engine, tmp_path: Path, given: list[str], code: int) -> None:
    pretender = Pretender(engine, {"a": [given[0]], "b": [given[1]]})
    assert conduct(plan(job("a"), job("b")), pretender, tmp_path).exit_code == code


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        ({"at_once": 1}, {"all": 1, "h.example": 1}),
        ({"at_once": 3}, {"all": 3, "h.example": 1}),
        ({"at_once": 4, "host_at_once": 2}, {"all": 4, "h.example": 2}),
    ],
)
def test_limits_at_once(engine: Engine, tmp_path: Path, limits: dict[str, int], most: dict[str, int]) -> None:
    pretender = Pretender(engine)
    jobs = [job(name, host="h.example") for name in "abc"] + [job(name) for name in "def"]
    conduct(plan(*jobs, **limits), pretender, tmp_path)
    assert {key: pretender.most[key] for key in most} == most
    assert sorted(pretender.crawled) == list("abcdef")


def test_the_order_is_the_plans(either: Engine, tmp_path: Path) -> None:
    pretender = Pretender(either)
    conduct(plan(*map(job, "cab")), pretender, tmp_path)
    assert pretender.crawled == ["c", "a", "b"]
    conduct(plan(*map(job, "bdca"), order="longest-ago"), pretender, tmp_path)
    assert pretender.crawled[3:] == ["d", "c", "a", "b"]


@pytest.mark.parametrize("limits", [{"pages": 25}, {"host_pages": 25}])
def test_a_budget_for_all_is_not_overdrawn(engine: Engine, tmp_path: Path, limits: dict[str, int]) -> None:
    pretender = Pretender(engine)
    jobs = [job(name, host="h.example") for name in "abcd"]
    call = conduct(plan(*jobs, at_once=4, host_at_once=4, **limits), pretender, tmp_path)
    assert sum(attempt.job.budget.pages for attempt in pretender.attempts) == 25
    assert outcomes(call)["d"] == POSTPONED
    assert call.complete
    assert call.exit_code == 0
    again = Pretender(engine)
    conduct(plan(*jobs), again, tmp_path)
    assert again.crawled == ["d", "a", "b", "c"], "what had no room comes first"


def test_what_a_crawl_leaves_over_goes_to_the_next(engine: Engine, tmp_path: Path) -> None:
    pretender = Pretender(engine, pages=2)
    call = conduct(plan(*map(job, "abcdef"), pages=12, at_once=6), pretender, tmp_path)
    assert set(outcomes(call).values()) == {"finished"}


def test_a_stopped_pass_is_gone_on_with(either: Engine, tmp_path: Path) -> None:
    engine = either
    first = Pretender(engine, stop_at="b", pages=4)
    stopped = conduct(plan(*map(job, "abcd")), first, tmp_path)
    assert outcomes(stopped) == {"a": "finished", "b": "interrupted"}
    assert (stopped.complete, stopped.exit_code) == (False, 1)
    second = Pretender(engine)
    call = conduct(plan(*map(job, "abcd")), second, tmp_path)
    assert second.crawled == ["b", "c", "d"]
    assert (call.going.resumed, call.complete, call.exit_code) == (True, True, 0)
    assert dict(call.going.done) == {"a": "finished"}
    resumed = second.attempts[0]
    assert resumed.resumes
    assert resumed.since
    assert resumed.job.budget.pages == 6, "what was spent before the stop is spent"
    third = Pretender(engine)
    conduct(plan(*map(job, "abcd")), third, tmp_path)
    assert third.crawled == list("abcd"), "the next night begins anew"


def test_a_plan_may_change_before_it_is_resumed(engine: Engine, tmp_path: Path) -> None:
    conduct(plan(*map(job, "abc")), Pretender(engine, stop_at="b"), tmp_path)
    second = Pretender(engine)
    conduct(plan(job("a"), job("c"), job("new")), second, tmp_path)
    assert second.crawled == ["c", "new"]


def test_an_old_pass_is_not_resumed(engine: Engine, tmp_path: Path) -> None:
    conduct(plan(*map(job, "ab")), Pretender(engine, stop_at="b"), tmp_path)
    with engine.begin() as connection:
        connection.execute(update(PlanRunRow).values(started_at=datetime.now(UTC) - timedelta(hours=25)))
    second = Pretender(engine)
    assert not conduct(plan(*map(job, "ab")), second, tmp_path).going.resumed
    assert second.crawled == ["a", "b"]
    with engine.connect() as connection:
        assert None not in set(connection.scalars(select(PlanRunRow.ended_at)))


@pytest.mark.parametrize(
    ("given", "outcome", "tries"), [(["", "finished"], "finished", 2), (["", ""], "interrupted", 2)]
)
def test_a_process_that_died_is_tried_once_more(
    engine: Engine, tmp_path: Path, given: list[str], outcome: str, tries: int
) -> None:
    pretender = Pretender(engine, {"a": given})
    call = conduct(plan(job("a"), job("b")), pretender, tmp_path)
    assert outcomes(call) == {"a": outcome, "b": "finished"}
    assert pretender.crawled == ["a", "b", "a"]
    assert not any(attempt.resumes for attempt in pretender.attempts), "its queue may be torn"
    assert call.complete
    with engine.connect() as connection:
        assert connection.scalar(select(PlanJobRow.attempts).where(PlanJobRow.source_id == "a")) == tries
        assert None not in set(connection.scalars(select(RunRow.ended_at)))


def test_a_plans_time_is_a_bound(engine: Engine, tmp_path: Path) -> None:
    pretender = Pretender(engine)
    call = conduct(plan(*map(job, "ab"), seconds=1), pretender, tmp_path)
    assert POSTPONED in outcomes(call).values()
    assert all(attempt.job.budget.seconds <= 1 for attempt in pretender.attempts)
