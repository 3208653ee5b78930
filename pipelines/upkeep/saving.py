"""Backing up: one moment of the store in one file, read again before anybody relies on it."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from sqlalchemy.engine import URL

from pipelines.errors import SchemaMismatch
from pipelines.master.backup import Dump, Manifest, read_backup, verify, write_backup, write_dump
from pipelines.master.backup.dump import consistent
from pipelines.master.database import connect, current_revision
from pipelines.upkeep.restoring import key_check


def save(url: URL, path: Path, *, seal: bytes | None, secret: bytes) -> Dump:
    """Write a backup of the store to a file and read it back; returns what the file holds.

    Crawls may go on: the file holds one moment. A store of an older schema is backed up as it is, so that a backup can
    precede an upgrade. Raises SchemaMismatch for a database without a schema of ours, OSError when the file cannot be
    written, BackupError when it does not read back.
    """
    engine = connect(url)
    schema = current_revision(engine)
    if schema is None:
        raise SchemaMismatch("The store is empty or not Cardfile's; there is nothing to back up.")

    def write(stream: IO[bytes]) -> Manifest:
        with consistent(engine) as connection:
            return write_dump(connection, stream, schema, key_check(secret))

    write_backup(path, seal, write)
    engine.dispose()
    with read_backup(path, seal) as stream:
        return verify(stream)
