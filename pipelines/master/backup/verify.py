"""Reading a dump: nothing of it is believed before all of it was checked."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from pipelines.errors import BackupError
from pipelines.master.backup.dump import FORMAT, Manifest

#: A statement is some kilobytes; the statistics of resolution, the largest value, are a few megabytes.
LONGEST_LINE = 64 << 20
_TEXTS = ("schema", "made_at", "engine", "key_check")


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump that was read to its end and found whole: its manifest, its rows by table, and its size unpacked."""

    manifest: Manifest
    rows: dict[str, int]
    size: int


def lines(stream: IO[bytes]) -> Iterator[tuple[bytes, Any]]:
    """Yield the lines of a dump, raw and parsed; BackupError for anything that is none."""
    number = 0
    try:
        with gzip.GzipFile(fileobj=stream, mode="rb") as packed:
            while line := packed.readline(LONGEST_LINE + 1):
                number += 1
                yield line, _parsed(line)
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise BackupError(f"it is no backup, or it was cut off or changed behind line {number}") from None
    except (ValueError, RecursionError):
        raise BackupError(f"line {number} is no row of a backup") from None


def _parsed(line: bytes) -> Any:
    if len(line) > LONGEST_LINE or not line.endswith(b"\n"):
        raise ValueError
    return json.loads(line, parse_constant=_no_constant)


def _no_constant(_name: str) -> None:
    raise ValueError  # NaN and the infinities are no JSON


def rows(stream: IO[bytes]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the rows of a dump as (table, values)."""
    for _, value in lines(stream):
        if isinstance(value, list):
            yield value[0], value[1:]


def verify(stream: IO[bytes]) -> Dump:
    """Read a whole dump and return what it holds; raises BackupError when it is not as it was written."""
    hasher, counts, size = hashlib.sha256(), Counter[str](), 0
    manifest, trailer = None, None
    for raw, value in lines(stream):
        size += len(raw)
        if trailer is not None:
            raise BackupError("something stands behind its end")
        if manifest is None:
            manifest = _manifest(value)
        elif isinstance(value, dict):
            trailer = value
            continue
        else:
            counts[_checked(value, manifest)] += 1
        hasher.update(raw)
    if manifest is None or trailer is None:
        raise BackupError("its end is missing")
    told = {table: counts[table] for table in manifest.tables}
    if trailer != {"rows": told, "sha256": hasher.hexdigest()}:
        raise BackupError("its checksum is wrong; it was changed after it was written")
    return Dump(manifest, told, size)


def _manifest(value: Any) -> Manifest:
    if not isinstance(value, dict) or value.pop("cardfile", "") != "backup":
        raise BackupError("it does not begin like a backup of Cardfile")
    if value.get("format") != FORMAT:
        raise BackupError("it has a format that this program does not know; use a newer Cardfile")
    try:
        manifest = Manifest(**value)
    except TypeError:
        raise BackupError("its manifest is incomplete") from None
    texts = all(isinstance(getattr(manifest, name), str) for name in _TEXTS)
    shapes = isinstance(manifest.tables, dict) and all(
        isinstance(columns, list) and all(isinstance(column, str) for column in columns)
        for columns in manifest.tables.values()
    )
    if not texts or not shapes:
        raise BackupError("its manifest is malformed")
    return manifest


def _checked(value: Any, manifest: Manifest) -> str:
    table = value[0] if isinstance(value, list) and value and isinstance(value[0], str) else ""
    if table not in manifest.tables or len(value) != len(manifest.tables[table]) + 1:
        raise BackupError("it holds a row that fits no table of its manifest")
    return table
