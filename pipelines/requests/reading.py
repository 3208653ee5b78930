"""Requests as they come in: by the options of a command, or many of them in a CSV file. Pure but for the file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.errors import CardfileError, UsageError
from pipelines.requests.cases import Ask
from pipelines.requests.naming import KEYS, named
from pipelines.requests.rules import Identity, Kind, received

#: Columns that every file of requests may have besides those that name the person.
COLUMNS = (*KEYS, "country", "received", "identity", "request")
#: Reads what one kind of request needs besides, from the columns of its own.
Details = Callable[[Mapping[str, str]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that is no request: its line in the file, and why; no value of it."""

    line: int
    reason: str


def ask(kind: Kind, given: Mapping[str, str], today: date, details: Details) -> Ask:
    """Return one request; raises UsageError for what cannot be read, RefusedError for a day to come."""
    identity = given.get("identity", "").strip() or Identity.NONE.value
    if identity not in set(Identity):
        raise UsageError(f"--identity is one of {', '.join(Identity)}")
    return Ask(
        kind,
        named(given, given.get("country", "").strip().upper()),
        received(given.get("received", "").strip(), today),
        Identity(identity),
        given.get("request", "").strip(),
        details(given),
    )


def asks(
    kind: Kind, file: Path, today: date, own: Sequence[str], details: Details
) -> tuple[list[Ask], list[int], list[Unread]]:
    """Return the requests of a CSV file, the line of each, and the rows that are none.

    Raises UsageError for a file that is no CSV in UTF-8 or that has an unknown column: a misspelt one would be passed
    over in silence.
    """
    known = {*COLUMNS, *own}
    found: list[Ask] = []
    lines: list[int] = []
    unread: list[Unread] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            strange = [name for name in reader.fieldnames or [""] if name not in known]
            if strange:
                raise UsageError(f"{file} has a column {strange[0][:40]!r}; it may have {', '.join(sorted(known))}")
            for row in reader:
                line = reader.line_num
                try:
                    given = {key: value or "" for key, value in row.items() if isinstance(key, str)}
                    if None in row:
                        raise UsageError("the row has more cells than the heading")
                    found.append(ask(kind, given, today, details))
                    lines.append(line)
                except CardfileError as error:
                    unread.append(Unread(line, str(error)))
    except (UnicodeDecodeError, csv.Error):
        raise UsageError(f"{file} is no CSV file in UTF-8") from None
    return found, lines, unread
