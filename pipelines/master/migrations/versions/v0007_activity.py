"""What was done with personal data, in a log that the database itself keeps from being changed."""

import sqlalchemy as sa
from alembic import op

from pipelines.master.types import UtcDateTime

revision = "0007"
down_revision = "0006"

_REFUSAL = "the activity log is only ever added to"


def upgrade() -> None:
    """Bring the schema forward; the log begins empty, for what was done before was not recorded."""
    op.create_table(
        "activity",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_activity")),
    )
    op.create_index(op.f("ix_activity_action"), "activity", ["action"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION activity_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER activity_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON activity "
            "FOR EACH STATEMENT EXECUTE FUNCTION activity_is_kept()"
        )
    else:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER activity_no_{act.lower()} BEFORE {act} ON activity "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
