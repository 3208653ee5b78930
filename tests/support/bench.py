"""Runs every script of `tests/bench` and writes `bench.json`: `make bench`.

A script has a `main()` that prints a table of ratios and returns its figures, name to number; the module's docstring
says what is compared with what. Each runs in a process of its own, so that none warms the caches of another. Ratios,
not seconds: they mean the same on another machine. A script that cannot do without arguments (labelled data that is not
ours to bundle) is named and left out.
"""

from __future__ import annotations

import io
import json
import platform
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from multiprocessing import get_context
from os import cpu_count

from tests.support import tree

_LIBRARIES = ("scrapy", "sqlalchemy", "rapidfuzz", "duckdb")


def run(script: str) -> Mapping[str, float] | None:
    """Run one script in this process and return its figures, or None when it asks for arguments."""
    sys.argv = [script]
    complaint = io.StringIO()
    try:
        with redirect_stderr(complaint):
            returned = import_module(f"tests.bench.{script}").main()
    except SystemExit as stop:
        if stop.code != 2:  # argparse's code for wrong usage
            raise
        return None
    finally:
        sys.stdout.flush()
    return returned if isinstance(returned, Mapping) else {}


def main() -> int:
    """Run the scripts one after another; returns the exit code."""
    results: dict[str, dict[str, float]] = {}
    for script in tree.modules("tests.bench"):
        sys.stdout.write(f"\n=== {script}\n")
        sys.stdout.flush()
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
            figures = process.submit(run, script).result()
        if figures is None:
            sys.stdout.write(f"left out, it needs arguments: python -m tests.bench.{script} --help\n")
        else:
            results[script] = dict(figures)
    record = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {cpu_count()} cores",
        "libraries": {name: version(name) for name in _LIBRARIES},
        "results": results,
    }
    (tree.ROOT / "bench.json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    sys.stdout.write("\nbench.json is written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
