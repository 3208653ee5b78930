"""The activity log: what was changed, moved or taken out afterwards is found, and nobody's value can get in."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
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


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        for number in range(LENGTH):
            act(connection, number)
    yield engine
    engine.dispose()


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


def test_an_untouched_log_holds(engine: Engine) -> None:
    with engine.connect() as connection:
        proof = verify(connection, KEYS)
        assert (proof.entries, proof.broken, proof.head) == (LENGTH, 0, head(connection))
        assert [entry.details["people"] for entry in entries(connection) if entry] == list(range(LENGTH))
        assert len(list(entries(connection, START + timedelta(hours=3)))) == 2


def test_an_empty_log_holds(database_url: str) -> None:
    engine = open_store(make_url(database_url))
    with engine.connect() as connection:
        assert (head(connection), verify(connection, KEYS).broken) == (GENESIS, 0)
    engine.dispose()


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
def test_one_bit_is_found(engine: Engine, column: str, number: int) -> None:
    with engine.begin() as connection:
        unlocked(connection)
        table = ActivityRow.__table__
        value = connection.scalar(select(table.c[column]).where(table.c.sequence == number))
        connection.execute(update(ActivityRow).where(ActivityRow.sequence == number).values({column: flipped(value)}))
        proof = verify(connection, KEYS)
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
def test_what_was_moved_or_removed_is_found(engine: Engine, tamper: Callable[[Connection], None], broken: int) -> None:
    with engine.begin() as connection:
        unlocked(connection)
        tamper(connection)
        assert verify(connection, KEYS).broken == broken


def test_a_cut_off_end_is_found_by_what_was_noted(engine: Engine) -> None:
    with engine.begin() as connection:
        unlocked(connection)
        noted = head(connection)
        act(connection, LENGTH)
        assert verify(connection, KEYS, noted).broken == 0
        connection.execute(delete(ActivityRow).where(ActivityRow.sequence >= LENGTH))
        assert verify(connection, KEYS).broken == 0  # the chain alone cannot know
        proof = verify(connection, KEYS, noted)
    assert (proof.broken, proof.entries) == (LENGTH, LENGTH - 1)


def test_damage_that_cannot_be_read_is_found(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            unlocked(connection)
            connection.execute(text("UPDATE activity SET details = '[1]' WHERE sequence = 4"))
            assert verify(connection, KEYS).broken == 4
        return  # it lets no other nonsense in
    for column, nonsense in (("details", "'{'"), ("at", "'never'"), ("by", "CAST(x'ff' AS TEXT)")):
        with engine.connect() as connection:
            connection.begin()
            unlocked(connection)
            connection.execute(text(f"UPDATE activity SET {column} = {nonsense} WHERE sequence = 4"))
            assert verify(connection, KEYS).broken == 4, column
            connection.rollback()


@pytest.mark.parametrize("sql", ["UPDATE activity SET by = 'x'", "DELETE FROM activity"])
def test_the_database_refuses_to_change_it(engine: Engine, sql: str) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError, match="only ever added to"):
        connection.execute(text(sql.replace(" by ", ' "by" ')))


def test_postgresql_refuses_to_truncate_it(postgresql_url: str) -> None:
    engine = open_store(make_url(postgresql_url))
    with engine.connect() as connection, pytest.raises(DBAPIError, match="only ever added to"):
        connection.execute(text("TRUNCATE activity"))
    engine.dispose()


@pytest.mark.parametrize("value", ["jane@noord.example", "Jane Roe", "x" * 129])
@pytest.mark.parametrize("where", ["reference", "details"])
def test_nobodys_value_gets_in(engine: Engine, value: str, where: str) -> None:
    given: dict[str, Any] = {where: value if where == "reference" else {"who": value}}
    with engine.begin() as connection, pytest.raises(ValueError, match="not a count") as raised:
        record(connection, Action.ERASE, key=KEY, by="An Operator", now=START, **given)
    assert value not in str(raised.value)


def test_a_new_secret_continues_the_chain(engine: Engine) -> None:
    new = b"n" * 32
    with engine.begin() as connection:
        act(connection, LENGTH, new)
        assert verify(connection, Keyring(new, (KEY,))).broken == 0
        assert verify(connection, Keyring(new), earlier=[KEY]).broken == 0
        assert "another secret" in verify(connection, Keyring(new)).reason


def test_processes_append_one_after_another(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=append, args=(url, 10)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    with engine.connect() as connection:
        proof = verify(connection, KEYS)
    assert (proof.entries, proof.broken) == (LENGTH + 30, 0)


def append(url: str, times: int) -> None:
    engine = open_store(make_url(url))
    for number in range(times):
        with engine.begin() as connection:
            act(connection, number)
    engine.dispose()
