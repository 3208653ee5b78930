"""`scrapy db check` names each invariant that is broken: every one is broken here by a statement, and seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text

from pipelines.master.check import check
from pipelines.rights.suppression import suppress
from pipelines.upkeep.replay import suppressed
from tests.support.kept import SECRET, filled
from tests.support.reported import EARLY

ONE = "(SELECT MIN(id) FROM {})"
#: A statement that breaks a sound store, and the beginning of the invariant that it breaks.
BROKEN = [
    ("UPDATE statement SET retired_at = first_seen", "no receipt, no value"),
    ("UPDATE statement SET quarantined_at = first_seen", "no receipt, no value"),
    ("DELETE FROM permission", "no receipt, no value"),
    ("DELETE FROM capture", "every statement has its mention, and both its captures"),
    ("DELETE FROM mention WHERE type = 'person'", "every statement has its mention"),
    ("UPDATE capture SET source_id = 'press' WHERE source_id = 'one'", "every statement has its mention"),
    ("UPDATE mention SET last_capture_id = ''", "every statement has its mention, and both its captures"),
    (
        "UPDATE statement SET last_capture_id = first_capture_id, last_seen = '2031-01-01 00:00:00+00:00'",
        "what the last reading of a mention shows",
    ),
    ("DELETE FROM statement", "every mention says something"),
    ("UPDATE statement SET last_seen = '2001-01-01 00:00:00+00:00'", "nothing was last seen before it was first seen"),
    ("UPDATE mention SET last_seen = '2001-01-01 00:00:00+00:00'", "nothing was last seen before it was first seen"),
    ("UPDATE person SET email = 'somebody@else.example'", "every value in a person row"),
    ("UPDATE organisation SET name = 'Another NV'", "every value in an organisation row"),
    ("UPDATE mention SET entity_id = 'nobody'", "every mention with an entity"),
    ("UPDATE mention SET entity_id = NULL WHERE type = 'organisation'", "every master row has a mention"),
    ("DELETE FROM person", "every job is somebody's"),
    ("DELETE FROM organisation", "every job is somebody's"),
    ("DELETE FROM organisation", "every master value is of a master row"),
    (
        "INSERT INTO redirect (id, target_id, made_at) VALUES ('a', 'b', '2026-01-01 00:00:00+00:00')",
        "an id that was merged",
    ),
    ("UPDATE judgement SET human = true, \"by\" = ' '", "no rule signs as a person"),
    ("UPDATE judgement SET human = true WHERE id = " + ONE.format("judgement"), "no rule signs as a person"),
    ("UPDATE judgement SET left_id = right_id, right_id = left_id", "a judgement names its smaller mention first"),
    ("UPDATE judgement SET left_id = 'gone'", "every judgement is about two mentions"),
    ("UPDATE block_key SET mention_id = 'gone' WHERE mention_id = " + ONE.format("mention"), "every blocking key"),
    ("UPDATE mention SET pending = true", "no mention waits"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = filled(f"sqlite:///{tmp_path_factory.mktemp('store') / 'cardfile.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def connection(store: Engine) -> Iterator[Connection]:
    """A connection on which foreign keys do not hold, as in a file that something else has written to."""
    with store.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")
        with connection.begin() as transaction:
            yield connection
            transaction.rollback()
        driver.execute("PRAGMA foreign_keys = ON")


def broken(connection: Connection) -> list[str]:
    return [finding.invariant for finding in check(connection) if finding.broken]


def test_a_sound_store_breaks_none(connection: Connection) -> None:
    assert broken(connection) == []


@pytest.mark.parametrize(("statement", "says"), BROKEN)
def test_each_broken_invariant_is_named(connection: Connection, statement: str, says: str) -> None:
    connection.execute(text(statement))
    assert [invariant for invariant in broken(connection) if invariant.startswith(says)]


def test_two_versions_of_the_statistics_are_named(connection: Connection) -> None:
    for name in ("a", "b"):
        connection.execute(
            text("INSERT INTO statistics (id, made_at, mentions, data, in_use) VALUES (:id, :at, 1, x'00', true)"),
            {"id": name, "at": "2026-01-01 00:00:00+00:00"},
        )
    assert broken(connection) == ["at most one version of the statistics is in use"]


def test_every_invariant_is_broken_here(connection: Connection) -> None:
    seen = {says for _, says in BROKEN} | {"at most one version of the statistics"}
    names = [finding.invariant for finding in check(connection)]
    assert [name for name in names if not any(name.startswith(says) for says in seen)] == []


def test_a_suppressed_person_who_is_stored_is_found(connection: Connection) -> None:
    assert suppressed(connection, SECRET) == []
    suppress(connection, SECRET, [("email", "jane.roe@noord.example")], "erasure", EARLY)
    assert len(suppressed(connection, SECRET)) == 2
