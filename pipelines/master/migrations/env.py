"""Alembic's entry: migrates over the connection that `pipelines.master.database` hands in."""

from alembic import context

from pipelines.master import (  # noqa: F401  all add to the metadata
    accounts,
    activity,
    answering,
    choices,
    models,
    operation,
    requests,
)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.Base.metadata,
    compare_type=True,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
