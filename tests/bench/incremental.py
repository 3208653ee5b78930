"""What one more mention costs when many are stored: `python -m tests.bench.incremental [--stored 2000 4000]`.

The mentions are those of `tests.bench.resolution`, each on a page of its own at its employer's host, in a SQLite file.
For each size a store is filled and resolved in batch, then further people, each with the employer that the page names,
are resolved in groups of 200, as a crawl does it. Printed: milliseconds of CPU a person, the median and the worst
over the groups and the mean, for resolving, and the mean for writing. Returned: the mean at the largest size as a
multiple of that at the smallest.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from crawler.items import Capture, Mention, MentionType, Method, Permission, Property, Source, Value
from pipelines.master.database import open_store
from pipelines.master.statements import Reading, declare_source, mention_ids, write_readings
from pipelines.resolution.local_engine import ENGINES
from pipelines.resolution.record import Record
from pipelines.resolution.resolver import resolve
from pipelines.resolution.whole import resolve_store
from tests.bench.resolution import mentions

_GROUP, _GROUPS = 200, 15
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


def fill(connection: Connection, made: Iterator[Reading], count: int) -> None:
    """Write some mentions and resolve them in batch."""
    declare_source(connection, source())
    while group := list(islice(made, min(count, 2000))):
        write_readings(connection, group)
        count -= len(group)
    resolve_store(connection, ENGINES["local"], lambda items, label, total=None: iter(items), _START)


def measure(stored: int) -> tuple[Sequence[float], float]:
    """Return the milliseconds a mention for resolving, group by group, and the mean for writing."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_store(make_url(f"sqlite:///{Path(folder) / 'bench.db'}"))
        made = readings(stored + _GROUP * _GROUPS + 10)
        with engine.begin() as connection:
            fill(connection, made, stored)
        found, written = [], 0.0
        for _ in range(_GROUPS):
            group = list(islice(made, _GROUP))
            with engine.begin() as connection:
                start = time.process_time()
                write_readings(connection, group)
                middle = time.process_time()
                resolve(connection, [mention_ids(one.mention) for one in group])
                found.append((time.process_time() - middle) * 1000 / _GROUP)
                written += middle - start
        engine.dispose()
    return found, written * 1000 / (_GROUP * _GROUPS)


def main() -> dict[str, float]:
    """Fill, measure, print and return the growth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, nargs="+", default=[1000, 4000])
    sizes = parser.parse_args().stored
    means = []
    for stored in sizes:
        found, written = measure(stored)
        means.append(statistics.mean(found))
        worst = max(found)
        sys.stdout.write(
            f"{stored:9} stored: {statistics.median(found):6.2f} ms median, {worst:6.2f} ms worst group, "
            f"{means[-1]:6.2f} ms mean to resolve; {written:5.2f} ms to write\n"
        )
    return {"largest_to_smallest": round(means[-1] / means[0], 2)}


if __name__ == "__main__":
    main()
