"""The tables of operation: who holds what, how far a plan has come, and who was told.

None of them says anything about a person.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from pipelines.master.models import Base

_Id = String(32)


class LeaseRow(Base):
    """What one process holds: `source:<id>` while it crawls it, `plan:<name>` while it runs it.

    A process is named by `host`, `pid` and `process` (when it began), so that a number which the system has given out
    again is not taken for the process that had it before. `seen_at` is renewed while it lives.
    """

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(_Id)
    host: Mapped[str]
    pid: Mapped[int]
    process: Mapped[str]
    taken_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class PlanRunRow(Base):
    """One pass through a plan. It may take several calls: `ended_at` is empty until every job has ended."""

    __tablename__ = "plan_run"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    plan: Mapped[str] = mapped_column(index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]


class PlanJobRow(Base):
    """One source of one pass through a plan; `outcome` is empty until it has ended for good.

    `pages` and `seconds` are spent over all attempts, `first_started_at` is the start of the first of them. `resumable`
    says that the last attempt was stopped in order, so that its queue of requests in the job folder is whole. `granted`
    are the pages that a running job of a queue may spend, and `hosts` whom it asks: workers on several machines share
    the plan's budgets by them.
    """

    __tablename__ = "plan_job"

    plan_run_id: Mapped[str] = mapped_column(ForeignKey("plan_run.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    attempts: Mapped[int]
    outcome: Mapped[str]
    run_id: Mapped[str]
    pages: Mapped[int]
    seconds: Mapped[int]
    resumable: Mapped[bool]
    first_started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    granted: Mapped[int] = mapped_column(default=0, server_default="0")
    hosts: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")


class AlertRow(Base):
    """Something that the operator was told, or should have been: a message that did not arrive is not `delivered`.

    `kind` is "trouble", "still" (the reminder) or "recovered"; `outcome` the outcome that it tells of.
    """

    __tablename__ = "alert"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    source_id: Mapped[str] = mapped_column(index=True)
    run_id: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str]
    made_at: Mapped[datetime]
    delivered: Mapped[bool]


class HostTurnRow(Base):
    """Whose turn it is at a host, for all machines that share the store; times are those of the database's clock.

    The host is `holder`'s until `held_until`, was last asked at `ended_at`, and wants to be left alone until
    `cool_until`, by the rule `cool_rule`, for the `cooled`-th time in a row.
    """

    __tablename__ = "host_turn"

    host: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(_Id)
    held_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cool_until: Mapped[datetime | None]
    cool_rule: Mapped[str]
    cooled: Mapped[int]
