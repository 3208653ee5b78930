"""The table of what was done with personal data, by whom and when: written once, never changed.

No personal value of a subject stands in it; `by` is the name under which an operator works.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from pipelines.master.models import Base


class ActivityRow(Base):
    """One act; its `hash` is an HMAC over everything else in the row, of which `previous` is the hash before it.

    `sequence` counts from 1 without gaps. `key_id` tells under which secret the row was sealed, and nothing about that
    secret. Triggers refuse UPDATE, DELETE and TRUNCATE (Article 5(2) GDPR: accountability).
    """

    __tablename__ = "activity"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(32), index=True)
    by: Mapped[str]
    reference: Mapped[str]
    details: Mapped[dict[str, Any]]
    key_id: Mapped[str] = mapped_column(String(16))
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
