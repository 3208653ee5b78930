"""The queue's tables beside the store's."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url

from pipelines.errors import RefusedError, SchemaMismatch, UsageError
from pipelines.master.backup.dump import tables
from pipelines.master.check import check
from pipelines.master.database import open_store
from pipelines.master.models import Base
from pipelines.queue.schema import SCHEMA, bring_along, install, installed, require_postgresql
from tests.pipelines.queue.conftest import execute


def test_the_store_does_not_notice_its_queue(postgresql_url: str) -> None:
    engine = open_store(make_url(postgresql_url))
    with engine.connect() as connection:
        before = inspect(connection).get_table_names()
        assert not installed(connection)
    assert [install(engine), install(engine)] == [True, False]
    with engine.connect() as connection:
        assert installed(connection)
        assert inspect(connection).get_table_names() == before
        assert {table.name for table in tables(connection)} <= set(before)
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        assert not any(finding.broken for finding in check(connection))
    open_store(make_url(postgresql_url)).dispose()
    engine.dispose()


def test_a_newer_procrastinate_is_caught_up_with(postgresql_url: str) -> None:
    engine = open_store(make_url(postgresql_url))
    steps = {file.name: file for file in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))}
    older = [name for name in steps if name < "03.04"]
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
        connection.execute(text(f"CREATE TABLE {SCHEMA}.applied (step text PRIMARY KEY)"))
    for name in older:
        with engine.begin() as connection:
            connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
            cursor = connection.connection.cursor()
            cursor.execute(steps[name].read_text("utf-8"))
            cursor.close()
            connection.execute(text("INSERT INTO applied VALUES (:name)"), {"name": name})
    assert len(older) < len(steps)
    assert [install(engine), install(engine)] == [True, False]
    with engine.connect() as connection:
        assert set(connection.scalars(text(f"SELECT step FROM {SCHEMA}.applied"))) == set(steps)
        assert connection.scalar(text(f"SELECT to_regproc('{SCHEMA}.procrastinate_retry_job_v2')")) is not None
    engine.dispose()


def test_an_older_procrastinate_is_refused(store: Engine) -> None:
    execute(store, "INSERT INTO applied VALUES ('99.00.00_01_pre_something.sql')")
    with pytest.raises(SchemaMismatch, match="of a newer Procrastinate"):
        install(store)


def test_a_role_that_may_not_make_a_schema_is_told_who_may(postgresql_url: str) -> None:
    owner = open_store(make_url(postgresql_url))
    with owner.begin() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text("DROP ROLE IF EXISTS modest"))
        connection.execute(text("CREATE ROLE modest LOGIN"))
        connection.execute(text("GRANT pg_read_all_data TO modest"))
        connection.execute(text(f"REVOKE CREATE ON DATABASE {name} FROM PUBLIC"))
    engine = create_engine(make_url(postgresql_url).set(username="modest"))
    with pytest.raises(RefusedError, match="scrapy db upgrade"):
        install(engine)
    assert not bring_along(engine), "an upgrade of the store asks for no more than before"
    assert [bring_along(owner), bring_along(owner)] == [True, False]
    assert not bring_along(engine)
    engine.dispose()
    with owner.begin() as connection:
        connection.execute(text("DROP OWNED BY modest"))
        connection.execute(text("DROP ROLE modest"))
    owner.dispose()


@pytest.mark.parametrize(
    ("url", "refused"), [("sqlite:///a.db", True), ("postgresql+psycopg://cardfile@db.example/cardfile", False)]
)
def test_a_queue_needs_postgresql(url: str, refused: bool) -> None:
    if refused:
        with pytest.raises(UsageError, match="A queue needs PostgreSQL"):
            require_postgresql(make_url(url))
    else:
        require_postgresql(make_url(url))


def test_sqlite_has_no_queue_to_bring_along(tmp_path: Path) -> None:
    engine = open_store(make_url(f"sqlite:///{tmp_path / 'cardfile.db'}"))
    assert not bring_along(engine)
    engine.dispose()
