"""What many requests cost: `python -m tests.bench.requests [--people 400] [--requests 100]`.

Fills a SQLite store with invented people (`tests.bench.stock`) and answers as many requests of each kind as asked, all
of a kind from one CSV file, on a copy of the store of its own: `scrapy KIND --requests FILE --json` as a process.
Printed for each: seconds of CPU without those that the program takes to start, milliseconds a request, and how many
requests were carried out. Returned: milliseconds of CPU a request. The figures of `docs/quality.md` are those of
`--people 2000 --requests 1000`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from sqlalchemy import select
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store, reading
from pipelines.master.models import PersonRow
from tests.bench.stock import fill
from tests.support import tree
from tests.support.rights import written

#: What is measured: the command with what it needs besides the file of requests.
KINDS: dict[str, tuple[str, ...]] = {
    "access": ("access", "-o", "answers", "--format", "html"),
    "port": ("port", "-o", "copies", "--format", "json"),
    "rectify": ("rectify",),
    "restrict": ("restrict", "--ground", "accuracy"),
    "object to a channel": ("object", "--channel", "telephone"),
    "object": ("object",),
    "erase": ("erase",),
}


def spent(command: Sequence[str | Path], home: Path) -> tuple[float, str]:
    """Run a command of ours in a data folder; return its seconds of CPU and what it said."""
    environment = {**os.environ, "CARDFILE_HOME": str(home), "CARDFILE_RIGHTS": str(home / "rights.toml")}
    scrapy = str(Path(sys.executable).with_name("scrapy"))
    before = getrusage(RUSAGE_CHILDREN)
    run = subprocess.run(
        [scrapy, *map(str, command)], cwd=tree.ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    after = getrusage(RUSAGE_CHILDREN)
    if run.returncode not in (0, 4):  # 4: one of many was refused
        run.check_returncode()
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, run.stdout


def asked(home: Path, file: Path, requests: int, more: str = "") -> None:
    """Write a file of requests of people who are held: by the address, else by the id; `more` is PROPERTY=VALUE."""
    engine = open_store(make_url(f"sqlite:///{home / 'cardfile.db'}"))
    with reading(engine) as connection:
        people = connection.execute(select(PersonRow.id, PersonRow.email).order_by(PersonRow.id).limit(requests)).all()
    engine.dispose()
    rows = [f"{'' if email else identity},{email},known{more and f',{more}'}\n" for identity, email in people]
    file.write_text("".join([f"id,email,identity{more and ',set'}\n", *rows]), "utf-8")


def main() -> dict[str, float]:
    """Fill, answer, print and return the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--requests", type=int, default=100)
    given = parser.parse_args()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        stock = Path(folder) / "stock"
        written(stock)
        engine = open_store(make_url(f"sqlite:///{stock / 'cardfile.db'}"))
        fill(engine, given.people)
        engine.dispose()
        sys.stdout.write(f"{'requests':<22}{'CPU s':>8}{'ms each':>9}{'done':>7}\n")
        for kind, command in KINDS.items():
            home = Path(folder) / command[0]
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(stock, home)
            file = Path(folder) / "requests.csv"  # beside the data folder, which an erasure searches
            asked(home, file, given.requests, "jobTitle=Buyer" if kind == "rectify" else "")
            own = [str(home / part) if part in ("answers", "copies") else part for part in command]
            start, _ = spent([command[0], "--help"], home)
            seconds, said = spent([*own, "--requests", file, "--json"], home)
            outcomes = [json.loads(line)["outcome"] for line in said.splitlines()]
            each = (seconds - start) / len(outcomes) * 1000
            sys.stdout.write(f"{kind:<22}{seconds - start:8.2f}{each:9.2f}{outcomes.count('done'):7}\n")
            sys.stdout.flush()
            figures[f"{kind}: ms of CPU a request"] = round(each, 2)
    return figures


if __name__ == "__main__":
    main()
