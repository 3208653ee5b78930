"""Restoring a backup so that nobody comes back who was put out, and nothing that today's rules would not store."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from pipelines.errors import BackupError, RefusedError, StoreLocked
from pipelines.master.backup import Manifest, read_backup, replace_contents, stage, verify
from pipelines.master.check import check
from pipelines.master.choices import SuppressionRow
from pipelines.master.database import reading
from pipelines.resolution.rebuild import rebuild
from pipelines.resolution.resolver import resolve_pending
from pipelines.rights.secret import Keyring
from pipelines.runs.lease import held
from pipelines.upkeep.remembering import carry_over, remember
from pipelines.upkeep.replay import remove_suppressed
from pipelines.upkeep.rescreen import rescreen

#: Bytes that a staged store needs for each byte of the dump unpacked: rows, indexes and the write-ahead log.
_ROOM = 4


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: rows by table, suppressions carried over, mentions they removed, statements screened out."""

    manifest: Manifest
    rows: dict[str, int]
    suppressions: int
    removed: int
    screened: int


def key_check(key: bytes) -> str:
    """Return what tells whether two installations have the same secret; nothing about the secret follows from it."""
    return hmac.new(key, b"cardfile backup", hashlib.sha256).hexdigest()[:16]


def restore(
    path: Path, target: Engine, home: Path, *, seal: bytes | None, secret: bytes | Keyring, revealing_employers: bool
) -> Restored:
    """Replace what a store holds by what a backup holds, less whoever was put out since.

    The file is verified whole, loaded into a staging store in `home`, brought to today's schema, screened by today's
    rules and by the suppressions of both, and checked; only then does one transaction exchange the contents. Until
    that commits, whatever happens, the store is as it was.

    Raises BackupError for a file that is damaged, foreign or too new, RefusedError while a crawl runs or where the
    suppression list was made with another secret, StoreLocked while another restore runs.
    """
    _no_crawl(target)
    with staging(home) as folder:
        with read_backup(path, seal) as stream:
            dump = verify(stream)
        known = {key_check(key) for key in Keyring.of(secret).keys}
        if dump.rows.get("suppression") and dump.manifest.key_check not in known:
            raise RefusedError(
                f"{path} holds a suppression list made with another CARDFILE_SECRET; name it in"
                " CARDFILE_SECRET_PREVIOUS, or people who have opted out would come back."
            )
        if dump.size * _ROOM > shutil.disk_usage(folder).free:
            raise BackupError(f"{path} needs about {dump.size * _ROOM >> 20} MB in {home} to be unpacked; make room.")
        with read_backup(path, seal) as stream:
            staged = stage(folder / "staged.db", stream, dump.manifest)
            with reading(target) as current, staged.begin() as connection:
                remembered = remember(current)  # before it is carried over: what comes in between is told by its hash
                carry_over(connection, current)
            removed, screened = _prepare(staged, secret, revealing_employers=revealing_employers)
        with reading(staged) as ours, target.begin() as theirs:
            if remember(theirs) != remembered:
                raise RefusedError(
                    "A suppression or a consent was recorded while the backup was read; restore it again."
                )
            replace_contents(ours, theirs)
        staged.dispose()
    suppressions = remembered.rows[SuppressionRow.__tablename__]
    return Restored(dump.manifest, dump.rows, suppressions, removed, screened)


def _no_crawl(target: Engine) -> None:
    with reading(target) as connection:
        running = sorted(held(connection))
    if running:
        raise RefusedError(f"{len(running)} crawl(s) of this store are running; restore when they have ended.")


def _prepare(staged: Engine, secret: bytes | Keyring, *, revealing_employers: bool) -> tuple[int, int]:
    """Take out of a staged store who and what may not come back, and make sure that it is sound."""
    with staged.begin() as connection:
        removed = remove_suppressed(connection, secret)
        screened = len(rescreen(connection, revealing_employers=revealing_employers).statements)
        if removed or screened:
            rebuild(connection)
        else:
            resolve_pending(connection)  # a backup made during a crawl may hold what was not resolved yet
        broken = [finding for finding in check(connection) if finding.broken]
    if broken:
        raise BackupError(f"it breaks an invariant ({broken[0].invariant}); it is not what Cardfile writes")
    return removed, screened


@contextmanager
def staging(home: Path) -> Iterator[Path]:
    """A folder of one restore's own; what a killed one left behind goes first."""
    folder = home / "restoring"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "restoring.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreLocked("Another restore is running; wait for it to end.") from None
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
