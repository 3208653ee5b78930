"""The article of the GDPR under which the people of a source are told."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Bring the schema forward; a source is as it was (Article 14) until it is declared again."""
    op.add_column("source", sa.Column("article", sa.Integer(), nullable=False, server_default="14"))
