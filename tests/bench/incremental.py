"""What one more mention costs when many are stored: `python -m tests.bench.incremental [--stored 10000 1000000]`.

A mention is a row of that table; a person comes with the employer that the page names: two mentions. For each size a
SQLite file is filled (`tests.bench.stock`), then further people, half of whom the store knows, are written and resolved
in 25 groups of 100, in a copy of the file. Printed: milliseconds of CPU a mention over the groups, for resolving the
median, the 99th percentile and the mean, and the means of writing and of committing. Returned: the mean of all three at
the largest size as a multiple of that at the smallest, and how many mentions the largest store held.

`--keep DIR` keeps the files for the next call. A million takes 7 GB of disk and some ten minutes of one core to fill.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.master.models import MentionRow
from pipelines.master.statements import Reading, mention_ids, write_readings
from pipelines.resolution.resolver import resolve
from tests.bench import stock

_GROUP, _GROUPS = 100, 25
#: Mentions a reading: the person and the employer.
_EACH = 2


class Cost(NamedTuple):
    """Milliseconds of CPU a mention: of each group for resolving, and the means of writing and committing."""

    resolving: list[float]
    writing: float
    committing: float

    @property
    def mean(self) -> float:
        """All of it."""
        return statistics.mean(self.resolving) + self.writing + self.committing


def measure(path: Path, made: Iterator[Reading]) -> tuple[int, Cost]:
    """Take further readings in groups; return how many mentions there were, and what each further one cost."""
    engine = open_store(make_url(f"sqlite:///{path}"))
    with engine.begin() as connection:
        held = connection.scalar(select(func.count()).select_from(MentionRow)) or 0
        resolve(connection, [mention_ids(one.mention) for one in _written(connection, made)])  # loads what is learnt
    resolving: list[float] = []
    writing = committing = 0.0
    per_mention = 1000 / (_GROUP * _EACH)
    for _ in range(_GROUPS):
        group = list(islice(made, _GROUP))
        start = time.process_time()
        with engine.begin() as connection:
            write_readings(connection, group)
            written = time.process_time()
            resolve(connection, [mention_ids(one.mention) for one in group])
            resolved = time.process_time()
        writing += written - start
        resolving.append((resolved - written) * per_mention)
        committing += time.process_time() - resolved
    engine.dispose()
    return held, Cost(resolving, writing * per_mention / _GROUPS, committing * per_mention / _GROUPS)


def _written(connection: Connection, made: Iterator[Reading]) -> list[Reading]:
    group = list(islice(made, _GROUP))
    write_readings(connection, group)
    return group


def at(stored: int, folder: Path) -> tuple[int, Cost]:
    """Fill a store unless it is there, and return how many mentions it holds and what further ones cost."""
    kept = folder / f"{stored}.db"
    people = stored // _EACH
    if not kept.exists():
        draft = folder / f"{stored}.draft"
        engine = open_store(make_url(f"sqlite:///{draft}"))
        stock.fill(engine, people)
        engine.dispose()
        draft.rename(kept)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        copy = Path(temporary) / "copy.db"
        shutil.copyfile(kept, copy)
        return measure(copy, stock.held_back(people))


def main() -> dict[str, float]:
    """Fill, measure, print and return the growth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    means: list[float] = []
    held = 0
    with tempfile.TemporaryDirectory() as temporary:
        for stored in options.stored:
            held, cost = at(stored, options.keep or Path(temporary))
            means.append(cost.mean)
            high = statistics.quantiles(cost.resolving, n=100)[98]
            sys.stdout.write(
                f"{held:9} stored: {statistics.median(cost.resolving):6.2f} ms median, {high:6.2f} ms p99, "
                f"{statistics.mean(cost.resolving):6.2f} ms mean to resolve; {cost.writing:5.2f} ms to write, "
                f"{cost.committing:5.2f} ms to commit\n"
            )
            sys.stdout.flush()
    return {"largest_to_smallest": round(means[-1] / means[0], 2), "stored": held}


if __name__ == "__main__":
    main()
