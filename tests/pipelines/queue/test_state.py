"""What the run report says about the queue."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.queue.deferring import defer
from pipelines.queue.state import QueueState, state
from pipelines.reports.runs import RunsReport, report
from pipelines.reports.runs_render import FORMATS
from tests.pipelines.queue.conftest import Register, execute, plan


def made(store: Engine, source_id: str = "") -> RunsReport:
    with store.connect() as connection:
        return report(connection, datetime.now(UTC), source_id)


@pytest.fixture
def dead(store: Engine, register: Register) -> Engine:
    """A queue with a job of each kind; the one of `d` was given up."""
    known = register(*"abcd")
    defer(plan(known), store, known)
    for source, change in (
        ("b", "status = 'doing'"),
        ("c", "priority = -1"),
        ("d", "status = 'doing'"),
        ("d", "status = 'failed'"),
    ):
        execute(store, f"UPDATE procrastinate_jobs SET {change} WHERE args->>'source' = '{source}'")
    return store


def test_a_dead_job_is_shown_with_what_to_do(dead: Engine) -> None:
    found = made(dead)
    assert found.queue is not None
    assert (found.queue.waiting, found.queue.running, found.queue.retrying) == (1, 1, 1)
    [job] = found.queue.dead
    assert (job.plan, job.source) == ("nightly", "d")
    assert (datetime.now(UTC) - job.died_at).total_seconds() < 60
    assert found.lead.startswith("1 job of the queue is dead")
    told = {form: "".join(render(found)) for form, render in FORMATS.items()}
    for form, text in told.items():
        assert "defer it anew" in text, form
        assert "nightly.toml --queue" in text, form
    [row] = csv.DictReader(io.StringIO(told["csv"]))
    assert (row["source"], row["outcome"], row["run"]) == ("d", "dead", "")
    assert json.loads(told["json"])["queue"]["dead"][0]["source"] == "d"


def test_a_dead_job_that_was_deferred_anew_is_history(dead: Engine, register: Register) -> None:
    known = register(*"abcd")
    defer(plan(known), dead, known)
    queue = made(dead).queue
    assert queue is not None
    assert (queue.dead, queue.waiting) == ((), 2)


def test_a_queue_in_which_all_is_well_says_so(store: Engine) -> None:
    assert made(store).queue == QueueState(0, 0, 0, ())
    assert "0 are dead" in "".join(FORMATS["html"](made(store)))


def test_a_store_without_a_queue_says_nothing_of_one(database_url: str) -> None:
    engine = open_store(make_url(database_url))
    with engine.connect() as connection:
        assert state(connection, datetime.now(UTC)) is None
    assert made(engine).queue is None
    assert "Queue" not in "".join(FORMATS["md"](made(engine)))
    engine.dispose()
