"""Parquet for exports: written by DuckDB from the lines of the JSON form, so that memory stays flat."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from pipelines.rights.renderings import COLUMNS, CONTACT

_BYTES = 1 << 20


def parquet(lines: Iterable[bytes], folder: Path) -> Iterator[bytes]:
    """Yield a Parquet file, in pieces, that holds the people of JSON lines: lists of texts by property.

    What stands on disk meanwhile is in a folder of its own beside the export, readable by its owner only, and goes.
    """
    types = {"id": "VARCHAR", **{prop.value: "VARCHAR[]" for prop in COLUMNS}, **dict.fromkeys(CONTACT, "VARCHAR")}
    with tempfile.TemporaryDirectory(prefix=".parquet-", dir=folder) as own:
        rows, made = Path(own, "rows.jsonl"), Path(own, "made.parquet")
        with rows.open("wb") as file:
            file.writelines(lines)
        with duckdb.connect(config={"threads": 1, "temp_directory": own}) as database:
            read = database.read_json(str(rows), columns=types, format="newline_delimited")
            read.write_parquet(str(made), compression="zstd")
        rows.unlink()  # as early as can be: it is the whole export in plain sight
        with made.open("rb") as file:
            while piece := file.read(_BYTES):
                yield piece
