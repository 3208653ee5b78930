"""The tables that account to people: who was told what, and who received what.

No personal value stands in them. A notice is tied to the mentions that it told of, a disclosure to the statements that
it contained; the latter are no foreign keys, so that the ledger still says who received a value once it is erased
(Article 19 GDPR).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from pipelines.master.models import Base

_Id = String(32)


class NoticeRow(Base):
    """One notice under Article 13 or 14 to one person, for one purpose.

    `due_on` is the last day for it as ISO date, `clock` what set that day. `template` names language and version of the
    text, `proof` the SHA-256 of the message, `channel` how it left ("file", "smtp"), `recipients` the ids it named.
    """

    __tablename__ = "notice"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    purpose: Mapped[str] = mapped_column(index=True)
    due_on: Mapped[str] = mapped_column(String(10))
    clock: Mapped[str] = mapped_column(String(20))
    template: Mapped[str] = mapped_column(String(32))
    recipients: Mapped[list[Any]]
    channel: Mapped[str] = mapped_column(String(16))
    sent_at: Mapped[datetime]
    proof: Mapped[str] = mapped_column(String(64))


class NoticeMentionRow(Base):
    """A mention that a notice told of: through merges and unmerges it stays with its person."""

    __tablename__ = "notice_mention"

    notice_id: Mapped[str] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True)
    mention_id: Mapped[str] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True, index=True)


class DisclosureRow(Base):
    """One export to one recipient. `recipient` is its entry in the rights register as it stood."""

    __tablename__ = "disclosure"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    recipient_id: Mapped[str] = mapped_column(index=True)
    recipient: Mapped[dict[str, Any]]
    purpose: Mapped[str]
    format: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    people: Mapped[int]
    withheld: Mapped[dict[str, Any]]
    proof: Mapped[str] = mapped_column(String(64))


class DisclosedRow(Base):
    """One statement that a disclosure contained."""

    __tablename__ = "disclosed"

    disclosure_id: Mapped[str] = mapped_column(ForeignKey("disclosure.id"), primary_key=True)
    statement_id: Mapped[str] = mapped_column(_Id, primary_key=True, index=True)
    mention_id: Mapped[str] = mapped_column(_Id, index=True)
