"""What resolution learns, what people correct, where merged ids lead, and smaller blocking keys."""

import sqlalchemy as sa
from alembic import op

from pipelines.master.types import UtcDateTime

revision = "0002"
down_revision = "0001"

#: Table, the index that goes, and those that take its place.
_INDEXES = (
    ("mention", "ix_mention_entity_id", {"ix_mention_entity_content": ["entity_id", "content"]}),
    ("mention", "ix_mention_content", {"ix_mention_content_first": ["content", "first_seen", "id"]}),
    (
        "judgement",
        "ix_judgement_right_id",
        {
            "ix_judgement_left_verdict": ["left_id", "verdict"],
            "ix_judgement_right_verdict": ["right_id", "verdict"],
        },
    ),
)


def upgrade() -> None:
    """Bring the schema forward; block keys are derived, so the next resolution writes them anew."""
    op.create_table(
        "statistics",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics")),
    )
    op.create_table(
        "redirect",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("target_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redirect")),
    )
    op.create_index("ix_redirect_target_id", "redirect", ["target_id"])
    op.create_table(
        "correction",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("mention_id", sa.String(length=32), nullable=False),
        sa.Column("replaces", sa.JSON(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["mention.id"], name=op.f("fk_correction_id_mention"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mention.id"], name=op.f("fk_correction_mention_id_mention"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_mention_id", "correction", ["mention_id"])
    op.drop_table("block_key")
    op.create_table(
        "block_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mention_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mention.id"], name=op.f("fk_block_key_mention_id_mention"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "mention_id", name=op.f("pk_block_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_block_key_mention_id", "block_key", ["mention_id"])
    for table, old, indexes in _INDEXES:
        op.drop_index(old, table_name=table)
        for name, columns in indexes.items():
            op.create_index(name, table, columns)
    op.execute(sa.update(sa.table("mention", sa.column("pending", sa.Boolean()))).values(pending=sa.true()))
