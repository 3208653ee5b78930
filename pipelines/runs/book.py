"""The book of plans: how far a pass has come, so that a call that was stopped or killed is gone on with."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from crawler import clock
from pipelines.master.models import RunRow
from pipelines.master.operation import PlanJobRow, PlanRunRow
from pipelines.runs.plan import Job, Plan

#: The outcome of a job that a plan's own budget left no room for: it comes first in the next pass.
POSTPONED = "postponed"


@dataclass(frozen=True, slots=True)
class Standing:
    """A job and what earlier attempts of this pass have spent; `since` is the start of the first, None before it."""

    job: Job
    pages: int = 0
    seconds: int = 0
    attempts: int = 0
    resumable: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass through a plan: its id, what is left to do in order, and the outcomes of what was done before."""

    id: str
    resumed: bool
    left: tuple[Standing, ...]
    done: Mapping[str, str]
    pages: int


class Book:
    """Writes down how a plan goes. Every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, plan: Plan, now: datetime) -> Pass:
        """Go on with the pass that was stopped, if it began not too long ago, or begin another one.

        Jobs that the plan no longer has are forgotten, and new ones are added.
        """
        with self._engine.begin() as connection:
            stale = now - timedelta(hours=plan.resume_hours)
            unended = (PlanRunRow.plan == plan.name, PlanRunRow.ended_at.is_(None))
            query = select(PlanRunRow.id).where(*unended, PlanRunRow.started_at > stale)
            found = connection.scalar(query.order_by(PlanRunRow.started_at.desc()))
            jobs = _in_order(connection, plan)
            identifier = found or uuid.uuid4().hex
            if not found:
                connection.execute(update(PlanRunRow).where(*unended).values(ended_at=now))
                row = {"id": identifier, "plan": plan.name, "started_at": now, "ended_at": None, "counts": {}}
                connection.execute(insert(PlanRunRow).values(row))
            _list(connection, identifier, jobs)
            return _pass(connection, identifier, jobs, resumed=bool(found))

    def started(self, pass_id: str, job: Job, now: datetime) -> None:
        """Note an attempt at a job."""
        values = {"attempts": PlanJobRow.attempts + 1, "resumable": False}
        values["first_started_at"] = func.coalesce(PlanJobRow.first_started_at, now)
        self._update(pass_id, job.source_id, values)

    def ended(self, pass_id: str, job: Job, outcome: str, facts: Mapping[str, Any]) -> None:
        """Note how an attempt ended: an empty outcome leaves the job open. `facts` are columns of the job's row."""
        ended_at = clock.now() if outcome else None
        spent = {name: getattr(PlanJobRow, name) + facts[name] for name in ("pages", "seconds") if name in facts}
        self._update(pass_id, job.source_id, {**facts, **spent, "outcome": outcome, "ended_at": ended_at})

    def close(self, pass_id: str, counts: Mapping[str, Any], *, complete: bool) -> None:
        """Note the totals of a call, and the end of the pass when everything is done."""
        ended_at = clock.now() if complete else None
        with self._engine.begin() as connection:
            mine = PlanRunRow.id == pass_id
            connection.execute(update(PlanRunRow).where(mine).values(counts=dict(counts), ended_at=ended_at))

    def _update(self, pass_id: str, source_id: str, values: Mapping[str, Any]) -> None:
        mine = (PlanJobRow.plan_run_id == pass_id, PlanJobRow.source_id == source_id)
        with self._engine.begin() as connection:
            connection.execute(update(PlanJobRow).where(*mine).values(**values))


def _in_order(connection: Connection, plan: Plan) -> Sequence[Job]:
    """Return the jobs in the plan's order; what the last pass had no room for comes first."""
    last = select(PlanRunRow.id).where(PlanRunRow.plan == plan.name, PlanRunRow.ended_at.is_not(None))
    last = last.order_by(PlanRunRow.started_at.desc()).limit(1)
    query = select(PlanJobRow.source_id).where(
        PlanJobRow.plan_run_id.in_(last.scalar_subquery()), PlanJobRow.outcome == POSTPONED
    )
    waiting = set(connection.scalars(query))
    jobs: Sequence[Job] = plan.jobs
    if plan.order == "longest-ago":
        begun = select(RunRow.source_id, func.max(RunRow.started_at)).group_by(RunRow.source_id)
        latest = {row[0]: row[1] for row in connection.execute(begun)}
        never = datetime.fromtimestamp(0, UTC)
        jobs = sorted(jobs, key=lambda job: latest.get(job.source_id, never))
    return sorted(jobs, key=lambda job: job.source_id not in waiting)


def _list(connection: Connection, pass_id: str, jobs: Sequence[Job]) -> None:
    """Bring the listed jobs of a pass up to what the plan says now."""
    mine = PlanJobRow.plan_run_id == pass_id
    known = set(connection.scalars(select(PlanJobRow.source_id).where(mine)))
    gone = known - {job.source_id for job in jobs}
    connection.execute(delete(PlanJobRow).where(mine, PlanJobRow.source_id.in_(gone)))
    fresh = {"attempts": 0, "outcome": "", "run_id": "", "pages": 0, "seconds": 0, "granted": 0, "resumable": False}
    rows = [
        {**fresh, "plan_run_id": pass_id, "source_id": job.source_id, "position": position, "hosts": list(job.hosts)}
        | {"first_started_at": None, "ended_at": None}
        for position, job in enumerate(jobs)
        if job.source_id not in known
    ]
    if rows:
        connection.execute(insert(PlanJobRow), rows)


def _pass(connection: Connection, pass_id: str, jobs: Sequence[Job], *, resumed: bool) -> Pass:
    listed = select(PlanJobRow).where(PlanJobRow.plan_run_id == pass_id)
    rows = {row.source_id: row for row in connection.execute(listed)}
    if resumed:
        jobs = sorted(jobs, key=lambda job: rows[job.source_id].position)
    left = [(job, rows[job.source_id]) for job in jobs if not rows[job.source_id].outcome]
    standing = tuple(
        Standing(job, row.pages, row.seconds, row.attempts, row.resumable, row.first_started_at) for job, row in left
    )
    done = {identifier: row.outcome for identifier, row in rows.items() if row.outcome}
    return Pass(pass_id, resumed, standing, done, sum(row.pages for row in rows.values()))
