"""The tables of what people asked for, and of what follows from it: restrictions, and the backups that must follow too.

People stand in them as keyed hashes and as mentions; no personal value does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from pipelines.master.models import Base

_Id = String(32)


class RequestRow(Base):
    """One request of a data subject (Articles 15 to 18, 20 and 21 GDPR); together with its outcome it is the receipt.

    `received_on`, `due_on` and `extended_on` are ISO dates in the controller's zone, the last empty where the period
    was not extended; `extension` is the code of the reason. `identity` says how the person was identified. `outcome` is
    empty while the request is open. `counts` are value-free totals, `proof` the SHA-256 of the answer that was given.
    """

    __tablename__ = "request"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), index=True)
    received_on: Mapped[str] = mapped_column(String(10))
    due_on: Mapped[str] = mapped_column(String(10))
    extended_on: Mapped[str] = mapped_column(String(10))
    extension: Mapped[str] = mapped_column(String(16))
    identity: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(32), index=True)
    recorded_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]
    proof: Mapped[str] = mapped_column(String(64))
    by: Mapped[str]


class RequestSubjectRow(Base):
    """A keyed hash of what a request named the person by, so that a later one finds it without keeping who it was."""

    __tablename__ = "request_subject"

    request_id: Mapped[str] = mapped_column(ForeignKey("request.id", ondelete="CASCADE"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(16))


class RestrictionRow(Base):
    """A mention whose processing is restricted (Article 18 GDPR): it is kept as it is, and nothing is done with it.

    `ground` is the letter of Article 18(1) as a code. Lifting removes the row.
    """

    __tablename__ = "restriction"

    mention_id: Mapped[str] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True)
    request_id: Mapped[str] = mapped_column(_Id, index=True)
    ground: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]


class BackupRow(Base):
    """A backup that this program wrote, so that an erasure reaches it: `path` on `host`, `sealed` when encrypted.

    `rewritten_at` is when people who were erased were last taken out of it, `gone_at` when it was found missing or was
    deleted.
    """

    __tablename__ = "backup"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    host: Mapped[str]
    path: Mapped[str]
    sealed: Mapped[bool]
    made_at: Mapped[datetime]
    rewritten_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
