"""How each known page stands, and when a value left its page or was reserved."""

import sqlalchemy as sa
from alembic import op

from pipelines.master.types import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bring the schema forward; what stands in the tables stays, and the next crawl of a source adds its documents."""
    op.create_table(
        "document",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("reader", sa.String(length=32), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("sole", sa.Boolean(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("shown_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("checked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("lost_since", UtcDateTime(timezone=True), nullable=True),
        sa.Column("missing_since", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_document_source_id_source")),
        sa.PrimaryKeyConstraint("source_id", "url", name=op.f("pk_document")),
    )
    op.add_column("statement", sa.Column("left_at", UtcDateTime(timezone=True), nullable=True))
    op.add_column("statement", sa.Column("quarantined_at", UtcDateTime(timezone=True), nullable=True))
