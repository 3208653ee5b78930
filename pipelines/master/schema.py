"""The schema as a whole: all tables, and how an empty store gets them in one go.

The models say how a table looks today and the migrations how a store gets there from any earlier day. An empty store
has no earlier day: it is given today's tables and the mark of the newest migration, as Alembic's documentation advises
for new databases. A test compares the two ways, column by column, on both databases.
"""

from __future__ import annotations

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from pipelines.master import (  # noqa: F401  all add to the metadata
    accounts,
    activity,
    answering,
    choices,
    models,
    operation,
    requests,
)

#: Every table of the store.
METADATA = models.Base.metadata
#: Tables with something that models cannot say, such as triggers, and the migrations that make them, in their order:
#: what those write by hand stands there and nowhere else.
_BY_HAND = {"activity": ("0007",)}


def create(connection: Connection, scripts: ScriptDirectory) -> None:
    """Make all tables in a database that has none, within the transaction of the connection, and mark them as newest.

    `scripts` are the migrations.
    """
    METADATA.create_all(
        connection,
        [table for table in METADATA.sorted_tables if table.name not in _BY_HAND],
        checkfirst=False,
    )
    context = MigrationContext.configure(connection)
    with Operations.context(context):
        for revision in (revision for table in _BY_HAND.values() for revision in table):
            scripts.get_revision(revision).module.upgrade()
    context.stamp(scripts, "head")
