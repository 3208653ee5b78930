"""What reading a large store costs: `python -m tests.bench.reads [--people 20000] [--store URL] [--first]`.

Fills a SQLite store with invented people (`tests.support.filled`), or takes one that is filled, and runs the commands
that read it as processes of their own. Printed for each: seconds by the clock and of CPU until the first output, those
of CPU for the start of the interpreter alone (as in `scrapy COMMAND --help`), those until it had ended or was stopped,
and memory at the first output and at most. `--first` stops each after its first megabytes. Returned: the seconds of CPU
to the first output without the start, and the growth of memory as a ratio.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import psutil
from sqlalchemy import select
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store, reading
from pipelines.master.models import PersonRow, SourceRow
from pipelines.reports.render import FORMATS
from pipelines.rights.exporting import Export
from pipelines.rights.register import Recipient
from pipelines.rights.renderings import Format
from tests.support import tree
from tests.support.filled import fill

_ENOUGH = 5_000_000


class Run(NamedTuple):
    """One command: seconds by the clock and of CPU to the first output, of CPU in all; megabytes then and at most."""

    clock: float
    first: float
    cpu: float
    memory: float
    most: float


def run(command: Sequence[str], environment: dict[str, str], enough: float) -> Run:
    """Run a command of ours and read what it says until `enough` bytes have come."""
    start = time.perf_counter()
    arguments = [str(Path(sys.executable).with_name("scrapy")), *command]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, bufsize=0, cwd=tree.ROOT, env=environment) as process:
        assert process.stdout is not None
        watched = psutil.Process(process.pid)
        size = len(process.stdout.read(1))
        clock = time.perf_counter() - start
        first = spent = sum(watched.cpu_times()[:2])
        memory = most = watched.memory_info().rss
        while size < enough and (piece := process.stdout.read(1 << 20)):
            size += len(piece)
            if watched.is_running() and watched.status() != psutil.STATUS_ZOMBIE:
                most = max(most, watched.memory_info().rss)
                spent = sum(watched.cpu_times()[:2])
        if size >= enough:
            process.kill()
    return Run(clock, first, spent, memory / 1e6, most / 1e6)


def commands(url: str) -> dict[str, list[str]]:
    """Return the commands to measure; each writes to standard output."""
    engine = open_store(make_url(url))
    with reading(engine) as connection:
        mailbox = connection.scalar(select(PersonRow.email).order_by(PersonRow.id).limit(1)) or ""
        name = connection.scalar(select(PersonRow.name).order_by(PersonRow.id.desc()).limit(1)) or ""
        identity = connection.scalar(select(PersonRow.id).where(PersonRow.mentions > 1).limit(1)) or ""
        source = connection.scalar(select(SourceRow.id).where(SourceRow.id != "press").limit(1)) or ""
    engine.dispose()
    found = {
        f"report provenance {form}": ["report", "provenance", "--format", form, "--limit", "0"] for form in FORMATS
    }
    found["report provenance of a source"] = ["report", "provenance", "--format", "csv", "--source", source]
    found |= {f"report {kind}": ["report", kind, "--format", "json"] for kind in ("runs", "compliance", "quality")}
    asked = {"e-mail address": mailbox, "name": name, "part of a name": name[:7], "id": identity[:12]}
    found |= {f"why, by {how}": ["why", wanted] for how, wanted in asked.items()}
    found["why --allowed"] = ["why", "--allowed", mailbox]
    return found


def first_to_leave(url: str) -> Run:
    """Return what an export takes to its first line and then for two thousand people, in this process."""
    engine = open_store(make_url(url))
    recipient = Recipient("acme", "Acme", "US", ("business-directory",), "licence", date(2099, 1, 1), "", "", None)
    export = Export(recipient, "business-directory", Format.CSV, datetime.now(UTC), b"k" * 32)
    watched = psutil.Process()
    start, spent = time.perf_counter(), time.process_time()
    with reading(engine) as connection:
        people = export.rows(connection)
        next(people)
        clock, first, memory = time.perf_counter() - start, time.process_time() - spent, watched.memory_info().rss
        for _ in islice(people, 20_000):
            pass
    engine.dispose()
    return Run(clock, first, time.process_time() - spent, memory / 1e6, watched.memory_info().rss / 1e6)


def main() -> dict[str, float]:
    """Fill, measure, print and return the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--store", metavar="URL", help="a store that is filled already")
    parser.add_argument("--first", action="store_true", help="read no more than 5 MB of each")
    given = parser.parse_args()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        url = given.store or f"sqlite:///{Path(folder) / 'reads.db'}"
        if not given.store:
            engine = open_store(make_url(url))
            fill(engine, given.people)
            engine.dispose()
        environment = {**os.environ, "DATABASE_URL": url, "CARDFILE_HOME": folder}
        sys.stdout.write(f"{'command':<34}{'clock':>7}{'first':>7}{'start':>7}{'all':>8}{'MB then':>9}{'MB most':>9}\n")
        for name, command in commands(url).items():
            start = run([command[0], "--help"], environment, 1e12).first
            found = run(command, environment, _ENOUGH if given.first else 1e12)
            _show(name, found, start)
            figures[f"{name}: first output"] = round(found.first - start, 3)
            figures[f"{name}: memory, at most / at the first output"] = round(found.most / found.memory, 2)
        found = first_to_leave(url)
        _show("export, 20,000 people", found, 0.0)
        figures["export: first person"] = round(found.first, 3)
    return figures


def _show(name: str, found: Run, start: float) -> None:
    numbers = f"{found.clock:7.2f}{found.first:7.2f}{start:7.2f}{found.cpu:8.2f}{found.memory:9.0f}{found.most:9.0f}"
    sys.stdout.write(f"{name:<34}{numbers}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
