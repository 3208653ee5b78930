"""The tables of what the controller answers for: what was kept as long as it may be, breaches, and events.

People stand in them as keyed hashes or not at all. What an operator writes about a breach is free text: it tells what
happened, and names nobody.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from pipelines.master.models import Base

_Id = String(32)


class ExpiryRow(Base):
    """A value of a person that was deleted, as keyed hash, so that reading it again does not renew its retention.

    `collected_at` is when its source first showed it. `ended_at` is when its retention had ended and it was deleted for
    good; None for one that lost its support, which counts from `collected_at` again when it comes back. `offered_at` is
    when the source was last seen to show it since.
    """

    __tablename__ = "expiry"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(16))
    source_id: Mapped[str] = mapped_column(index=True)
    collected_at: Mapped[datetime]
    deleted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]


class BreachRow(Base):
    """A personal data breach as Article 33(5) GDPR wants it documented: facts, effects and remedial action.

    `noticed_at` starts the 72 hours of Article 33(1). `kind` is "confidentiality", "integrity" or "availability".
    `scope` names what was exposed (source, run, disclosure, backup, window), `people` and `statements` how much that
    was when it was last counted. `risk` is "none", "risk" or "high". `reported_at` is when the authority was told,
    `delay` why later than in time; `told_at` when the people were (Article 34).
    """

    __tablename__ = "breach"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    noticed_at: Mapped[datetime]
    facts: Mapped[str]
    effects: Mapped[str]
    measures: Mapped[str]
    risk: Mapped[str] = mapped_column(String(8))
    scope: Mapped[dict[str, Any]]
    people: Mapped[int]
    statements: Mapped[int]
    reported_at: Mapped[datetime | None]
    reference: Mapped[str]
    delay: Mapped[str]
    told_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    by: Mapped[str]


class EventRow(Base):
    """Something that people have to be told of before it happens: the sale of the company, the end of the service.

    `kind` is "sale" or "withdrawal", `on` the day of it as ISO date, `successor` who takes over, as the notices name
    it, empty for a withdrawal. `called_off_at` is when it was called off.
    """

    __tablename__ = "event"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    on: Mapped[str] = mapped_column(String(10))
    successor: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    called_off_at: Mapped[datetime | None]
    by: Mapped[str]
