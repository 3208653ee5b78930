"""What one more mention costs when many are stored: `python -m tests.bench.incremental [--stored 10000 1000000]`.

A mention is a row of that table. The mentions are those of `tests.bench.resolution`, each on a page of its own at its
employer's host, so that a person comes with the employer that the page names: two mentions. For each size a SQLite file
is filled the way a crawl does it, in larger groups, over statistics learnt from the first people; then further people
are written and resolved in 25 groups of 100, in a copy of the file. Printed: milliseconds of CPU a mention over the
groups, for resolving the median, the 99th percentile and the mean, and the means of writing and of committing.
Returned: the mean of all three at the largest size as a multiple of that at the smallest, and how many mentions the
largest store held.

`--keep DIR` keeps the files there; `--seconds` ends filling a store after so long: what is there is measured, and the
next call goes on where this one ended. A million takes about half an hour of one core.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.engine import make_url

from crawler.items import Capture, Mention, MentionType, Method, Permission, Property, Source, Value
from pipelines.master.database import open_store
from pipelines.master.models import CaptureRow, MentionRow
from pipelines.master.statements import Reading, declare_source, mention_ids, write_readings
from pipelines.resolution import frozen
from pipelines.resolution.preparation import prepare
from pipelines.resolution.record import Record
from pipelines.resolution.resolver import resolve
from pipelines.resolution.statistics import Statistics
from tests.bench.resolution import mentions

_GROUP, _GROUPS, _FILL = 100, 25, 1000
#: Mentions a reading: the person and the employer.
_EACH = 2
#: People that the statistics are learnt from.
_LEARNT = 50_000
_START = datetime(2026, 3, 1, tzinfo=UTC)
_GRANT = Permission("Cardfile", "http://bench.example/robots.txt", 200, "0" * 64, "Allow: /")
_FIELDS = {
    Property.NAME: "names",
    Property.WORKS_FOR: "organisations",
    Property.JOB_TITLE: "job_titles",
    Property.EMAIL: "emails",
    Property.TELEPHONE: "telephones",
    Property.WORK_LOCATION: "addresses",
}


class Cost(NamedTuple):
    """Milliseconds of CPU a mention: of each group for resolving, and the means of writing and committing."""

    resolving: list[float]
    writing: float
    committing: float

    @property
    def mean(self) -> float:
        """All of it."""
        return statistics.mean(self.resolving) + self.writing + self.committing


def source() -> Source:
    """Return the one source of all mentions."""
    return Source("bench", "company-site", "Bench", "business-directory", "contract", "company_site", (), 365)


def readings(count: int) -> Iterator[Reading]:
    """Yield invented mentions as a crawl reads them, one a page, a page a minute."""
    for number, (record, _) in enumerate(mentions(count)):
        yield reading(record, number)


def reading(record: Record, number: int) -> Reading:
    """Return one mention on a page at its employer's host."""
    host = next(iter(record.organisations), "nowhere").split(" B")[0].replace(" ", "-").lower()
    fetched = _START + timedelta(minutes=number)
    url = f"http://{host}.example/{number}"
    found = Mention(MentionType.PERSON, capture=Capture("bench", url, fetched, f"{number:064d}", _GRANT))
    for prop, field in _FIELDS.items():
        for value in getattr(record, field):
            found.add(prop, Value(value, Method.CARD, "/html/body/ul/li", 0.9, normalised=value))
    return Reading(found)


def take(connection: Connection, group: list[Reading]) -> None:
    """Write and resolve some readings."""
    write_readings(connection, group)
    resolve(connection, [mention_ids(one.mention) for one in group])


def fill(engine: Engine, made: Iterator[Reading], count: int, seconds: float) -> None:
    """Let a store hold the first `count` readings, going on where an earlier call ended; or stop after `seconds`."""
    with engine.begin() as connection:
        held = connection.scalar(select(func.count()).select_from(CaptureRow)) or 0
        if not held:
            declare_source(connection, source())
            known = (prepare(record) for record, _ in islice(mentions(count), _LEARNT))
            frozen.keep(connection, Statistics.from_prepared(known), min(count, _LEARNT), _START)
    started = time.monotonic()
    for _ in islice(made, held):
        continue
    while held < count and time.monotonic() - started < seconds:
        group = list(islice(made, min(_FILL, count - held)))
        with engine.begin() as connection:
            take(connection, group)
        held += len(group)


def measure(engine: Engine, made: Iterator[Reading]) -> Cost:
    """Take further readings in groups and return what a mention of them cost."""
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
    return Cost(resolving, writing * per_mention / _GROUPS, committing * per_mention / _GROUPS)


def at(stored: int, folder: Path, seconds: float) -> tuple[int, Cost]:
    """Fill a store, or go on filling it, and return how many mentions it holds and what further ones cost."""
    kept = folder / f"{stored}.db"
    engine = open_store(make_url(f"sqlite:///{kept}"))
    made = readings(stored // _EACH + _GROUP * _GROUPS)
    fill(engine, made, stored // _EACH, seconds)
    with engine.connect() as connection:
        held = connection.scalar(select(func.count()).select_from(MentionRow)) or 0
    engine.dispose()
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        copy = Path(temporary) / "copy.db"
        shutil.copyfile(kept, copy)
        engine = open_store(make_url(f"sqlite:///{copy}"))
        found = measure(engine, made)
        engine.dispose()
    return held, found


def main() -> dict[str, float]:
    """Fill, measure, print and return the growth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, nargs="+", default=[2000, 20_000])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    options = parser.parse_args()
    means: list[float] = []
    held = 0
    with tempfile.TemporaryDirectory() as temporary:
        for stored in options.stored:
            held, cost = at(stored, options.keep or Path(temporary), options.seconds)
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
