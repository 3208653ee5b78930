"""The tables, in the words of the design.

`source`, `run`, `permission`, `capture`, `document`, `mention`, `statement` and `judgement` are recorded;
`statistics`, `correction` and `redirect` are recorded by resolution; `block_key`, `person`, `organisation`,
`employment` and `master_value` are derived and can be rebuilt.
`disposal` counts what was not kept. Columns stand in the order in which migrations add them, so that all stores agree.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, MetaData, String, Text, and_, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql import ColumnElement

from pipelines.master.types import UtcDateTime

_Id = String(32)
#: Nearly all of them are null, and cost the index no entry.
_GIVEN = text("last_capture_id IS NOT NULL")


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
    """A source as it was declared when it was last crawled.

    `article` is that of the GDPR under which its people are told: 13 where they gave the data themselves, else 14.
    """

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
    article: Mapped[int] = mapped_column(server_default="14")


class RunRow(Base):
    """One crawl of one source; `counts` are value-free totals, `outcome` is empty while it runs.

    `balancing_hash` is the SHA-256 of the balancing test as it stood when the run began.
    """

    __tablename__ = "run"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    spider: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str]
    counts: Mapped[dict[str, Any]]
    balancing_hash: Mapped[str] = mapped_column(default="", server_default="")


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


class DocumentRow(Base):
    """A page of a source of which something is kept, over all its captures: how to ask for it, and how it stands.

    `etag`, `last_modified` and `content_hash` are those of the last full reading, `reader` the fingerprint of the rules
    that read it. `links` are hashes of the pages that it led to, `sole` says that some of these are known from no other
    page; `depth` and `priority` are those of its request. `state` is how it answered last, with the `reason` ("404",
    "robots", …). `shown_at` is when it last showed its values, `checked_at` when it was last asked for, `lost_since`
    when it first failed to show them after that, `missing_since` when it was first said not to be there.
    """

    __tablename__ = "document"

    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), primary_key=True)
    url: Mapped[str] = mapped_column(primary_key=True)
    etag: Mapped[str]
    last_modified: Mapped[str]
    content_hash: Mapped[str]
    reader: Mapped[str] = mapped_column(_Id)
    links: Mapped[list[Any]]
    sole: Mapped[bool]
    depth: Mapped[int]
    priority: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str]
    shown_at: Mapped[datetime]
    checked_at: Mapped[datetime]
    lost_since: Mapped[datetime | None]
    missing_since: Mapped[datetime | None]


class MentionRow(Base):
    """What one document says about one person or organisation, over all its captures.

    `entity_id` is the person or organisation it belongs to, itself the id of the cluster's earliest mention. `content`
    is equal for mentions that say the same and stand for one another (see `pipelines.resolution.copies`), empty before
    the first resolution. `pending` marks a mention whose statements changed since it was last resolved.

    The last sight is that of the last capture that showed it. No index stands behind `last_capture_id`, hence no
    foreign key, and PostgreSQL leaves half of each page of the table free: a mention is seen again and again, and its
    row is then written anew beside itself, without a word in any index.
    """

    __tablename__ = "mention"
    __table_args__ = (
        Index("ix_mention_entity_content", "entity_id", "content"),
        Index("ix_mention_content_first", "content", "first_seen", "id"),
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    type: Mapped[str] = mapped_column(String(16))
    url: Mapped[str] = mapped_column(index=True)
    locator: Mapped[str]
    language: Mapped[str]
    country: Mapped[str]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    entity_id: Mapped[str | None] = mapped_column(_Id)
    content: Mapped[str] = mapped_column(_Id)
    pending: Mapped[bool] = mapped_column(index=True)
    last_capture_id: Mapped[str] = mapped_column(_Id, server_default="")


class StatementRow(Base):
    """One value of one property in one mention, with its receipts: the first and the last capture that showed it.

    While the last reading of its mention shows it, `last_seen` and `last_capture_id` are null and those of the mention
    count in their place (`seen`, `shown_by`). `left_at` is the time of the first later capture that did not show it,
    cleared when it comes back. After a grace period it is retired: `retired_at` is then that time, or the time since
    which the whole page has been gone. `quarantined_at` is when the site was first seen to reserve the page. Only
    statements that are `live` support a master value.
    """

    __tablename__ = "statement"
    __table_args__ = (
        Index("ix_statement_last_capture_id", "last_capture_id", sqlite_where=_GIVEN, postgresql_where=_GIVEN),
    )

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    mention_id: Mapped[str] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"), index=True)
    property: Mapped[str] = mapped_column(String(32))
    employment: Mapped[int]
    original: Mapped[str]
    normalised: Mapped[str] = mapped_column(index=True)
    evidence: Mapped[str]
    method: Mapped[str] = mapped_column(String(16))
    locator: Mapped[str]
    confidence: Mapped[float]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    first_capture_id: Mapped[str] = mapped_column(ForeignKey("capture.id"), index=True)
    last_capture_id: Mapped[str | None] = mapped_column(ForeignKey("capture.id"))
    left_at: Mapped[datetime | None]
    quarantined_at: Mapped[datetime | None]

    @classmethod
    def seen(cls) -> ColumnElement[datetime]:
        """When it was last seen, in a query that joins the mention."""
        return func.coalesce(cls.last_seen, MentionRow.last_seen)

    @classmethod
    def shown_by(cls) -> ColumnElement[str]:
        """The id of the last capture that showed it, in a query that joins the mention."""
        return func.coalesce(cls.last_capture_id, MentionRow.last_capture_id)

    @classmethod
    def live(cls) -> ColumnElement[bool]:
        """The condition on which a statement may support a master value: neither retired nor quarantined."""
        return and_(cls.retired_at.is_(None), cls.quarantined_at.is_(None))


class BlockKeyRow(Base):
    """A blocking key of a mention: mentions that share one are compared.

    `key` is a hash of the mention's type and the key, so that the table holds no name and stays small.
    """

    __tablename__ = "block_key"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  half the file and half the writes

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    mention_id: Mapped[str] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True, index=True)


class JudgementRow(Base):
    """A decision that two mentions are the same, are different, or need a person to look ("review").

    The verdict "copy" says that they hold the same values, so that only the earlier of them is ever compared.

    `left_id` sorts before `right_id`. `by` is a rule version or a person's name (`human` tells which). `reasons` is a
    list of {rule, bits, sentence} without personal values. A newer decision sets `superseded_at`; nothing is deleted.
    """

    __tablename__ = "judgement"
    __table_args__ = (
        Index("ix_judgement_pair", "left_id", "right_id"),
        Index("ix_judgement_left_verdict", "left_id", "verdict"),
        Index("ix_judgement_right_verdict", "right_id", "verdict"),
        # What people decided is asked for as a whole, and is a handful among millions.
        Index(
            "ix_judgement_human",
            "superseded_at",
            sqlite_where=text("human IS 1"),
            postgresql_where=text("human IS true"),
        ),
    )

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    left_id: Mapped[str] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"))
    right_id: Mapped[str] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"))
    verdict: Mapped[str] = mapped_column(String(16))
    probability: Mapped[float]
    bits: Mapped[float]
    reasons: Mapped[list[Any]]
    by: Mapped[str]
    human: Mapped[bool]
    made_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class StatisticsRow(Base):
    """One version of what resolution has learnt from the whole store; scores are frozen within a version.

    `data` is compressed JSON in which names, numbers and addresses stand as hashes. At most one version is `in_use`;
    without one, scores lean on what is known of names in general. `mentions` is how many it was learnt from.
    """

    __tablename__ = "statistics"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    made_at: Mapped[datetime]
    mentions: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    in_use: Mapped[bool]


class CorrectionRow(Base):
    """What a person has set right about a mention and whoever it belongs to; outranks every source.

    `id` is a mention of its own whose statements are the right values, with their receipt. `replaces` is a list of
    [property, value] that are wrong and stay out of the master. `reason` is one of a few codes.
    """

    __tablename__ = "correction"

    id: Mapped[str] = mapped_column(_Id, ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True)
    mention_id: Mapped[str] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"), index=True)
    replaces: Mapped[list[Any]]
    by: Mapped[str]
    reason: Mapped[str] = mapped_column(String(32))
    made_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class RedirectRow(Base):
    """Where the id of a person or organisation leads that was merged into another one, for good."""

    __tablename__ = "redirect"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    target_id: Mapped[str] = mapped_column(_Id, index=True)
    made_at: Mapped[datetime]


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
