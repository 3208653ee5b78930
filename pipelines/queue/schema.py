"""The queue's tables: Procrastinate's own, in a PostgreSQL schema of their own beside the store.

They stand apart because they are not ours: Alembic compares, a backup saves and `scrapy db check` counts the store's
schema only, and a queue that is lost costs nothing but a call of `scrapy run PLAN --queue`. Procrastinate ships its
whole schema and the steps between its versions as files of SQL; which of them ran here stands in the table `applied`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, text

from pipelines.errors import RefusedError, SchemaMismatch, UsageError

#: The schema that holds the queue.
SCHEMA = "cardfile_queue"
#: Two that set the queue up at the same moment take their turns; the number is arbitrary, and the same everywhere.
_LOCK = 0x63617264
_MAY = "SELECT has_database_privilege(current_database(), 'CREATE')"
_MISSING = "A queue needs Procrastinate; install it with: pip install 'cardfile[postgres]'."


def require_postgresql(url: URL) -> None:
    """Raise UsageError where there can be no queue: jobs and locks that machines share need a server."""
    if url.get_backend_name() != "postgresql":
        raise UsageError(
            "A queue needs PostgreSQL, which several machines can share, and this store is SQLite: set DATABASE_URL to "
            "postgresql://USER@HOST/NAME, or run the plan without a queue: scrapy run PLAN."
        )


def installed(connection: Connection) -> bool:
    """Tell whether a PostgreSQL store has a queue."""
    return connection.scalar(text("SELECT to_regclass(:name)"), {"name": f"{SCHEMA}.applied"}) is not None


def install(engine: Engine) -> bool:
    """Make the queue's tables, or bring them to the version of Procrastinate that is installed; True if it did.

    Each step is a transaction that also notes it: one that is interrupted has not happened, and one that adds a word
    to a type must be over before the next can use it. Raises RefusedError when the role may not create a schema,
    SchemaMismatch when the tables are those of a newer Procrastinate.
    """
    whole, steps = _scripts()
    with engine.begin() as guard:
        guard.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if not installed(guard):
            _create(guard, whole, list(steps))
            return True
        done = set(guard.scalars(text(f"SELECT step FROM {SCHEMA}.applied")))  # noqa: S608  a constant
        if newer := done - set(steps):
            raise SchemaMismatch(f"The queue has the step {max(newer)} of a newer Procrastinate; install a newer one.")
        left = [name for name in steps if name not in done]
        for name in left:
            with engine.begin() as connection:
                _run(connection, steps[name], [name])
        return bool(left)


def bring_along(engine: Engine) -> bool:
    """Install where that is possible, for `scrapy db upgrade`: a store without a use for a queue needs no more rights.

    Returns whether anything was done.
    """
    if engine.dialect.name != "postgresql" or find_spec("procrastinate") is None:
        return False
    with engine.connect() as connection:
        possible = installed(connection) or connection.scalar(text(_MAY))
    return bool(possible) and install(engine)


def _create(connection: Connection, whole: Path, steps: list[str]) -> None:
    if not connection.scalar(text(_MAY)):
        raise RefusedError(
            f"This role may not make the queue's schema; have the owner of the database run `scrapy db upgrade`, or "
            f"grant it CREATE on the database ({SCHEMA} is the schema's name)."
        )
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    connection.execute(text(f"CREATE TABLE {SCHEMA}.applied (step text PRIMARY KEY)"))
    _run(connection, whole, steps)


def _run(connection: Connection, script: Path, steps: list[str]) -> None:
    """Run one of Procrastinate's scripts, whose names carry no schema, and note the steps that this amounts to."""
    connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}, pg_catalog"))
    cursor = connection.connection.cursor()  # several statements at once go past SQLAlchemy, and have no parameters
    cursor.execute(script.read_text("utf-8"))
    cursor.close()
    connection.execute(text("INSERT INTO applied (step) VALUES (:step)"), [{"step": step} for step in steps])


def _scripts() -> tuple[Path, dict[str, Path]]:
    """Return Procrastinate's whole schema and, by name in their order, the steps that have led to it."""
    try:
        from procrastinate.schema import SchemaManager  # noqa: PLC0415  an extra: without it there is no queue
    except ImportError:
        raise UsageError(_MISSING) from None
    steps = Path(SchemaManager.get_migrations_path())
    return steps.parent / "schema.sql", {file.name: file for file in sorted(steps.glob("*.sql"))}
