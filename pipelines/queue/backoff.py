"""When a job is tried again, and when not any more. The queue remembers how often it failed in its priority.

Each failure lowers the priority by one: what failed comes after what did not, also after other sources of the same
host, which would otherwise wait for the end of its pause because they share its lock.
"""

from __future__ import annotations

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

#: Attempts that may fail before a job is given up.
ATTEMPTS = 4
#: Seconds before the second attempt; each further pause is four times as long: 2, 8 and 32 minutes.
FIRST_PAUSE = 120
#: Seconds after which a job that nothing is wrong with asks again: its source or its plan's budget is in use.
WAIT = 15


class PutBack(Exception):
    """A job goes back into the queue for some seconds; `failed` says that this counts as a failure."""

    def __init__(self, seconds: int, *, failed: bool = False) -> None:
        super().__init__(f"back into the queue for {seconds} s")
        self.seconds = seconds
        self.failed = failed


class GivenUp(Exception):
    """A job has failed as often as it may: the queue keeps it as a dead one."""


class Backoff(BaseRetryStrategy):
    """Tells the queue what becomes of a job that raised. What we did not foresee, as a store that is away, failed."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try again, or None to keep the job as a dead one."""
        if isinstance(exception, PutBack):
            return RetryDecision(retry_in={"seconds": exception.seconds}, priority=job.priority - int(exception.failed))
        if isinstance(exception, GivenUp) or last(failures(job)):
            return None
        return RetryDecision(retry_in={"seconds": pause(failures(job))}, priority=job.priority - 1)


def failures(job: Job) -> int:
    """Return how often a job has failed before."""
    return max(0, -job.priority)


def last(before: int) -> bool:
    """Tell whether an attempt after so many failures is the last one."""
    return before + 1 >= ATTEMPTS


def pause(before: int) -> int:
    """Return the seconds between a failure, after so many earlier ones, and the next attempt."""
    return int(FIRST_PAUSE * 4**before)
