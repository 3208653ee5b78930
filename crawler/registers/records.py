"""The records of a file, one at a time: CSV, JSON, JSON Lines, YAML, XLSX.

A file that is no such file raises DocumentError with the line. A record that cannot be read is told to `rejected`
(its place and the reason, never its content) and the next one is read.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import PurePath
from typing import Any, BinaryIO

import ijson
import yaml

from crawler import encodings
from crawler.errors import DocumentError

#: Bytes of a document that has to be read as a whole: a YAML document, one JSON object, one line.
MAX_WHOLE = 64 * 1024 * 1024
#: Bytes that a workbook may have when it is unpacked: a million rows of ten columns take half of it.
MAX_UNPACKED = 2 * 1024 * 1024 * 1024
#: Characters of one cell; more is a quote that was opened and never closed.
MAX_CELL = 131_072
_SAMPLE = 65_536
_DELIMITERS = ",;\t|"

Rejected = Callable[[str, str], None]


class Format(StrEnum):
    """The formats that are read as records."""

    CSV = "csv"
    JSON = "json"
    JSON_LINES = "jsonl"
    YAML = "yaml"
    XLSX = "xlsx"


_SUFFIXES = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".json": Format.JSON,
    ".geojson": Format.JSON,
    ".jsonl": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES,
    ".yaml": Format.YAML,
    ".yml": Format.YAML,
    ".xlsx": Format.XLSX,
    ".xlsm": Format.XLSX,
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record: `data` by column or key, `locator` as a JSON pointer or `row=17`."""

    locator: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is laid out, where it does not say so itself.

    `path` leads to the list of records by keys and dots (`result.people`), for JSON and YAML. `delimiter`, `encoding`
    and `header` (the number of the header row, from 1) are for tables; `sheet` is a worksheet's name. Empty means:
    find out.
    """

    path: str = ""
    delimiter: str = ""
    encoding: str = ""
    header: int = 1
    sheet: str = ""


def format_of(name: str) -> Format | None:
    """Return the format that a file's name stands for, or None."""
    return _SUFFIXES.get(PurePath(name).suffix.lower())


def records(stream: BinaryIO, form: Format, layout: Layout, rejected: Rejected) -> Iterator[Record]:
    """Yield the records of an open file; raises DocumentError when it is not in this format."""
    try:
        codecs.lookup(layout.encoding or "utf-8")
    except LookupError:
        raise DocumentError(f"The encoding {layout.encoding!r} is not known; write utf-8, cp1252, …") from None
    readers = {
        Format.CSV: _csv,
        Format.JSON: _json,
        Format.JSON_LINES: _json_lines,
        Format.YAML: _yaml,
        Format.XLSX: _xlsx,
    }
    yield from readers[form](stream, layout, rejected)


# Tables.


def _csv(stream: BinaryIO, layout: Layout, rejected: Rejected) -> Iterator[Record]:
    csv.field_size_limit(MAX_CELL)
    lines = _lines(stream, layout.encoding)
    start = [line for _, line in zip(range(layout.header), lines, strict=False)]
    if len(start) < layout.header:
        return
    reader = csv.reader(chain(start, lines), delimiter=layout.delimiter or delimiter_of(start[-1]), strict=False)
    yield from _table(_csv_rows(reader, rejected), layout, rejected)


def _csv_rows(reader: Any, rejected: Rejected) -> Iterator[tuple[int, list[Any]]]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            rejected(f"row={reader.line_num}", "no table row: a quote is not closed, or a cell is far too long")
            continue
        yield reader.line_num, row


def delimiter_of(header: str) -> str:
    """Return the sign that parts the most cells of a header line; quoted parts do not count."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=bare.count)


def _table(rows: Iterator[tuple[int, list[Any]]], layout: Layout, rejected: Rejected) -> Iterator[Record]:
    """Make records of rows. Two columns of one name give a list; a row that is wider than the header is not read."""
    columns: list[str] = []
    for number, (line, row) in enumerate(rows, start=1):
        if number < layout.header:
            continue
        if number == layout.header:
            columns = [str(cell or "").strip() for cell in row]
            continue
        while len(row) > len(columns) and row[-1] in (None, ""):
            row.pop()
        if len(row) > len(columns):
            rejected(f"row={line}", f"{len(row)} cells under {len(columns)} columns: a cell that holds the separator?")
            continue
        data: dict[str, Any] = {}
        for column, cell in zip(columns, row, strict=False):
            if column and cell not in (None, ""):
                data[column] = [*_as_list(data[column]), cell] if column in data else cell
        if data:
            yield Record(f"row={line}", data)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield lines as text. Without a stated encoding each line is UTF-8, else what Windows writes: files get glued."""
    start = stream.read(_SAMPLE)
    stream.seek(0)
    marked = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    if encoding or marked:
        yield from io.TextIOWrapper(stream, encoding or "utf-16", errors="replace", newline="")
        return
    for number, line in enumerate(iter(lambda: stream.readline(MAX_WHOLE), b"")):
        yield encodings.decode(line, "text/plain").removeprefix("\ufeff") if number == 0 else _decoded(line)


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return encodings.decode(line, "text/plain")


def _xlsx(stream: BinaryIO, layout: Layout, rejected: Rejected) -> Iterator[Record]:
    from openpyxl import load_workbook  # noqa: PLC0415  half a second that no crawl need spend
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with zipfile.ZipFile(stream) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise DocumentError("The workbook is too large when it is unpacked; export the sheet as CSV.")
        stream.seek(0)
        book = load_workbook(stream, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError):
        raise DocumentError("This is no XLSX workbook, or an encrypted one; save it as plain .xlsx or CSV.") from None
    try:
        if layout.sheet and layout.sheet not in book.sheetnames:
            raise DocumentError(f"The workbook has no sheet {layout.sheet!r}; it has {', '.join(book.sheetnames)}.")
        sheet = book[layout.sheet] if layout.sheet else book.worksheets[0]
        rows = ((number, list(row)) for number, row in enumerate(sheet.iter_rows(values_only=True), start=1))
        yield from _table(rows, layout, rejected)
    finally:
        book.close()


# Trees.


def _json(stream: BinaryIO, layout: Layout, rejected: Rejected) -> Iterator[Record]:
    stream = _in_utf8(stream, layout.encoding)
    begin = stream.tell()
    start = stream.read(_SAMPLE).lstrip()
    if not start:
        return
    stream.seek(begin)
    prefix = ".".join(part for part in (layout.path, "item") if part)
    if start[:1] == b"{" and not layout.path:
        prefix = ""
    pointer = "".join(f"/{part}" for part in layout.path.split(".") if part)
    try:
        for index, data in enumerate(ijson.items(stream, prefix, use_float=True)):
            yield from _record(f"{pointer}/{index}" if prefix else "", data, rejected)
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise DocumentError(f"The file is no valid JSON ({_kind(error)}).") from None


def _in_utf8(stream: BinaryIO, encoding: str) -> BinaryIO:
    """Return the stream behind its byte order mark, or, for another encoding, a copy in UTF-8."""
    start = stream.read(3)
    if start == b"\xef\xbb\xbf":
        return stream
    stream.seek(0)
    if not encoding and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return stream
    text = stream.read(MAX_WHOLE + 1)
    if len(text) > MAX_WHOLE:
        raise DocumentError(f"JSON in another encoding than UTF-8 may have {MAX_WHOLE // 1024**2} MB; convert it.")
    return io.BytesIO(text.decode(encoding or "utf-16", errors="replace").encode())


def _json_lines(stream: BinaryIO, layout: Layout, rejected: Rejected) -> Iterator[Record]:
    for number, line in enumerate(_lines(stream, layout.encoding), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            rejected(f"line={number}", "no valid JSON")
            continue
        yield from _record(f"line={number}", data, rejected)


def _yaml(stream: BinaryIO, layout: Layout, rejected: Rejected) -> Iterator[Record]:
    text = stream.read(MAX_WHOLE + 1)
    if len(text) > MAX_WHOLE:
        raise DocumentError(f"A YAML file is read as a whole and may have {MAX_WHOLE // 1024**2} MB; split it.")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for number, document in enumerate(yaml.load_all(text, Loader=loader)):
            pointer = f"/{number}" if number else ""
            yield from _listed(pointer, document, layout.path, rejected)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise DocumentError(f"The file is no valid YAML{where}.") from None


def _listed(pointer: str, document: Any, path: str, rejected: Rejected) -> Iterator[Record]:
    for key in (part for part in path.split(".") if part):
        document = document.get(key) if isinstance(document, dict) else None
        pointer = f"{pointer}/{key}"
    if isinstance(document, list):
        for index, data in enumerate(document):
            yield from _record(f"{pointer}/{index}", data, rejected)
    elif document is not None:
        yield from _record(pointer, document, rejected)


def _record(pointer: str, data: Any, rejected: Rejected) -> Iterator[Record]:
    if isinstance(data, dict):
        yield Record(pointer, {str(key): value for key, value in data.items()})
    else:
        rejected(pointer or "/", "a record is an object with keys")


def _kind(error: Exception) -> str:
    return "it ends in the middle" if isinstance(error, ijson.IncompleteJSONError) else "it breaks off at a wrong sign"
