"""No fault of the store is answered by a traceback: every command over it says one sentence and its exit code."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from pipelines.master.database import connect, upgrade
from pipelines.upkeep.saving import save
from tests.support import commands
from tests.support.kept import SECRET, filled

COMMANDS = {
    "check": ("db", "check"),
    "rebuild": ("db", "rebuild"),
    "rescreen": ("db", "rescreen"),
    "backup": ("db", "backup", "{folder}/backup"),
    "restore": ("db", "restore", "{folder}/good"),
    "resolve": ("resolve",),
    "why": ("why", "Jane Roe"),
    "audit": ("audit",),
    "provenance": ("report", "provenance"),
    "runs": ("report", "runs"),
    "compliance": ("report", "compliance"),
    "quality": ("report", "quality"),
    "judge": ("judge", "a", "b", "--same", "--by", "A. Reviewer"),
    "suppress": ("suppress", "--email", "jane.roe@noord.example", "--reason", "objection"),
    "retain": ("retain", "--dry-run"),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled store, whose file the tests copy and spoil, and a good backup of it."""
    folder = tmp_path_factory.mktemp("good")
    engine = filled(f"sqlite:///{folder / 'cardfile.db'}")
    save(engine.url, folder / "good", seal=None, secret=SECRET)
    engine.dispose()
    return folder / "cardfile.db"


def damaged(path: Path, data: bytes) -> None:
    size = 4096
    path.write_bytes(data[:size] + b"\xa5" * (len(data) - size))


def foreign(path: Path, data: bytes) -> None:
    path.write_bytes(b"This is a letter and no database. " * 500)


def other(path: Path, data: bytes) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE invoice (id INTEGER)")
    connection.close()


def newer(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


def older(path: Path, data: bytes) -> None:
    engine = connect(make_url(f"sqlite:///{path}"))
    upgrade(engine, "0003")
    engine.dispose()


#: What is wrong with the file, and what every command says of it.
FAULTS: list[tuple[Callable[[Path, bytes], None], str]] = [
    (damaged, "`scrapy db restore` a backup"),
    (foreign, "`scrapy db restore` a backup"),
    (other, "not Cardfile's"),
    (newer, "newer than this program knows; use a newer Cardfile"),
    (older, "run `scrapy db upgrade`"),
]
#: All commands open the store by one door, so not every fault needs every command; a backup of another schema is one.
SOME = ("check", "resolve", "why")
CASES = [
    pytest.param(spoil, says, name, id=f"{spoil.__name__}-{name}")
    for spoil, says in FAULTS
    for name in COMMANDS
    if spoil is damaged or name in SOME or (name, spoil) == ("backup", other)
]


@pytest.mark.parametrize(("spoil", "says", "name"), CASES)
def test_every_command_says_what_is_wrong(
    good: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Path, bytes], None],
    says: str,
    name: str,
) -> None:
    spoil(tmp_path / "cardfile.db", good.read_bytes())
    arguments = [argument.format(folder=good.parent) for argument in COMMANDS[name]]
    code = commands.call(*arguments, CARDFILE_HOME=str(tmp_path), CARDFILE_SECRET=SECRET.decode())
    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    assert says in told.err
    assert told.err.count("\n") == 1
