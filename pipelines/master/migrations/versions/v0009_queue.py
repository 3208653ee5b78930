"""Turns at a host for machines that share the store, and what a queue's running jobs may spend."""

import sqlalchemy as sa
from alembic import op

from pipelines.master.types import UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Bring the schema forward; nothing that exists is touched."""
    op.create_table(
        "host_turn",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("held_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("cool_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("cool_rule", sa.Text(), nullable=False),
        sa.Column("cooled", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_host_turn")),
    )
    op.add_column("plan_job", sa.Column("granted", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("plan_job", sa.Column("hosts", sa.JSON(), nullable=False, server_default="[]"))
