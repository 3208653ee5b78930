"""An index of what people have decided: a handful among millions of decisions of the rules."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Bring the schema forward; nothing that exists is touched."""
    op.create_index(
        "ix_judgement_human",
        "judgement",
        ["superseded_at"],
        sqlite_where=sa.text("human IS 1"),
        postgresql_where=sa.text("human IS true"),
    )
