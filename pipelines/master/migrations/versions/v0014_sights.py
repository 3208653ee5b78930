"""The last sight of what stands on its page is that of its mention, written once."""

import sqlalchemy as sa
from alembic import op

from pipelines.master.types import UtcDateTime

revision = "0014"
down_revision = "0013"

_INDEX = "ix_statement_last_capture_id"
_LATEST = (
    "UPDATE mention SET {0} = COALESCE((SELECT {0} FROM statement WHERE statement.mention_id = mention.id"
    " ORDER BY statement.last_seen DESC, statement.last_capture_id DESC LIMIT 1), {0})"
)
_STANDING = (
    "UPDATE statement SET last_seen = NULL, last_capture_id = NULL WHERE EXISTS (SELECT 1 FROM mention"
    " WHERE mention.id = statement.mention_id AND mention.last_seen = statement.last_seen"
    " AND mention.last_capture_id = statement.last_capture_id)"
)


def upgrade() -> None:
    """Bring the schema forward; a mention's last sight is the latest that one of its statements had."""
    op.add_column("mention", sa.Column("last_capture_id", sa.String(length=32), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE mention SET (fillfactor = 50)")
    for column in ("last_seen", "last_capture_id"):
        op.execute(_LATEST.format(column))
    op.drop_index(_INDEX, "statement")
    with op.batch_alter_table("statement") as table:
        table.alter_column("last_seen", existing_type=UtcDateTime(timezone=True), nullable=True)
        table.alter_column("last_capture_id", existing_type=sa.String(length=32), nullable=True)
    op.execute(_STANDING)
    some = sa.text("last_capture_id IS NOT NULL")
    op.create_index(_INDEX, "statement", ["last_capture_id"], sqlite_where=some, postgresql_where=some)
