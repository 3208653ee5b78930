"""The activity log: what was changed, moved or taken out afterwards is found, and nobody's value can get in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from pipelines.master.activity import ActivityRow
from pipelines.master.database import open_store
from pipelines.rights.activity import GENESIS, Action, entries, head, record, verify
from pipelines.rights.secret import Keyring

KEY = b"k" * 32
KEYS = Keyring(KEY)
START = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
LENGTH = 5


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('activity') / 'cardfile.db'}"
        else:
            server = request.getfixturevalue("postgres_server")
            url = server.url(stack.enter_context(server.database()))
        engine = open_store(make_url(url))
        with engine.begin() as connection:
            for number in range(LENGTH):
                act(connection, number)
        yield engine
        engine.dispose()


@pytest.fixture
def log(filled: Engine) -> Iterator[Connection]:
    """A log of a few entries, as it was before once the test has ended."""
    with filled.connect() as connection:
        yield connection
        connection.rollback()


def act(connection: Connection, number: int, key: bytes = KEY) -> int:
    return record(
        connection, Action.EXPORT, key=key, by="An Operator", now=START + timedelta(hours=number),
        reference=f"{number:032x}", details={"people": number, "purpose": "business-directory", "whole": True},
    )  # fmt: skip


def unlocked(connection: Connection) -> None:
    """Take the triggers away, as somebody with all rights over the database could."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP TRIGGER activity_is_kept ON activity"))
    else:
        for act in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER activity_no_{act}"))


def test_an_untouched_log_holds(log: Connection) -> None:
    proof = verify(log, KEYS)
    assert (proof.entries, proof.broken, proof.head) == (LENGTH, 0, head(log))
    assert [entry.details["people"] for entry in entries(log) if entry] == list(range(LENGTH))
    assert len(list(entries(log, START + timedelta(hours=3)))) == 2


def test_an_empty_log_holds(log: Connection) -> None:
    unlocked(log)
    log.execute(delete(ActivityRow))
    assert (head(log), verify(log, KEYS).broken) == (GENESIS, 0)


def flipped(value: Any) -> Any:
    """Return a value in which one bit is another."""
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, dict):
        return {**value, "people": value["people"] ^ 1}
    if isinstance(value, int):
        return value ^ 64
    return chr(ord(value[0]) ^ 1) + value[1:]


@pytest.mark.parametrize("column", [column.name for column in ActivityRow.__table__.columns])
@pytest.mark.parametrize("number", [1, 3, LENGTH])
def test_one_bit_is_found(log: Connection, column: str, number: int) -> None:
    unlocked(log)
    table = ActivityRow.__table__
    value = log.scalar(select(table.c[column]).where(table.c.sequence == number))
    log.execute(update(ActivityRow).where(ActivityRow.sequence == number).values({column: flipped(value)}))
    proof = verify(log, KEYS)
    assert proof.broken == number
    assert proof.reason


def swap(connection: Connection) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        connection.execute(update(ActivityRow).where(ActivityRow.sequence == old).values(sequence=new))


def take_out(connection: Connection) -> None:
    connection.execute(delete(ActivityRow).where(ActivityRow.sequence == 2))


def take_out_and_close_up(connection: Connection) -> None:
    take_out(connection)
    for number in range(3, LENGTH + 1):
        connection.execute(update(ActivityRow).where(ActivityRow.sequence == number).values(sequence=number - 1))


def put_in(connection: Connection) -> None:
    row = connection.execute(select(ActivityRow.__table__).where(ActivityRow.sequence == LENGTH)).mappings().one()
    connection.execute(insert(ActivityRow), [{**row, "sequence": LENGTH + 1}])


def rebuild_without_the_secret(connection: Connection) -> None:
    connection.execute(delete(ActivityRow))
    for number in range(LENGTH):
        act(connection, number, b"another secret of enough letters")


@pytest.mark.parametrize(
    ("tamper", "broken"),
    [(swap, 2), (take_out, 2), (take_out_and_close_up, 2), (put_in, LENGTH + 1), (rebuild_without_the_secret, 1)],
)
def test_what_was_moved_or_removed_is_found(log: Connection, tamper: Callable[[Connection], None], broken: int) -> None:
    unlocked(log)
    tamper(log)
    assert verify(log, KEYS).broken == broken


def test_a_cut_off_end_is_found_by_what_was_noted(log: Connection) -> None:
    unlocked(log)
    noted = head(log)
    act(log, LENGTH)
    assert verify(log, KEYS, noted).broken == 0
    log.execute(delete(ActivityRow).where(ActivityRow.sequence >= LENGTH))
    assert verify(log, KEYS).broken == 0  # the chain alone cannot know
    proof = verify(log, KEYS, noted)
    assert (proof.broken, proof.entries) == (LENGTH, LENGTH - 1)


@pytest.mark.parametrize("change", ["details = '[1]'", "details = '{'", "at = 'never'", "\"by\" = CAST(x'ff' AS TEXT)"])
def test_damage_that_cannot_be_read_is_found(log: Connection, change: str) -> None:
    if log.dialect.name == "postgresql" and change != "details = '[1]'":
        pytest.skip("PostgreSQL lets no such nonsense in")
    unlocked(log)
    log.execute(text(f"UPDATE activity SET {change} WHERE sequence = 4"))
    assert verify(log, KEYS).broken == 4


@pytest.mark.parametrize("sql", ["UPDATE activity SET \"by\" = 'x'", "DELETE FROM activity", "TRUNCATE activity"])
def test_the_database_refuses_to_change_it(log: Connection, sql: str) -> None:
    if log.dialect.name == "sqlite" and sql.startswith("TRUNCATE"):
        pytest.skip("SQLite knows no TRUNCATE")
    with pytest.raises(DBAPIError, match="only ever added to"):
        log.execute(text(sql))


@pytest.mark.parametrize("value", ["jane@noord.example", "Jane Roe", "x" * 129])
@pytest.mark.parametrize("where", ["reference", "details"])
def test_nobodys_value_gets_in(log: Connection, value: str, where: str) -> None:
    given: dict[str, Any] = {where: value if where == "reference" else {"who": value}}
    with pytest.raises(ValueError, match="not a count") as raised:
        record(log, Action.ERASE, key=KEY, by="An Operator", now=START, **given)
    assert value not in str(raised.value)


def test_a_new_secret_continues_the_chain(log: Connection) -> None:
    new = b"n" * 32
    act(log, LENGTH, new)
    assert verify(log, Keyring(new, (KEY,))).broken == 0
    assert verify(log, Keyring(new), earlier=[KEY]).broken == 0
    assert "another secret" in verify(log, Keyring(new)).reason


def test_processes_append_one_after_another(database_url: str) -> None:
    engine = open_store(make_url(database_url))
    with ThreadPoolExecutor(3) as pool:  # each with a connection of its own, as processes have
        for done in [pool.submit(append, engine, 10) for _ in range(3)]:
            done.result()
    with engine.connect() as connection:
        proof = verify(connection, KEYS)
    assert (proof.entries, proof.broken) == (30, 0)
    engine.dispose()


def append(engine: Engine, times: int) -> None:
    for number in range(times):
        with engine.begin() as connection:
            act(connection, number)
