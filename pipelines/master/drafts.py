"""Files that are whole or not there: written beside their place and moved to it at the end.

What a killed process left of a draft may hold people's data, and nobody would look for it. So whoever writes the same
file next takes it away.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import psutil


@contextmanager
def drafted(path: Path) -> Iterator[BinaryIO]:
    """Open a new file of mode 0600 that takes its place at `path` when the block ends well and all is on the disk.

    A failure leaves what stood at the path before, and nothing else. Raises OSError.
    """
    path.parent.stat()  # an error names the folder that is not there, and not the draft in it
    _clear(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _clear(path: Path) -> None:
    """Remove the drafts of processes that are no more."""
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        number = draft.name.split(".")[-2]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            draft.unlink(missing_ok=True)
