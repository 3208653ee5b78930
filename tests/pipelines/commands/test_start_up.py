"""A command loads what it uses: nobody who asks `scrapy why` waits for numerical libraries."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import tree

HEAVY = {"scipy", "numpy", "duckdb", "pyspark", "pandas", "pyarrow", "playwright", "phonenumbers", "openpyxl"}


@pytest.mark.parametrize(
    "command",
    [
        ["--help"],
        ["why", "nobody@nowhere.example"],
        ["report", "provenance", "--format", "csv"],
        ["report", "runs"],
        ["report", "quality"],
    ],
    ids=" ".join,
)
def test_a_command_loads_no_library_that_it_does_not_use(tmp_path: Path, command: list[str]) -> None:
    environment = {**os.environ, "CARDFILE_HOME": str(tmp_path), "DATABASE_URL": ""}
    scrapy = Path(sys.executable).with_name("scrapy")
    arguments = [sys.executable, "-X", "importtime", str(scrapy), *command]
    done = subprocess.run(arguments, cwd=tree.ROOT, env=environment, capture_output=True, text=True, check=False)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert "scrapy" in loaded
    assert not loaded & HEAVY
