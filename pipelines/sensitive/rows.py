"""The rows that `scrapy screen` reads: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from crawler.errors import DocumentError

_TEXTS = {"text": ("text",), "field": ("field", "value")}


def read_rows(lines: Iterable[bytes], name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file; empty lines are passed over.

    Raises DocumentError with the file's name, the line's number and what to do; never with what the line holds.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _row(line, f"{name}, line {number}")


def _row(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        raise DocumentError(f"{where}: not valid JSON; write one object a line.") from None
    if not isinstance(row, dict):
        raise DocumentError(f"{where}: not an object; write {{id, kind, text}} or {{id, kind, field, value}}.")
    if row.get("kind") not in _TEXTS:
        raise DocumentError(f'{where}: "kind" must be "text" or "field".')
    if not isinstance(row.get("id"), str | int):
        raise DocumentError(f'{where}: "id" is missing; give each row its own.')
    for key in _TEXTS[row["kind"]]:
        if not isinstance(row.get(key), str):
            raise DocumentError(f'{where}: "{key}" is missing or not a string.')
    known = row.get("known") or []
    if not isinstance(known, list) or not all(isinstance(value, str) for value in known):
        raise DocumentError(f'{where}: "known" must be a list of strings.')
    if not isinstance(row.get("lang") or "", str):
        raise DocumentError(f'{where}: "lang" must be a BCP 47 tag such as "nl".')
    return row
