"""What the suppression list costs: a long list in, and a look-up of a mention under one, two and three live keys.

CPU time of this process, SQLite, the best of three. `python -m tests.bench.suppression`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from crawler.items import Mention
from pipelines.master.database import open_store
from pipelines.rights import apart
from pipelines.rights.droplists import hashed
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import keyed_hashes, standings
from pipelines.upkeep.suppressing import Order, apply, reading
from tests.support import readings

LINES, MENTIONS, GROUP, LIST_GROUP = 100_000, 2_000, 200, 2_000
KEYS = [Keyring(b"a" * 32, tuple(bytes([letter]) * 32 for letter in b"bc"[:number])) for number in range(3)]


def spent(work: Callable[[], None], times: int = 1) -> float:
    """Return the least CPU time of a work in seconds."""
    found = []
    for _ in range(times):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def bulk(engine: Engine, folder: Path) -> None:
    """Suppress a list of invented addresses and numbers."""
    file = folder / "list.csv"
    lines = (f"p{i}@firm{i % 5000}.example," if i % 4 else f",+1212555{i % 10000:04d}" for i in range(LINES))
    file.write_text("email,telephone\n" + "\n".join(lines) + "\n", "utf-8")
    now = datetime.now(UTC)
    order = Order("all", "opt-out-form", now, now.date())
    listed = list(reading(file, "", lambda sentence: None))
    for start in range(0, len(listed), LIST_GROUP):
        with engine.begin() as connection:
            apply(connection, KEYS[0], listed[start : start + LIST_GROUP], order)


def look_up(engine: Engine, keys: Keyring, mentions: list[Mention]) -> None:
    """Ask what stands against some mentions, in groups as the stage does."""
    with engine.connect() as connection:
        for start in range(0, len(mentions), GROUP):
            group = mentions[start : start + GROUP]
            standings(connection, [keyed_hashes(keys, (*apart.named(one), *hashed(one))) for one in group])


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_store(make_url(f"sqlite:///{folder}/cardfile.db"))
        seconds = spent(lambda: bulk(engine, Path(folder)))
        sys.stdout.write(f"{LINES} lines: {seconds:.1f} s of CPU\n")
        mentions = [
            readings.reading(f"Jane Roe{number}", email=f"jane{number}@noord.example", works_for="Noord NV").mention
            for number in range(MENTIONS)
        ]
        for keys in KEYS:
            each = spent(lambda keys=keys: look_up(engine, keys, mentions), 3) / MENTIONS * 1e6  # type: ignore[misc]
            sys.stdout.write(f"{len(keys.keys)} live keys: {each:.0f} µs a mention\n")
        engine.dispose()


if __name__ == "__main__":
    main()
