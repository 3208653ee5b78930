"""An empty store gets today's tables in one go, and they are those that the migrations make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from pipelines.master.database import connect, current_revision, head_revision, open_store, upgrade
from tests.support import openers
from tests.support.shape import shape

Bare = Callable[[str], str]
#: Statements that make a schema another one. SQLite cannot change a constraint or a default of a table that stands.
_ANYWHERE = [
    ["CREATE TABLE other (id INTEGER)"],
    ["DROP TABLE breach"],
    ["ALTER TABLE person ADD COLUMN other TEXT"],
    [
        "ALTER TABLE run DROP COLUMN balancing_hash",
        "ALTER TABLE run ADD COLUMN balancing_hash TEXT NOT NULL DEFAULT 'x'",
    ],
    ["ALTER TABLE mention DROP COLUMN locator", "ALTER TABLE mention ADD COLUMN locator TEXT NOT NULL DEFAULT ''"],
    ["CREATE INDEX other ON person (email)"],
    ["DROP INDEX ix_person_name"],
    ["DROP INDEX ix_person_name", "CREATE UNIQUE INDEX ix_person_name ON person (name)"],
    ["DROP INDEX ix_person_name", "CREATE INDEX ix_person_name ON person (lower(name))"],
    ["DROP INDEX ix_judgement_human", "CREATE INDEX ix_judgement_human ON judgement (superseded_at)"],
    ["ALTER TABLE run ADD COLUMN other INTEGER CHECK (other > 0)"],
]
_SQLITE = [
    ["DROP TRIGGER activity_no_update"],
    ["DROP TABLE block_key", "CREATE TABLE block_key (key BIGINT NOT NULL, mention_id VARCHAR(32) NOT NULL)"],
]
_POSTGRESQL = [
    ["DROP TRIGGER activity_is_kept ON activity"],
    ["ALTER TABLE activity DISABLE TRIGGER activity_is_kept"],
    ["ALTER FUNCTION activity_is_kept() SECURITY DEFINER"],
    ["ALTER TABLE mention RESET (fillfactor)"],
    ["ALTER TABLE run ALTER balancing_hash DROP DEFAULT"],
    ["ALTER TABLE person ALTER email DROP NOT NULL"],
    ["ALTER TABLE person ALTER mentions TYPE BIGINT"],
    ['ALTER TABLE person ALTER name TYPE TEXT COLLATE "POSIX"'],
    ["ALTER TABLE correction DROP CONSTRAINT fk_correction_id_mention"],
    ["ALTER TABLE run ADD CONSTRAINT other CHECK (spider <> '')"],
    ["CREATE TYPE other AS ENUM ('one')"],
    ["CREATE SEQUENCE other"],
]


@pytest.fixture(scope="module")
def bare(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    """Makes databases without a table of the kind that the test names."""
    with ExitStack() as stack:

        def made(kind: str) -> str:
            if kind == "sqlite":
                return f"sqlite:///{tmp_path_factory.mktemp('bare') / 'cardfile.db'}"
            server = request.getfixturevalue("postgres_server")
            url: str = server.url(stack.enter_context(server.database()))
            return url

        yield made


@pytest.fixture(scope="module")
def news(bare: Bare) -> Iterator[Callable[[str], Engine]]:
    """One new store of each kind, which nobody changes for good."""
    found: dict[str, Engine] = {}

    def new(kind: str) -> Engine:
        if kind not in found:
            found[kind] = open_store(make_url(bare(kind)))
        return found[kind]

    yield new
    for engine in found.values():
        engine.dispose()


def shape_of(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        return shape(connection)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_new_store_is_the_same_as_one_that_was_migrated(bare: Bare, news: Callable[[str], Engine], kind: str) -> None:
    migrated = connect(make_url(bare(kind)))
    upgrade(migrated)
    assert shape_of(news(kind)) == shape_of(migrated)
    assert current_revision(news(kind)) == current_revision(migrated) == head_revision()
    migrated.dispose()


@pytest.mark.parametrize(
    ("kind", "statements"),
    [
        *(("sqlite", statements) for statements in _ANYWHERE + _SQLITE),
        *(("postgresql", statements) for statements in _ANYWHERE + _POSTGRESQL),
    ],
)
def test_a_difference_would_be_seen(news: Callable[[str], Engine], kind: str, statements: list[str]) -> None:
    whole = shape_of(news(kind))
    with news(kind).connect() as connection, connection.begin() as change:
        for statement in statements:
            connection.execute(text(statement))
        assert shape(connection) != whole
        change.rollback()
    assert shape_of(news(kind)) == whole


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_at_once_and_killed_ones_leave_one_whole_schema_or_none(
    bare: Bare, news: Callable[[str], Engine], kind: str
) -> None:
    url = bare(kind)
    # Before the first table, between tables, with all of them made: the next finds an empty store each time.
    *alone, together = openers.open_at_once(url, [8], [40], [90], [20, 0, 60, 0, 80, 0])
    assert alone == [[-9], [-9], [-9]]
    assert together[1::2] == [0, 0, 0]
    assert set(together[::2]) <= {0, -9}
    engine = open_store(make_url(url))
    assert shape_of(engine) == shape_of(news(kind))
    assert current_revision(engine) == head_revision()
    engine.dispose()
