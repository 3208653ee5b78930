"""The backups that this program wrote: known by where they lie, so that whoever is erased leaves them too.

A restore leaves out whoever is on the suppression list, so that nobody comes back. That is not enough for Article 17:
the file still holds the values. So an erasure writes each backup anew without them, or deletes it.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, inspect, select, update

from pipelines.errors import BackupError, RefusedError
from pipelines.master.backup import Manifest, read_backup, stage, verify, write_backup, write_dump
from pipelines.master.backup.dump import consistent
from pipelines.master.database import head_revision, reading
from pipelines.master.ids import content_id
from pipelines.master.requests import BackupRow
from pipelines.master.upsert import upsert
from pipelines.resolution.rebuild import rebuild
from pipelines.rights.secret import Keyring
from pipelines.upkeep.remembering import keep_out
from pipelines.upkeep.replay import remove_suppressed
from pipelines.upkeep.restoring import key_check, staging


class Policy(StrEnum):
    """What an erasure does with the backups that are known."""

    REWRITE = "rewrite"
    DELETE = "delete"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup that was written and, as far as known, still lies there."""

    id: str
    host: str
    path: Path
    sealed: bool
    made_at: datetime

    @property
    def here(self) -> bool:
        """Whether it was written on this machine; another one's files cannot be reached from here."""
        return self.host == socket.gethostname()


@dataclass(slots=True)
class Purged:
    """What became of the backups: written anew, deleted, found gone, and those that still hold what they held."""

    rewritten: int = 0
    deleted: int = 0
    missing: int = 0
    left: tuple[Path, ...] = ()


def note(engine: Engine, path: Path, *, sealed: bool, now: datetime) -> None:
    """Note that a backup was written; nothing where the store is of an older schema, which has no table for it."""
    place = str(path.resolve())
    host = socket.gethostname()
    row = {
        "id": content_id("backup", host, place), "host": host, "path": place, "sealed": sealed, "made_at": now,
        "rewritten_at": None, "gone_at": None,
    }  # fmt: skip
    with engine.begin() as connection:
        if inspect(connection).has_table(BackupRow.__tablename__):
            again = ("sealed", "made_at", "rewritten_at", "gone_at")
            upsert(connection, BackupRow, [row], lambda _, offered: {name: offered[name] for name in again})


def known(connection: Connection) -> list[Backup]:
    """Return the backups that were written and not yet found gone, the oldest first."""
    columns = (BackupRow.id, BackupRow.host, BackupRow.path, BackupRow.sealed, BackupRow.made_at)
    rows = connection.execute(select(*columns).where(BackupRow.gone_at.is_(None)).order_by(BackupRow.made_at))
    return [Backup(row.id, row.host, Path(row.path), row.sealed, row.made_at) for row in rows]


def ready(backups: Sequence[Backup], policy: Policy, seal: bytes | None) -> None:
    """Raise RefusedError where a policy cannot be carried out, before anything is erased."""
    if (
        policy is Policy.REWRITE
        and seal is None
        and any(one.sealed and one.here and one.path.exists() for one in backups)
    ):
        raise RefusedError(
            "A backup is encrypted: name its --key-file, so that it can be written anew without the person, or say"
            " --backups delete, or --backups keep where it ends soon in another way."
        )


def purge(engine: Engine, home: Path, policy: Policy, *, seal: bytes | None, secret: Keyring, now: datetime) -> Purged:
    """Take everybody on the suppression list out of the known backups of this machine.

    A backup of another machine or under another key stays in `left`, as all do with the policy "keep": a restore still
    leaves the people out, and the operator is told which files to end in another way.
    """
    with reading(engine) as connection:
        backups = known(connection)
    done = Purged()
    left: list[Path] = []
    for one in backups:
        if not one.here or (policy is Policy.KEEP and one.path.exists()):
            left.append(one.path)
            continue
        values: dict[str, datetime] = {}
        if not one.path.exists():
            done.missing += 1
            values["gone_at"] = now
        elif policy is Policy.DELETE:
            one.path.unlink()
            done.deleted += 1
            values["gone_at"] = now
        else:
            try:
                done.rewritten += _rewrite(one.path, home, engine, seal=seal if one.sealed else None, secret=secret)
                values["rewritten_at"] = now
            except BackupError:
                left.append(one.path)
                continue
        with engine.begin() as connection:
            connection.execute(update(BackupRow).where(BackupRow.id == one.id).values(values))
    done.left = tuple(left)
    return done


def _rewrite(path: Path, home: Path, engine: Engine, *, seal: bytes | None, secret: Keyring) -> int:
    """Write a backup anew without whoever is suppressed; return 1, or 0 where none of them was in it."""
    with staging(home) as folder:
        with read_backup(path, seal) as stream:
            dump = verify(stream)
        with read_backup(path, seal) as stream:
            staged = stage(folder / "staged.db", stream, dump.manifest)
        try:
            with staged.begin() as connection, reading(engine) as current:
                keep_out(connection, current)
                removed = remove_suppressed(connection, secret)
                if removed:
                    rebuild(connection)
            if not removed:
                return 0

            def write(stream: IO[bytes]) -> Manifest:
                with consistent(staged) as connection:
                    return write_dump(connection, stream, head_revision(), key_check(secret.current))

            write_backup(path, seal, write)
        finally:
            staged.dispose()
    with read_backup(path, seal) as stream:
        verify(stream)
    return 1
