"""Making sure that what was deleted is in no byte of the store either.

SQLite keeps older pages in its write-ahead log until that is emptied, and pieces of moved rows in the gaps of a page;
PostgreSQL keeps dead rows until a vacuum. What the databases' own archives, the file system and the disk keep is beyond
a program: encrypt the disk.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

#: Values that are searched for one by one; for more the file is written anew without looking first.
_MOST_NEEDLES = 100
#: Shorter values stand in other words.
_SHORTEST = 6
#: Files of the data folder beyond this size are no queues, logs or letters.
_LARGEST_FILE = 256 << 20
#: Bytes of a file that are searched at a time; they fit the processor's cache.
_PIECE = 1 << 18
#: The tables that a request changes.
_TABLES = (
    "mention", "statement", "capture", "document", "judgement", "block_key", "person", "organisation", "employment",
    "master_value", "correction", "redirect", "apart",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What a scrub did: whether the store was written anew, and the files that still hold a value that should be gone.

    `busy` says that somebody else kept the log from being emptied; the next scrub empties it.
    """

    rewritten: bool = False
    busy: bool = False
    left: tuple[Path, ...] = ()


def scrub(engine: Engine, needles: Collection[str]) -> Scrubbed:
    """Clear the store's files of what was deleted; `needles` are values that nobody else has."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in _TABLES:
                connection.execute(text(f"VACUUM {table}"))
        return Scrubbed(rewritten=True)
    database = engine.url.database or ""
    if database in {"", ":memory:"}:
        return Scrubbed()
    files = [Path(database), Path(f"{database}-wal")]
    busy = _empty_log(engine)
    if len(needles) <= _MOST_NEEDLES and not holding(files, needles):
        return Scrubbed(busy=busy)
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM")
    finally:
        raw.close()
    busy = _empty_log(engine)
    return Scrubbed(rewritten=True, busy=busy, left=tuple(holding(files, list(needles)[:_MOST_NEEDLES])))


def _empty_log(engine: Engine) -> bool:
    """Move the write-ahead log into the file and cut it to nothing; return whether somebody kept it from being done."""
    raw = engine.raw_connection()
    try:
        return bool(raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
    finally:
        raw.close()


def holding(files: Collection[Path], needles: Collection[str]) -> list[Path]:
    """Return the files that hold one of the values in plain bytes."""
    wanted = [needle.encode() for needle in needles if len(needle) >= _SHORTEST]
    return [path for path in files if wanted and path.is_file() and _holds(path, wanted)]


def traces(folder: Path, needles: Collection[str]) -> list[Path]:
    """Return the files below a folder that hold one of the values: queues of stopped crawls, letters, reports."""
    found = [path for path in sorted(folder.rglob("*")) if not path.name.startswith("cardfile.db")]
    return holding([path for path in found if path.is_file() and path.stat().st_size <= _LARGEST_FILE], needles)


def _holds(path: Path, wanted: Collection[bytes]) -> bool:
    """Read a file once, however many values are searched for, and hold a piece of it at a time."""
    overlap = max(map(len, wanted))
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            piece = tail + piece
            if any(needle in piece for needle in wanted):
                return True
            tail = piece[-overlap:]
    return False
