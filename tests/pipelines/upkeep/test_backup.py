"""A backup holds one moment of the store, and a restore brings exactly that back, on either database."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.engine import make_url

from pipelines.errors import BackupError, RefusedError, UsageError
from pipelines.master.backup import read_backup, verify, write_backup, write_dump
from pipelines.master.backup.dump import consistent
from pipelines.master.backup.sealing import CHUNK, MAGIC, SealedReader, SealingWriter, read_key
from pipelines.master.backup.verify import LONGEST_LINE
from pipelines.master.choices import SuppressionRow
from pipelines.master.database import connect, head_revision, open_store, upgrade
from pipelines.master.models import MentionRow, PersonRow, StatementRow
from pipelines.rights import consents
from pipelines.rights.consents import Act
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import ALL, NO_EMAIL, for_purpose, keyed_hashes, lift, standings, suppress
from pipelines.runs.lease import acquire
from pipelines.upkeep.restoring import Restored, restore
from pipelines.upkeep.saving import save
from tests.support.kept import JANE, SECRET, rows
from tests.support.reported import Seen, store

KEY = b"k" * 32


def _edited(data: bytes, line: int, old: str, new: str, *, hashed: bool = True) -> bytes:
    """Change one line of a dump, with a checksum that fits unless it should not."""
    lines = gzip.decompress(data).decode().splitlines(keepends=True)
    assert old in lines[line]
    lines[line] = lines[line].replace(old, new)
    if hashed:
        trailer = json.loads(lines[-1])
        trailer["sha256"] = hashlib.sha256("".join(lines[:-1]).encode()).hexdigest()
        lines[-1] = f"{json.dumps(trailer)}\n"
    return gzip.compress("".join(lines).encode())


def back(
    path: Path, engine: Engine, home: Path, seal: bytes | None = None, secret: bytes | Keyring = SECRET
) -> Restored:
    return restore(path, engine, home, seal=seal, secret=secret, revealing_employers=False)


@pytest.mark.parametrize("seal", [None, KEY])
def test_what_was_backed_up_comes_back(engine: Engine, home: Path, tmp_path: Path, seal: bytes | None) -> None:
    before, file = rows(engine), tmp_path / "backup"
    dump = save(engine.url, file, seal=seal, secret=SECRET)
    assert dump.manifest.schema == head_revision()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (b"jane" in gzip.decompress(file.read_bytes())) if seal is None else file.read_bytes().startswith(MAGIC)
    with engine.begin() as connection:
        connection.execute(update(StatementRow).values(normalised="spoilt", original="spoilt"))
        connection.execute(delete(SuppressionRow))
    done = back(file, engine, home, seal)
    assert rows(engine) == before
    assert (done.removed, done.screened) == (0, 0)
    assert not (home / "restoring").exists()


def test_a_store_moves_from_one_database_to_the_other(
    postgresql_url: str, tmp_path: Path, home: Path, engine: Engine
) -> None:
    file = tmp_path / "backup"
    save(engine.url, file, seal=None, secret=SECRET)
    for url in (postgresql_url, f"sqlite:///{tmp_path / 'other.db'}"):
        other = open_store(make_url(url))
        back(file, other, home)
        assert rows(other) == rows(engine)
        other.dispose()


def test_an_older_schema_is_restored_into_todays(tmp_path: Path, home: Path, engine: Engine) -> None:
    old = connect(make_url(f"sqlite:///{tmp_path / 'old.db'}"))
    upgrade(old, "0001")
    file = tmp_path / "backup"
    save(old.url, file, seal=None, secret=SECRET)
    old.dispose()
    done = back(file, engine, home)
    assert done.manifest.schema == "0001"
    assert rows(engine)["person"] == []
    assert len(rows(engine)["suppression"]) == 1


@pytest.mark.parametrize("scope", [ALL, for_purpose("business-directory")])
def test_nobody_comes_back_who_was_suppressed_since(engine: Engine, home: Path, tmp_path: Path, scope: str) -> None:
    file = tmp_path / "backup"
    save(engine.url, file, seal=None, secret=SECRET)
    with engine.begin() as connection:
        suppress(connection, SECRET, [("email", "jane.roe@noord.example")], "erasure", datetime.now(UTC), scope=scope)
    done = back(file, engine, home)
    assert (done.suppressions, done.removed) == (2, 2)
    with engine.connect() as connection:
        assert connection.scalars(select(PersonRow.name)).all() == ["Ján Roe"]
    left = json.dumps(rows(engine), default=str)
    assert "Jane" not in left
    assert "press.example/jane" not in left
    assert len(rows(engine)["suppression"]) == 2


def test_an_objection_to_another_purpose_takes_nothing_out_of_a_restore(
    engine: Engine, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    save(engine.url, file, seal=None, secret=SECRET)
    with engine.begin() as connection:
        named = [("email", "jane.roe@noord.example")]
        suppress(connection, SECRET, named, "objection", datetime.now(UTC), scope=for_purpose("press-list"))
    assert back(file, engine, home).removed == 0


def test_what_people_have_said_since_outlives_a_restore(engine: Engine, home: Path, tmp_path: Path) -> None:
    keys, now = Keyring(SECRET), datetime.now(UTC)
    who, gone = [("email", "jane.roe@noord.example")], [("email", "gone@noord.example")]
    act = Act("given", "directory", "email", now, "optin@1", "ab" * 32, "paper", "box 7")
    with engine.begin() as connection:
        consents.record(connection, keys, who, act, by="op", now=now)
        suppress(connection, keys, who, "objection", now, scope=NO_EMAIL)
    file = tmp_path / "backup"
    save(engine.url, file, seal=None, secret=SECRET)
    with engine.begin() as connection:
        consents.record(connection, keys, who, Act("withdrawn", "directory", "email", now), by="op", now=now)
        assert lift(connection, keys, gone, now, scope="all") == 1
        assert lift(connection, keys, who, now, scope=NO_EMAIL) == 1
    renewed = Keyring(b"n" * 32, (SECRET,))  # and the key was exchanged
    back(file, engine, home, secret=renewed)
    with engine.connect() as connection:
        hashes = [keyed_hashes(renewed, who), keyed_hashes(renewed, gone)]
        assert [one.scopes for one in standings(connection, hashes)] == [frozenset(), frozenset()]
        assert consents.live(connection, hashes, "directory", now) == [frozenset(), frozenset()]
        assert set(connection.scalars(select(PersonRow.name))) == {"Jane Roe", "Ján Roe"}


def test_a_suppression_list_under_another_secret_is_refused(engine: Engine, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    save(engine.url, file, seal=None, secret=SECRET)
    with pytest.raises(RefusedError, match="another CARDFILE_SECRET"):
        back(file, engine, home, secret=b"x" * 32)


def test_a_restore_waits_for_crawls_to_end(engine: Engine, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    save(engine.url, file, seal=None, secret=SECRET)
    acquire(engine, "source:one", "the source")
    with pytest.raises(RefusedError, match="running"):
        back(file, engine, home)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: data[: len(data) // 2], "cut off"),
        (lambda data: data[:-5] + bytes([data[-5] ^ 1]) + data[-4:], "cut off or changed"),
        (lambda data: b"", "its end is missing"),
        (lambda data: b"SQLite format 3\0", "no backup"),
        (lambda data: gzip.compress(b"hello\n"), "line 1 is no row"),
        (lambda data: gzip.compress(b"[" * 100_000 + b"\n"), "line 1 is no row"),
        (lambda data: gzip.compress(b'{"cardfile":"backup","format":9}\n'), "newer Cardfile"),
        (lambda data: gzip.compress(b'{"cardfile":"backup","format":1}\n'), "manifest is incomplete"),
        (lambda data: _edited(data, 0, '"schema":"', '"schema":"9'), "newer one"),
        (lambda data: _edited(data, 0, '"name"', '"nmae"'), "not those of schema"),
        (lambda data: _edited(data, 1, '["organisation"', '["organisations"'), "fits no table"),
        (lambda data: _edited(data, 1, ",1,", ',"1",'), "breaks the schema"),
        (lambda data: _edited(data, 1, '"Noord NV"', '"a\\u0000b"'), "breaks the schema"),
        (lambda data: _edited(data, 1, '"Noord NV"', '"\\ud800"'), "breaks the schema"),
        (lambda data: _edited(data, -2, "Noord", "Suder", hashed=False), "checksum is wrong"),
        (lambda data: gzip.compress(gzip.decompress(data) + b"{}\n"), "behind its end"),
        (lambda data: gzip.compress(b"[" + b" " * (LONGEST_LINE + 2)), "line 1 is no row"),  # a bomb of 64 KB
        (lambda data: _edited(data, 0, '"alert"', '"../../etc/alert"'), "checksum is wrong"),
        (lambda data: _edited(data, 1, "Noord NV", "x'); DROP TABLE person; --"), "breaks an invariant"),
    ],
)  # fmt: skip
def test_a_hostile_or_damaged_file_changes_nothing(
    tmp_path: Path, home: Path, spoil: Callable[[bytes], bytes], says: str
) -> None:
    engine = store(f"sqlite:///{tmp_path / 'cardfile.db'}", [Seen(JANE)])
    file = tmp_path / "backup"
    save(engine.url, file, seal=None, secret=SECRET)
    file.write_bytes(spoil(file.read_bytes()))
    before = rows(engine)
    with pytest.raises(BackupError, match=f"^{file} cannot be restored: .*{says}"):
        back(file, engine, home)
    assert rows(engine) == before
    engine.dispose()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: data[:-1], "changed or cut off"),
        (lambda data: data[: len(MAGIC) + 16 + CHUNK + 16], "changed or cut off"),
        (lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:], "another one"),
        (lambda data: data + b"more", "another one"),
    ],
)
def test_a_sealed_file_shows_every_change(tmp_path: Path, spoil: Callable[[bytes], bytes], says: str) -> None:
    file = tmp_path / "sealed"
    write_backup(file, KEY, lambda stream: stream.write(os.urandom(3 * CHUNK)))
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(BackupError, match=says), read_backup(file, KEY) as stream:
        stream.read()


@given(st.binary(max_size=3), st.integers(-2, 2), st.integers(0, 3))
def test_a_sealed_stream_gives_back_what_went_in(more: bytes, edge: int, chunks: int) -> None:
    plain = b"x" * max(0, chunks * CHUNK + edge) + more
    file = io.BytesIO()
    with SealingWriter(file, KEY) as sealing:
        sealing.write(plain)
    file.seek(0)
    assert io.BufferedReader(SealedReader(file, KEY)).read() == plain


def test_an_encrypted_backup_needs_its_key(engine: Engine, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    save(engine.url, file, seal=KEY, secret=SECRET)
    with pytest.raises(UsageError, match="--key-file"):
        back(file, engine, home)
    with pytest.raises(BackupError, match="another one"):
        back(file, engine, home, b"o" * 32)


@pytest.mark.parametrize(("content", "mode", "says"), [("k" * 64, 0o644, "read by others"), ("short", 0o600, "no key")])
def test_a_careless_key_file_is_refused(tmp_path: Path, content: str, mode: int, says: str) -> None:
    path = tmp_path / "key"
    path.write_text(content, "utf-8")
    path.chmod(mode)
    with pytest.raises(UsageError, match=says):
        read_key(path)


def test_a_backup_that_fails_leaves_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_bytes(b"yesterday")

    def full(_stream: IO[bytes]) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_backup(file, KEY, full)
    assert file.read_bytes() == b"yesterday"
    assert list(tmp_path.iterdir()) == [file]


KILLED = """
    import os, signal
    from pathlib import Path
    from sqlalchemy.engine import make_url
    from pipelines.master.database import open_store
    from pipelines.upkeep import restoring

    real = restoring.replace_contents

    def killed(ours, theirs):
        real(ours, theirs)
        os.kill(os.getpid(), signal.SIGKILL)

    restoring.replace_contents = killed
    restoring.restore(Path({file!r}), open_store(make_url({url!r})), Path({home!r}), seal=None, secret={secret!r},
                      revealing_employers=False)
"""


def test_a_restore_killed_at_its_last_moment_leaves_the_store_as_it_was(
    engine: Engine, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    save(engine.url, file, seal=None, secret=SECRET)
    with engine.begin() as connection:
        connection.execute(update(MentionRow).values(language="xx"))
    before = rows(engine)
    engine.dispose()
    url = engine.url.render_as_string(hide_password=False)
    script = textwrap.dedent(KILLED).format(file=str(file), url=url, home=str(home), secret=SECRET)
    ended = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[3], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert rows(engine) == before
    back(file, engine, home)
    assert rows(engine) != before
    assert not (home / "restoring").exists()


def test_a_backup_is_one_moment_while_others_write(engine: Engine, tmp_path: Path) -> None:
    with consistent(engine) as connection:
        first = connection.execute(select(MentionRow.id)).all()
        with engine.begin() as writer:
            suppress(writer, SECRET, [("email", "late@noord.example")], "objection", datetime.now(UTC))
        write_backup(tmp_path / "backup", None, lambda stream: write_dump(connection, stream, head_revision(), ""))
    with read_backup(tmp_path / "backup", None) as stream:
        held = verify(stream).rows
    assert (held["suppression"], held["mention"]) == (1, len(first))
