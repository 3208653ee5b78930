"""Files of mentions in, files of clusters out: CSV, JSONL and Parquet by their ending."""

from __future__ import annotations

import csv
import glob
import io
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import duckdb
import msgspec

from crawler.errors import DocumentError, UsageError
from crawler.registers.records import delimiter_of
from pipelines.resolution.rows import KNOWN

FORMATS = (".csv", ".jsonl", ".ndjson", ".parquet")
HEADER = ("id", "cluster_id", "confidence")
_CELL = 64 * 1024 * 1024
_ROWS = 10_000
#: Columns that a sentence names; a file of objects with keys of their own would fill the screen.
_NAMED = 20
_DECODE = msgspec.json.Decoder().decode


def check_format(path: Path) -> None:
    """Raise a UsageError unless the file's ending is one that we read and write."""
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"{path.name}: unknown file format; use one of {', '.join(FORMATS)}.")


def _unheard(_: str) -> None: ...


def read(path: Path, told: Callable[[str], None] = _unheard) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the rows of a file in its order, each behind its id.

    A line that is no mention, has more or fewer cells than there are columns, has no id or repeats one is a
    DocumentError that names the line (the row, for Parquet) and shows no value of it. Columns that are not read are
    named to `told`, in one sentence at the end.
    """
    check_format(path)
    suffix = path.suffix.lower()
    rows = _csv_rows(path) if suffix == ".csv" else _parquet_rows(path) if suffix == ".parquet" else _json_rows(path)
    lines: dict[str, int] = {}
    met: set[str] = set(KNOWN)
    for line, row in rows:
        if not met.issuperset(row):
            met.update(row)
        identity = row.get("id")
        name = "" if identity is None else str(identity).strip()
        if not name:
            raise DocumentError(f"{path.name}, line {line}: the mention has no id; give each a unique one.")
        if name in lines:
            raise DocumentError(f"{path.name}, line {line}: the id of line {lines[name]} again; ids must be unique.")
        if not name.isascii() and not _is_text(name):
            raise DocumentError(f"{path.name}, line {line}: the id holds half a character; ids must be text.")
        lines[name] = line
        yield name, row
    if unread := sorted(met - KNOWN):
        told(_said(path, unread))


def _said(path: Path, unread: list[str]) -> str:
    more = f" and {len(unread) - _NAMED} more" if len(unread) > _NAMED else ""
    names = ", ".join(" ".join(name.split())[:40] for name in unread[:_NAMED])
    return f"{path.name}: not read: {names}{more}; `scrapy dedupe --help` names the columns that are."


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _csv_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    csv.field_size_limit(_CELL)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = (line.replace("\0", "") for line in file)
        header = next(lines, "")
        reader = csv.reader(chain([header], lines), delimiter=delimiter_of(header))
        try:
            columns = [name.strip() for name in next(reader, ())]
            if header and "id" not in columns:
                raise DocumentError(
                    f"{path.name}, line 1: no column is called id; columns are id, name, title, company, …, with a"
                    " comma, semicolon, tab or bar between them."
                )
            for row in reader:
                if len(row) != len(columns):
                    _even(row, len(columns), f"{path.name}, line {reader.line_num}")
                if row:
                    yield reader.line_num, dict(zip(columns, row, strict=True))
        except csv.Error as error:
            raise DocumentError(f"{path.name}, line {reader.line_num}: this is not CSV ({error}).") from None


def _even(row: list[str], width: int, place: str) -> None:
    """Take empty cells off the end of a row that is too wide; an empty line stays empty.

    Raises DocumentError for any other row that is not as wide as the header: a cell that is missing, or split by a
    separator within it, would put each further value under the wrong column.
    """
    while len(row) > width and not row[-1]:
        row.pop()
    if row and len(row) != width:
        cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
        raise DocumentError(
            f"{place}: {cells} under {width} columns; put quotes around a cell that holds the separator, and leave no"
            " cell out."
        )


def _json_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.isspace():
                continue
            try:
                row = _parsed(line)
            except (ValueError, RecursionError):
                raise DocumentError(
                    f"{path.name}, line {number}: this is not JSON; put one object on a line."
                ) from None
            if not isinstance(row, dict):
                raise DocumentError(f"{path.name}, line {number}: expected a JSON object with id, name, ….")
            yield number, row


def _parsed(line: bytes) -> Any:
    """Return what a line of JSON says.

    Python's reader is asked where the quick one is stricter: bytes that are no UTF-8, half a surrogate pair, NaN.
    """
    try:
        return _DECODE(line)
    except (ValueError, RecursionError):
        return json.loads(line.decode("utf-8", "replace").removeprefix("\ufeff"))


def _parquet_rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        with duckdb.connect() as database:
            cursor = database.execute("SELECT * FROM read_parquet(?)", [glob.escape(str(path))])
            columns = [str(column[0]) for column in cursor.description or ()]
            number = 0
            while rows := cursor.fetchmany(_ROWS):
                for row in rows:
                    number += 1
                    yield number, dict(zip(columns, row, strict=True))
    except duckdb.Error:
        raise DocumentError(f"{path.name}: this is not a Parquet file that can be read.") from None


def write(file: BinaryIO, path: Path, rows: Iterable[tuple[str, str, float]]) -> None:
    """Write rows of id, cluster_id and confidence (a probability, three decimals) to an open file, as `path` ends."""
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        _write_parquet(file, rows)
        return
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    if suffix == ".csv":
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows((name, cluster, f"{confidence:.3f}") for name, cluster, confidence in rows)
    else:
        for name, cluster, confidence in rows:
            line = {"id": name, "cluster_id": cluster, "confidence": round(confidence, 3)}
            text.write(json.dumps(line, ensure_ascii=False) + "\n")
    text.detach()


def _write_parquet(file: BinaryIO, rows: Iterable[tuple[str, str, float]]) -> None:
    with TemporaryDirectory() as folder, duckdb.connect() as database:
        path = Path(folder) / "clusters.parquet"
        database.execute("CREATE TABLE clusters (id VARCHAR, cluster_id VARCHAR, confidence DOUBLE)")
        listed = [(name, cluster, round(confidence, 3)) for name, cluster, confidence in rows]
        for start in range(0, len(listed), _ROWS):
            database.executemany("INSERT INTO clusters VALUES (?, ?, ?)", listed[start : start + _ROWS])
        database.execute("COPY clusters TO $path (FORMAT parquet)", {"path": str(path)})
        with path.open("rb") as made:
            shutil.copyfileobj(made, file)
