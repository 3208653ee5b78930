"""The tests' own footing: what the fixtures of `conftest.py` promise, they keep."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.master.models import Base
from tests.support import postgres
from tests.support.guard import sitecustomize as guard

TABLES = Base.metadata.sorted_tables
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "", None, b"127.0.0.1"]
)
def test_this_machine_is_local(host: str | bytes | None) -> None:
    assert guard.is_local(host)


@pytest.mark.parametrize(
    "host", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.7", "www.example.nl", b"192.0.2.7"]
)
def test_any_other_host_is_not(host: str | bytes) -> None:
    assert not guard.is_local(host)


def test_a_connection_to_another_machine_is_refused_and_remembered() -> None:
    with socket.socket() as connection, pytest.raises(guard.NetworkForbidden):
        connection.connect(("192.0.2.7", 80))
    assert guard.attempts == ["connection to 192.0.2.7"]
    guard.attempts.clear()


@pytest.mark.parametrize(("name", "remembered"), [("nowhere.example", []), ("cardfile.nl", ["look-up of cardfile.nl"])])
def test_a_name_resolves_to_nothing(name: str, remembered: list[str]) -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(name, 80)
    assert guard.attempts == remembered
    guard.attempts.clear()


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_a_child_process_is_guarded_too() -> None:
    child = subprocess.run(
        [sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.7', 80), timeout=1)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 1
    assert "NetworkForbidden" in child.stderr


@pytest.mark.parametrize("run", ["first", "second"])
def test_the_environment_is_nobodys(run: str) -> None:
    ours = {name for name in os.environ if name.startswith(("CARDFILE_", "SCRAPY_", "XDG_", "PG"))}
    assert ours <= {"CARDFILE_CHROMIUM", "SCRAPY_PROJECT"}
    assert "DATABASE_URL" not in os.environ
    assert not any(Path.home().iterdir())
    # What one run leaves behind, the other would find.
    os.environ["SCRAPY_SETTINGS_MODULE"] = "settings.dev"
    (Path.home() / "left").touch()


def test_a_fresh_store_is_todays_and_holds_nothing(database_url: str) -> None:
    engine = open_store(make_url(database_url))
    with engine.connect() as connection:
        assert not any(connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in TABLES)
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_the_database_is_empty(bare_url: str) -> None:
    engine = sa.create_engine(bare_url)
    with engine.begin() as connection:
        assert sa.inspect(connection).get_table_names() == []
        connection.execute(sa.text("CREATE TABLE left_over (id INTEGER)"))
    engine.dispose()


def test_the_server_inside_the_wheel_works_where_only_we_can_read_it(tmp_path: Path) -> None:
    # A project below /root: the user that the server has to run as cannot read its programs there.
    binaries = postgres.embedded()[0]
    package = binaries.parents[1]
    for part in (binaries.parent, package.with_name(f"{package.name}.libs")):
        copy = tmp_path / "private" / part.relative_to(package.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(part, copy, symlinks=True)
    (tmp_path / "private").chmod(0o700)
    private = tmp_path / "private" / binaries.relative_to(package.parent)
    with postgres.server(private) as server, server.database() as name:
        engine = sa.create_engine(server.url(name))
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT 6 * 7")) == 42
        engine.dispose()
    assert not server.socket_folder.exists()


_KILLED = """
from tests.support import postgres
with postgres.server(postgres.find()) as server:
    print(server.socket_folder, flush=True)
    input()
"""


def test_the_server_goes_when_its_session_is_killed() -> None:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", _KILLED]
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as child:
        assert child.stdout
        assert child.stderr
        folder = Path(child.stdout.readline().strip())
        assert (folder / "data").is_dir()
        child.kill()
        child.stderr.read()  # ends when the supervisor, which shares it, has cleaned up
    assert not folder.exists()
