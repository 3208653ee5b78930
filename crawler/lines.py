"""Where a key of a TOML file stands: the parser tells what a file holds, and people want to know where to look."""

from __future__ import annotations

import re
from collections.abc import Sequence


def line_of(lines: Sequence[str], key: str = "", table: str = "", index: int = 0) -> int:
    """Return the number, from 1, of the line of a key in the index-th table of a name.

    Without a table, the key is one above all tables, or the name of a table. Without a key, or where it is missing,
    the table's header is meant; else the first line.
    """
    best, seen, inside = 1, -1, table == ""
    for number, line in enumerate(lines, 1):
        if header := re.match(r"\s*\[\[?\s*([\w.-]+)", line):
            if not table and header[1] == key:
                return number
            seen += header[1] == table
            own = header[1] == table and seen == index
            best = number if own else best
            # A table below it, such as [source.budget], belongs to it.
            inside = own or (inside and header[1].startswith(f"{table}.") and bool(table))
        if inside and key and re.match(rf"\s*(?:\[\[?\s*)?[\"']?{re.escape(key)}\b", line):
            return number
    return best


def sentence(text: str) -> str:
    """Return a sentence with a full stop, unless it ends as a question."""
    return text if text.endswith("?") else f"{text}."
