"""What was recorded since a backup and must outlive its restore does, and every table has taken a stand."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Connection, Engine, Integer, String, Table, func, insert, select
from sqlalchemy import types as sql
from sqlalchemy.engine import make_url

from pipelines.master import upsert
from pipelines.master.activity import ActivityRow
from pipelines.master.backup.restore import ONLY_ADDED_TO
from pipelines.master.choices import SuppressionRow
from pipelines.master.database import open_store
from pipelines.master.models import Base, MentionRow
from pipelines.master.types import UtcDateTime
from pipelines.upkeep import remembering
from pipelines.upkeep.remembering import carry_over, remember
from pipelines.upkeep.restoring import restore
from pipelines.upkeep.saving import save
from tests.support.kept import SECRET, filled

#: What a restore brings back as it was: what was read, what was made of it, and who worked when.
REPLACED = frozenset(
    {
        "source", "run", "permission", "capture", "document", "mention", "statement", "block_key", "judgement",
        "statistics", "correction", "redirect", "person", "organisation", "employment", "master_value", "disposal",
        "lease", "plan_run", "plan_job", "alert", "host_turn", "apart", "apart_identifier",
    }
)  # fmt: skip
NOW = datetime(2026, 11, 20, tzinfo=UTC)
OUTLIVING = sorted(set(Base.metadata.tables) - REPLACED)
#: Sealed rows are another module's business; its own tests show that the log outlives a restore.
MADE_HERE = [name for name in OUTLIVING if name != ActivityRow.__tablename__]
Keys = dict[str, dict[str, Any]]


def test_every_table_has_taken_a_stand(engine: Engine) -> None:
    with engine.connect() as connection:
        remembered = set(remember(connection).rows)
    assert remembered | ONLY_ADDED_TO == set(OUTLIVING)


def fill(connection: Connection, name: str, keys: Keys) -> dict[str, Any]:
    """Insert one row of plausible values, and first what it leans on; note and return its key."""
    if name not in keys:
        table = Base.metadata.tables[name]
        row = {column.name: _value(connection, table, column.name, keys) for column in table.columns}
        connection.execute(insert(table), [row])
        keys[name] = {column.name: row[column.name] for column in table.primary_key}
    return keys[name]


def _value(connection: Connection, table: Table, name: str, keys: Keys) -> Any:
    column = table.columns[name]
    for key in column.foreign_keys:
        if key.column.table.name == MentionRow.__tablename__:
            return connection.scalar(select(func.min(MentionRow.id)))
        return fill(connection, key.column.table.name, keys)[key.column.name]
    kinds: list[tuple[type[sql.TypeEngine[Any]], Any]] = [
        (UtcDateTime, datetime(2026, 11, 20, tzinfo=UTC)), (JSON, {}), (Boolean, False), (Integer, 1),
    ]  # fmt: skip
    for kind, value in kinds:
        if isinstance(column.type, kind):
            return value
    assert isinstance(column.type, String)
    return "9" * min(column.type.length or 8, 8)


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Keys]]:
    """A store that was backed up, got a row in each table that must outlive a restore, and was restored."""
    folder = tmp_path_factory.mktemp("restored")
    engine = filled(f"sqlite:///{folder / 'cardfile.db'}")
    save(engine.url, folder / "backup", seal=None, secret=SECRET)
    with engine.begin() as connection:
        keys: Keys = {}
        for name in MADE_HERE:
            fill(connection, name, keys)
    restore(folder / "backup", engine, folder / "home", seal=None, secret=SECRET, revealing_employers=False)
    yield engine, keys
    engine.dispose()


@pytest.mark.parametrize("name", MADE_HERE)
def test_a_restore_forgets_nothing_of_it(restored: tuple[Engine, Keys], name: str) -> None:
    engine, keys = restored
    table = Base.metadata.tables[name]
    mine = [table.c[part] == value for part, value in keys[name].items()]
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(table).where(*mine)) == 1


def test_what_a_store_was_told_is_held_a_few_rows_at_a_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "_ROWS", 50)
    monkeypatch.setattr(upsert, "CHUNK", 50)

    def put(first: int, last: int) -> None:
        rows = [
            {"hash": f"{number:064}", "kind": "email", "reason": "objection", "created_at": NOW, "scope": "all",
             "key_id": "", "lifted_at": None}
            for number in range(first, last)
        ]  # fmt: skip
        with engine.begin() as connection:
            connection.execute(insert(SuppressionRow), rows)

    def peak() -> int:
        other = open_store(make_url("sqlite://"))
        with engine.connect() as theirs, other.begin() as ours:
            tracemalloc.start()
            told = remember(theirs)
            carry_over(ours, theirs)
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert remember(ours) == told
        other.dispose()
        return found

    put(0, 200)
    peak()  # fills caches
    small = peak()
    put(200, 2000)
    assert peak() < 1.5 * small


def test_an_objection_that_comes_in_meanwhile_is_noticed(engine: Engine) -> None:
    with engine.begin() as connection:
        before = remember(connection)
        assert remember(connection) == before
        fill(connection, "suppression", {})
        assert remember(connection) != before
