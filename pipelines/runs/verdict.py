"""What came of one attempt at a source: the run ledger says it, or without an entry there the process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select

from crawler.extensions.outcome import EXIT_CODES
from pipelines.master.models import RunRow
from pipelines.runs.child import Ended
from pipelines.runs.history import interrupt_dead
from pipelines.runs.plan import Job
from pipelines.runs.results import Result


def verdict(engine: Engine, job: Job, ended: Ended, started_at: datetime, *, stopped: bool) -> Result:
    """Return the result of an attempt that began at `started_at` (UTC); `stopped` says that it was told to stop.

    A run whose process died is noted as interrupted on the way.
    """
    with engine.begin() as connection:
        interrupt_dead(connection, [job.source_id])
        query = select(RunRow.id, RunRow.outcome, RunRow.counts).where(
            RunRow.source_id == job.source_id, RunRow.started_at >= started_at, RunRow.ended_at.is_not(None)
        )
        row = connection.execute(query.order_by(RunRow.started_at.desc())).first()
    if row is not None:
        remark = "its process was killed" if ended.killed or ended.exit_code < 0 else ""
        return Result(job.source_id, row.outcome, row.id, row.counts, remark=remark)
    if stopped or ended.exit_code < 0:
        return Result(job.source_id, "interrupted", remark="its process was killed before it began")
    refused = ended.exit_code == EXIT_CODES["refused"]
    return Result(job.source_id, "refused" if refused else "failed", remark=ended.last_words)
