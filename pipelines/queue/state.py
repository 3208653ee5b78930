"""How the queue stands: what waits, what runs, and which jobs were given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from pipelines.queue.backoff import ATTEMPTS
from pipelines.queue.schema import SCHEMA, installed

_COUNTS = f"""
    SELECT count(*) FILTER (WHERE status = 'todo' AND priority >= 0), count(*) FILTER (WHERE status = 'doing'),
           count(*) FILTER (WHERE status = 'todo' AND priority < 0)
      FROM {SCHEMA}.procrastinate_jobs WHERE task_name = 'crawl' AND status IN ('todo', 'doing')
"""  # noqa: S608  a constant
_DEAD = f"""
    SELECT args->>'plan' AS plan, args->>'source' AS source, max(at) AS died_at
      FROM {SCHEMA}.procrastinate_jobs AS job JOIN {SCHEMA}.procrastinate_events AS event ON event.job_id = job.id
     WHERE job.task_name = 'crawl' AND job.status = 'failed' AND event.type = 'failed' AND event.at >= :since
     GROUP BY job.id ORDER BY died_at DESC, source
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that was given up after its last attempt; `advice` says what to do about it."""

    plan: str
    source: str
    died_at: datetime
    advice: str


@dataclass(frozen=True, slots=True)
class QueueState:
    """Jobs that wait, that run, that wait after a failure, and that are dead."""

    waiting: int
    running: int
    retrying: int
    dead: tuple[DeadJob, ...]


def state(connection: Connection, since: datetime) -> QueueState | None:
    """Return how the queue stands, with the jobs that died since a time, or None where the store has none."""
    if connection.dialect.name != "postgresql" or not installed(connection):
        return None
    waiting, running, retrying = connection.execute(text(_COUNTS)).one()
    dead = tuple(
        DeadJob(row.plan, row.source, row.died_at, _advice(row.plan))
        for row in connection.execute(text(_DEAD), {"since": since})
    )
    return QueueState(waiting, running, retrying, dead)


def _advice(plan: str) -> str:
    return (
        f"failed {ATTEMPTS} times; mend what its last run names, then defer it anew: "
        f"scrapy run {plan}.toml --queue (the file of the plan {plan})"
    )
