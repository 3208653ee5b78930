"""An index from a value to whoever stated it: what a request, a receipt or `scrapy why` is asked for."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Bring the schema forward; nothing that exists is touched."""
    op.create_index("ix_statement_normalised", "statement", ["normalised"])
