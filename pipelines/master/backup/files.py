"""A backup as a file: written beside its place and moved there whole, readable by its owner only."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, TypeVar, cast

from pipelines.errors import BackupError, UsageError
from pipelines.master.backup.sealing import MAGIC, SealedReader, SealingWriter
from pipelines.master.drafts import drafted

T = TypeVar("T")


def write_backup(path: Path, key: bytes | None, write: Callable[[IO[bytes]], T]) -> T:
    """Let `write` fill a new file of mode 0600 and move it to its place when it is whole and on the disk.

    With a key it is sealed. A failure leaves what stood at the path before. Raises OSError.
    """
    with drafted(path) as file:
        if key is None:
            result = write(file)
        else:
            with SealingWriter(file, key) as sealing:
                result = write(cast("IO[bytes]", sealing))
    return result


@contextmanager
def read_backup(path: Path, key: bytes | None) -> Iterator[IO[bytes]]:
    """Open a backup for reading, unsealed; BackupErrors raised meanwhile get the file's name in front."""
    with path.open("rb") as file:
        try:
            yield _opened(file, key)
        except BackupError as error:
            raise BackupError(f"{path} cannot be restored: {error}.") from None


def _opened(file: BinaryIO, key: bytes | None) -> IO[bytes]:
    sealed = file.read(len(MAGIC)) == MAGIC
    file.seek(0)
    if not sealed:
        return file
    if key is None:
        raise UsageError("The backup is encrypted; name its key file with --key-file.")
    return io.BufferedReader(SealedReader(file, key))
