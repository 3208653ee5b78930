"""The article of the GDPR under which the people of a source are told."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Bring the schema forward; which sources were given by the people themselves stands in the receipts of theirs."""
    op.add_column("source", sa.Column("article", sa.Integer(), nullable=False, server_default="14"))
    op.execute(
        "UPDATE source SET article = 13 WHERE id IN (SELECT capture.source_id FROM capture"
        " JOIN permission ON permission.id = capture.permission_id"
        " WHERE CAST(permission.signals AS TEXT) LIKE '%\"gdpr-article: 13\"%')"
    )
