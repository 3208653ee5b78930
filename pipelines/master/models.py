"""The tables, in the words of the design.

`source`, `run`, `permission`, `capture`, `mention`, `statement`, `judgement` and `suppression` are recorded;
`block_key`, `person`, `organisation`, `employment` and `master_value` are derived from them and can be rebuilt.
`disposal` counts what was not kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from pipelines.master.types import UtcDateTime

_Id = String(32)


class Base(DeclarativeBase):
    """Names every constraint, so that Alembic can find it again on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, str: Text, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class SourceRow(Base):
    """A source as it was declared when it was last crawled."""

    __tablename__ = "source"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    publisher: Mapped[str]
    purpose: Mapped[str]
    legal_basis: Mapped[str]
    balancing_test: Mapped[str]
    balancing_hash: Mapped[str]
    retention_days: Mapped[int]
    country: Mapped[str]
    language: Mapped[str]


class RunRow(Base):
    """One crawl of one source; `counts` are value-free totals, `outcome` is empty while it runs."""

    __tablename__ = "run"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    spider: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str]
    counts: Mapped[dict[str, Any]]


class PermissionRow(Base):
    """A permission receipt; fetches that were allowed on the same grounds share one."""

    __tablename__ = "permission"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    user_agent: Mapped[str]
    robots_url: Mapped[str]
    robots_status: Mapped[int]
    robots_hash: Mapped[str]
    rule: Mapped[str]
    signals: Mapped[list[Any]]


class CaptureRow(Base):
    """One fetch of one document."""

    __tablename__ = "capture"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("run.id"), index=True)
    permission_id: Mapped[str] = mapped_column(ForeignKey("permission.id"))
    url: Mapped[str] = mapped_column(index=True)
    fetched_at: Mapped[datetime]
    content_hash: Mapped[str]
    status: Mapped[int]
    media_type: Mapped[str]
    etag: Mapped[str]
    last_modified: Mapped[str]
    rendered: Mapped[bool]


class MentionRow(Base):
    """What one document says about one person or organisation, over all its captures.

    `entity_id` is the person or organisation it belongs to, itself the id of the cluster's earliest mention. `content`
    is equal for mentions of one site that say the same (see `pipelines.resolution.copies`), empty before the first
    resolution. `pending` marks a mention whose statements changed since it was last resolved.
    """

    __tablename__ = "mention"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    type: Mapped[str] = mapped_column(String(16))
    url: Mapped[str] = mapped_column(index=True)
    locator: Mapped[str]
    language: Mapped[str]
    country: Mapped[str]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    entity_id: Mapped[str | None] = mapped_column(_Id, index=True)
    content: Mapped[str] = mapped_column(_Id, index=True)
    pending: Mapped[bool] = mapped_column(index=True)


class StatementRow(Base):
    """One value of one property in one mention, with its receipts: the first and the last capture that showed it.

    `retired_at` is the time of the first later capture that showed the mention without this value; it is cleared when
    the value comes back. Only statements that are not retired support a master value.
    """

    __tablename__ = "statement"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    mention_id: Mapped[str] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"), index=True)
    property: Mapped[str] = mapped_column(String(32))
    employment: Mapped[int]
    original: Mapped[str]
    normalised: Mapped[str]
    evidence: Mapped[str]
    method: Mapped[str] = mapped_column(String(16))
    locator: Mapped[str]
    confidence: Mapped[float]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    first_capture_id: Mapped[str] = mapped_column(ForeignKey("capture.id"), index=True)
    last_capture_id: Mapped[str] = mapped_column(ForeignKey("capture.id"), index=True)


class BlockKeyRow(Base):
    """A blocking key of a mention: mentions that share one are compared."""

    __tablename__ = "block_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    mention_id: Mapped[str] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True, index=True)


class JudgementRow(Base):
    """A decision that two mentions are the same, are different, or need a person to look.

    `left_id` sorts before `right_id`. `by` is a rule version or a person's name (`human` tells which). `reasons` is a
    list of {rule, bits, sentence} without personal values. A newer decision sets `superseded_at`; nothing is deleted.
    """

    __tablename__ = "judgement"
    __table_args__ = (Index("ix_judgement_pair", "left_id", "right_id"),)

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    left_id: Mapped[str] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"))
    right_id: Mapped[str] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[str] = mapped_column(String(16))
    probability: Mapped[float]
    bits: Mapped[float]
    reasons: Mapped[list[Any]]
    by: Mapped[str]
    human: Mapped[bool]
    made_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class PersonRow(Base):
    """A person of the master table: the best-supported value of each property."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    given_name: Mapped[str]
    family_name: Mapped[str]
    honorific_prefix: Mapped[str]
    honorific_suffix: Mapped[str]
    job_title: Mapped[str]
    works_for: Mapped[str]
    email: Mapped[str]
    telephone: Mapped[str]
    fax_number: Mapped[str]
    work_location: Mapped[str]
    url: Mapped[str]
    mentions: Mapped[int]
    first_seen: Mapped[datetime]


class OrganisationRow(Base):
    """An organisation of the master table: the best-supported value of each property."""

    __tablename__ = "organisation"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    email: Mapped[str]
    telephone: Mapped[str]
    fax_number: Mapped[str]
    work_location: Mapped[str]
    url: Mapped[str]
    mentions: Mapped[int]
    first_seen: Mapped[datetime]


class EmploymentRow(Base):
    """One job of one person.

    `start` is when a source first showed it (not when the person took it up), `end` when the last page that had shown
    it no longer did, or None; `current` marks the open job that appeared last. `organisation_id` is the master row that
    `works_for` resolves to, empty when the job names no employer.
    """

    __tablename__ = "employment"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[str] = mapped_column(_Id, index=True)
    job_title: Mapped[str]
    works_for: Mapped[str]
    start: Mapped[datetime]
    end: Mapped[datetime | None]
    current: Mapped[bool]


class MasterValueRow(Base):
    """A value of a person or organisation and the statement that carries it best; rank 0 stands in the master row."""

    __tablename__ = "master_value"

    entity_id: Mapped[str] = mapped_column(_Id, primary_key=True)
    property: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int]
    support: Mapped[int]
    statement_id: Mapped[str] = mapped_column(ForeignKey("statement.id"), index=True)


class SuppressionRow(Base):
    """A keyed hash that keeps a person out: HMAC-SHA-256 of an identifier, never the identifier."""

    __tablename__ = "suppression"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str]
    created_at: Mapped[datetime]


class DisposalRow(Base):
    """How often a rule did not keep something in a run: no value, no length, no hash of a value."""

    __tablename__ = "disposal"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"), primary_key=True)
    host: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(String(16), primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    location: Mapped[str] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int]
