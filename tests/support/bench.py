"""Runs every script of `tests/bench` and writes `bench.json`: `make bench`.

A script has a `main()` that prints a table of ratios and returns its figures, name to number; the module's docstring
says what is compared with what. Each runs in a process of its own, so that none warms the caches of another. Ratios,
not seconds: they mean the same on another machine.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from multiprocessing import get_context
from os import cpu_count

from tests.support import tree

_LIBRARIES = ("scrapy", "sqlalchemy", "rapidfuzz", "duckdb")


def run(script: str) -> Mapping[str, float]:
    """Run one script in this process and return its figures."""
    figures: Mapping[str, float] = import_module(f"tests.bench.{script}").main()
    return figures


def main() -> int:
    """Run the scripts one after another; returns the exit code."""
    results: dict[str, dict[str, float]] = {}
    for script in tree.modules("tests.bench"):
        sys.stdout.write(f"\n=== {script}\n")
        sys.stdout.flush()
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
            results[script] = dict(process.submit(run, script).result())
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
