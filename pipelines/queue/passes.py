"""A pass through a plan that many workers work on: who may crawl what with how many pages, and when it is over.

What the plan's conductor keeps in memory for one call stands here in the store: the rows of the pass are locked while a
worker asks for its share, so that all of them together stay within the budgets of the plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update

from crawler import clock
from pipelines.master.models import RunRow
from pipelines.master.operation import PlanJobRow, PlanRunRow
from pipelines.queue.order import Order
from pipelines.runs.book import Standing
from pipelines.runs.history import source_lease
from pipelines.runs.lease import held
from pipelines.runs.plan import with_budget
from pipelines.runs.results import Result


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker may do with a job of the pass: crawl it (`standing`, with the budget granted), or not, and why.

    `reason` without a standing is "done" (nothing is left to do), "busy" (the source is being crawled), "shared" (other
    jobs hold what is left of the plan's budget) or "spent" (nothing is left of it).
    """

    pass_id: str
    standing: Standing | None = None
    reason: str = ""


def claim(engine: Engine, order: Order, now: datetime) -> Claim:
    """Ask to begin an attempt at a job, and note its beginning if that is granted; one transaction."""
    with engine.begin() as connection:
        pass_id = _open_pass(connection, order.plan)
        row = _row(connection, pass_id, order)
        if row is None or row.outcome:
            return Claim(pass_id, reason="done")
        if held(connection, [source_lease(order.job.source_id)]):
            return Claim(pass_id, reason="busy")
        bounded = order.pages is not None or order.host_pages is not None
        rows = _rows(connection, pass_id) if bounded else []
        others = [one for one in rows if one.source_id != order.job.source_id]
        pages, seconds = min(_pages(order, row, others)), _seconds(order, row, now)
        if pages < 1 or seconds < 1:
            waits = seconds >= 1 and any(one.granted for one in others)
            return Claim(pass_id, reason="shared" if waits else "spent")
        begun = {"attempts": PlanJobRow.attempts + 1, "resumable": False, "granted": pages}
        begun["first_started_at"] = func.coalesce(PlanJobRow.first_started_at, now)
        mine = (PlanJobRow.plan_run_id == pass_id, PlanJobRow.source_id == order.job.source_id)
        connection.execute(update(PlanJobRow).where(*mine).values(**begun))
    job = with_budget(order.job, pages=pages, seconds=seconds)
    return Claim(pass_id, Standing(job, row.pages, row.seconds, row.attempts, row.resumable, row.first_started_at))


def bury(engine: Engine, order: Order) -> str:
    """Note that a job has failed for good without an attempt of ours, and return the pass; "" when it has none."""
    with engine.begin() as connection:
        pass_id = _open_pass(connection, order.plan)
        mine = (PlanJobRow.plan_run_id == pass_id, PlanJobRow.source_id == order.job.source_id)
        ended = {"outcome": "failed", "granted": 0, "ended_at": clock.now()}
        connection.execute(update(PlanJobRow).where(*mine, PlanJobRow.outcome == "").values(**ended))
    return pass_id


def conclude(engine: Engine, pass_id: str) -> list[Result] | None:
    """Close a pass whose every job has ended; returns all its results to the one worker that closed it, else None."""
    with engine.begin() as connection:
        query = select(PlanRunRow.id).where(PlanRunRow.id == pass_id, PlanRunRow.ended_at.is_(None))
        if connection.scalar(query.with_for_update()) is None:
            return None
        rows = _rows(connection, pass_id)
        if not all(row.outcome for row in rows):
            return None
        results = list(_results(connection, pass_id, rows))
        outcomes = {result.outcome: sum(one.outcome == result.outcome for one in results) for result in results}
        counts = {"outcomes": outcomes, "pages": sum(row.pages for row in rows)}
        closed = update(PlanRunRow).where(PlanRunRow.id == pass_id)
        connection.execute(closed.values(counts=counts, ended_at=clock.now()))
    return results


def _open_pass(connection: Connection, plan: str) -> str:
    """Return the pass of a plan that has not ended, locked against everybody who asks the same; "" without one."""
    query = select(PlanRunRow.id).where(PlanRunRow.plan == plan, PlanRunRow.ended_at.is_(None))
    return connection.scalar(query.order_by(PlanRunRow.started_at.desc()).limit(1).with_for_update()) or ""


def _row(connection: Connection, pass_id: str, order: Order) -> Any:
    mine = (PlanJobRow.plan_run_id == pass_id, PlanJobRow.source_id == order.job.source_id)
    return connection.execute(select(PlanJobRow).where(*mine)).one_or_none()


def _rows(connection: Connection, pass_id: str) -> Sequence[Any]:
    return connection.execute(select(PlanJobRow).where(PlanJobRow.plan_run_id == pass_id)).all()


def _pages(order: Order, row: Any, others: Sequence[Any]) -> Iterator[int]:
    """Yield every bound on the pages of a job; what others were granted counts as spent until they give it back."""
    yield max(1, order.job.budget.pages - row.pages)
    if order.pages is not None:
        yield order.pages - row.pages - sum(one.pages + one.granted for one in others)
    if order.host_pages is not None:
        for host in order.job.hosts:
            yield order.host_pages - row.pages - sum(one.pages + one.granted for one in others if host in one.hosts)


def _seconds(order: Order, row: Any, now: datetime) -> int:
    left: int = max(1, order.job.budget.seconds - row.seconds)
    return left if order.until is None else min(left, int((order.until - now).total_seconds()))


def _results(connection: Connection, pass_id: str, rows: Sequence[Any]) -> Iterator[Result]:
    mine = PlanJobRow.plan_run_id == pass_id
    query = select(RunRow.id, RunRow.counts).join(PlanJobRow, PlanJobRow.run_id == RunRow.id).where(mine)
    counts = {row.id: row.counts for row in connection.execute(query)}
    for row in rows:
        yield Result(row.source_id, row.outcome, row.run_id, counts.get(row.run_id, {}), row.seconds)
