"""Suppressions with a scope and a key id, consent, do-not-call registers, what is kept apart, the test of a run."""

import sqlalchemy as sa
from alembic import op

from pipelines.master.types import UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Bring the schema forward.

    Who is on the suppression list stays out of everything; which key made the hashes is not known here and is noted by
    the first command that has the key. No older run says which balancing test it stood on.
    """
    with op.batch_alter_table("suppression") as table:
        table.add_column(sa.Column("scope", sa.String(length=80), nullable=False, server_default="all"))
        table.add_column(sa.Column("key_id", sa.String(length=16), nullable=False, server_default=""))
        table.add_column(sa.Column("lifted_at", UtcDateTime(timezone=True), nullable=True))
        table.drop_constraint("pk_suppression", type_="primary")
        table.create_primary_key("pk_suppression", ["hash", "scope"])
    with op.batch_alter_table("suppression") as table:
        table.alter_column("scope", server_default=None)
        table.alter_column("key_id", server_default=None)
    with op.batch_alter_table("run") as table:
        table.add_column(sa.Column("balancing_hash", sa.Text(), nullable=False, server_default=""))
    _consent()
    _screening()
    _apart()


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("collected", sa.String(length=32), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_hash_purpose", "consent", ["hash", "purpose"])


def _screening() -> None:
    op.create_table(
        "screening",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("screened_on", sa.String(length=10), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
    )
    op.create_index(op.f("ix_screening_register"), "screening", ["register"])
    op.create_table(
        "screened",
        sa.Column("screening_id", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screening.id"], name=op.f("fk_screened_screening_id_screening"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("screening_id", "hash", name=op.f("pk_screened")),
    )
    op.create_index(op.f("ix_screened_hash"), "screened", ["hash"])


def _apart() -> None:
    op.create_table(
        "clearance",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_clearance")),
    )
    op.create_table(
        "apart",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("matched", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("first_seen", UtcDateTime(timezone=True), nullable=False),
        sa.Column("kept_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_apart_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apart")),
    )
    op.create_index(op.f("ix_apart_reason"), "apart", ["reason"])
    op.create_index(op.f("ix_apart_source_id"), "apart", ["source_id"])
    op.create_table(
        "apart_identifier",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("apart_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["apart_id"], ["apart.id"], name=op.f("fk_apart_identifier_apart_id_apart"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", "apart_id", name=op.f("pk_apart_identifier")),
    )
    op.create_index(op.f("ix_apart_identifier_apart_id"), "apart_identifier", ["apart_id"])
