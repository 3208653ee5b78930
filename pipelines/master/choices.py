"""The tables of what people have chosen, and of what is kept apart until somebody has decided.

Who stays out, who said yes to what, which numbers a do-not-call register lists, and the mentions that may not enter the
master yet.
People stand in them as keyed hashes; only `apart` holds values, those of mentions that wait.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from pipelines.master.models import Base

_Id = String(32)


class SuppressionRow(Base):
    """A keyed hash that keeps a person out: HMAC-SHA-256 of an identifier, never the identifier.

    `scope` is what the person is kept out of ("all", "channel:email", "channel:telephone", "purpose:<purpose>",
    "restriction", "sale"), `key_id` which key made the hash (empty: the one before keys had ids). An entry that its
    person has taken back stays with `lifted_at`, so that an older backup does not bring it back to life.
    """

    __tablename__ = "suppression"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str]
    created_at: Mapped[datetime]
    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(16))
    lifted_at: Mapped[datetime | None]


class ConsentRow(Base):
    """One act of consent (Articles 4(11) and 7 GDPR) or its withdrawal; a later act supersedes, nothing is changed.

    `hash` is the keyed hash of one identifier of the person, `kind` which ("email", "telephone"). `act` is "given" or
    "withdrawn", `channel` what was agreed to ("email", "telephone", or "any"), `text` the version of the text that the
    person saw and `text_hash` its SHA-256. `collected` is how the act reached us, `evidence` a reference to the proof.
    """

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_hash_purpose", "hash", "purpose"),)

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    hash: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    act: Mapped[str] = mapped_column(String(16))
    purpose: Mapped[str]
    channel: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    text_hash: Mapped[str] = mapped_column(String(64))
    collected: Mapped[str] = mapped_column(String(32))
    evidence: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    by: Mapped[str]


class ScreeningRow(Base):
    """One look into a do-not-call register. `whole` says that the file was the register and not the answer for a list.

    `file_hash` is the SHA-256 of the file, `listed` how many numbers of it the register names.
    """

    __tablename__ = "screening"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    register: Mapped[str] = mapped_column(index=True)
    screened_on: Mapped[str] = mapped_column(String(10))
    file_hash: Mapped[str] = mapped_column(String(64))
    whole: Mapped[bool]
    listed: Mapped[int]
    recorded_at: Mapped[datetime]
    by: Mapped[str]


class ScreenedRow(Base):
    """A telephone number of a screening, as keyed hash: `listed`, or looked up and not found."""

    __tablename__ = "screened"

    screening_id: Mapped[str] = mapped_column(ForeignKey("screening.id", ondelete="CASCADE"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    listed: Mapped[bool]


class ClearanceRow(Base):
    """A keyed hash of a suppressed name with one more identifier: a person has decided that this one is a namesake."""

    __tablename__ = "clearance"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    by: Mapped[str]


class ApartRow(Base):
    """A mention that is in no other table: it waits for a decision, or for a permission.

    `id` is the id that the mention would have, `reason` "namesake" (its name is that of somebody who was suppressed)
    or "upload" (a customer's, and no document permits more). `matched` is the keyed hash of the suppressed name.
    `content` is the validated and minimised mention with its receipt, as JSON.
    """

    __tablename__ = "apart"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    reason: Mapped[str] = mapped_column(String(16), index=True)
    matched: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]]
    first_seen: Mapped[datetime]
    kept_at: Mapped[datetime]


class ApartIdentifierRow(Base):
    """A keyed hash of an identifier of a mention that is kept apart: a request finds it without reading them all."""

    __tablename__ = "apart_identifier"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    apart_id: Mapped[str] = mapped_column(ForeignKey("apart.id", ondelete="CASCADE"), primary_key=True, index=True)
