"""What people asked for, whose processing is restricted, and which backups were written."""

import sqlalchemy as sa
from alembic import op

from pipelines.master.types import UtcDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Bring the schema forward; the new tables are empty, for no request came in through this program before."""
    op.create_table(
        "request",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("received_on", sa.String(length=10), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("extended_on", sa.String(length=10), nullable=False),
        sa.Column("extension", sa.String(length=16), nullable=False),
        sa.Column("identity", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("recorded_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("proof", sa.String(length=64), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
    )
    op.create_index(op.f("ix_request_kind"), "request", ["kind"])
    op.create_index(op.f("ix_request_outcome"), "request", ["outcome"])

    op.create_table(
        "request_subject",
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_request_subject_request_id_request"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("request_id", "hash", name=op.f("pk_request_subject")),
    )
    op.create_index(op.f("ix_request_subject_hash"), "request_subject", ["hash"])

    op.create_table(
        "restriction",
        sa.Column("mention_id", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("ground", sa.String(length=16), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mention.id"], name=op.f("fk_restriction_mention_id_mention"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mention_id", name=op.f("pk_restriction")),
    )
    op.create_index(op.f("ix_restriction_request_id"), "restriction", ["request_id"])

    op.create_table(
        "backup",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("rewritten_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("gone_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup")),
    )
