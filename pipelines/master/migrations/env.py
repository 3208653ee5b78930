"""Alembic's entry: migrates over the connection that `pipelines.master.database` hands in."""

from alembic import context

from pipelines.master.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
