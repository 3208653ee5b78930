"""The batch resolution of one store by both engines: `python -m tests.bench.spark --mentions 200000`.

A SQLite file is filled with the mentions of `tests.bench.resolution`, a person and the employer for each page; the
local engine resolves it, then Spark at `--master`, each over statistics that it learns itself and each undone again.
Printed: seconds by the clock and of CPU (with Java and Python's workers), and whether clusters, judgements and master
are equal, byte for byte.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import psutil
from sqlalchemy import Engine, select
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.master.models import MentionRow
from pipelines.master.statements import declare_source, write_readings
from pipelines.resolution.local_engine import ENGINES, PairEngine
from pipelines.resolution.spark.engine import SparkEngine
from pipelines.resolution.spark.session import opened
from pipelines.resolution.whole import Outcome, resolve_store
from tests.bench.resolution import mentions
from tests.bench.stock import reading, source

T = TypeVar("T")
_NOW = datetime(2026, 6, 1, tzinfo=UTC)
_GROUP = 2_000


def quietly(items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
    """Show no progress."""
    return iter(items)


def fill(engine: Engine, people: int) -> None:
    """Write so many mentions of people, each with that of the employer."""
    made = (reading(record, number) for number, (record, _) in enumerate(mentions(people)))
    with engine.begin() as connection:
        declare_source(connection, source())
        while group := list(islice(made, _GROUP)):
            write_readings(connection, group)


def resolved(store: Engine, by: PairEngine) -> tuple[dict[str, str | None], Outcome]:
    """Resolve a store, undo it, and return its clusters and the outcome."""
    with store.begin() as connection:
        outcome = resolve_store(connection, by, quietly, _NOW)
        rows: Any = connection.execute(select(MentionRow.id, MentionRow.entity_id)).all()
        connection.rollback()
    return dict(rows), outcome


def main() -> Mapping[str, float]:
    """Fill, resolve twice, print and return the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, required=True)
    parser.add_argument("--master", default="local[2]")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = open_store(make_url(f"sqlite:///{folder / 'store.db'}"))
        fill(store, given.mentions * 53 // 100)

        @contextmanager
        def spark() -> Iterator[PairEngine]:
            with opened(given.master, folder) as (session, place):
                yield SparkEngine(session, place)

        here, local = _timed("local", store, lambda: nullcontext(ENGINES["local"]))
        there, remote = _timed("spark", store, spark)
        store.dispose()
    sys.stdout.write(f"{len(here[0]):,} mentions, {here[1].judged:,} judgements; equal: {here == there}\n")
    return {"equal": float(here == there), "CPU of Spark / of the local engine": round(remote / local, 2)}


def _timed(
    name: str, store: Engine, opening: Callable[[], AbstractContextManager[PairEngine]]
) -> tuple[tuple[dict[str, str | None], Outcome], float]:
    start, before = time.perf_counter(), _spent()
    with opening() as engine:
        found = resolved(store, engine)
        cpu = _spent() - before
    sys.stdout.write(f"{name:<6}{time.perf_counter() - start:8.0f} s by the clock{cpu:8.0f} s of CPU\n")
    sys.stdout.flush()
    return found, cpu


def _spent() -> float:
    """Return the seconds of CPU of this process and of those that it started."""
    own = psutil.Process()
    return sum(sum(one.cpu_times()[:4]) for one in (own, *own.children(recursive=True)))


if __name__ == "__main__":
    main()
