"""When a job is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from procrastinate import utils
from procrastinate.jobs import Job

from pipelines.queue.backoff import ATTEMPTS, Backoff, GivenUp, PutBack, failures, pause


def job(failed: int) -> Job:
    return Job(id=1, queue="crawl", lock=None, queueing_lock=None, task_name="crawl", priority=-failed)


@pytest.mark.parametrize(
    ("failed", "error", "seconds", "then"),
    [
        (0, PutBack(15), 15, 0),
        (2, PutBack(0), 0, 2),  # stopped, or its source is busy: that is no failure, and never the last one
        (ATTEMPTS, PutBack(0), 0, ATTEMPTS),
        (0, PutBack(120, failed=True), 120, 1),
        (0, OSError("the store is away"), 120, 1),
        (1, OSError(), 480, 2),
        (2, OSError(), 1920, 3),
        (3, OSError(), None, None),
        (0, GivenUp(), None, None),
    ],
)
def test_a_job_is_put_back_or_given_up(failed: int, error: Exception, seconds: int | None, then: int | None) -> None:
    decision = Backoff().get_retry_decision(exception=error, job=job(failed))
    if seconds is None or then is None:
        assert decision is None
        return
    assert decision is not None
    assert decision.retry_at is not None
    assert abs(decision.retry_at - utils.utcnow() - timedelta(seconds=seconds)) < timedelta(seconds=5)
    assert decision.priority == -then
    assert failures(job(then)) == then


def test_pauses_grow_fourfold() -> None:
    assert [pause(before) // 60 for before in range(ATTEMPTS - 1)] == [2, 8, 32]
