"""What a table says by its form: headers that name their columns, and columns that hold one person each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import cache

from crawler.extraction.contacts import EMAIL
from crawler.extraction.meaning import is_private, title_score
from crawler.extraction.names import NameReading, read_name
from crawler.extraction.parts import Part
from crawler.extraction.records import Record, Row
from crawler.lexicon import GIVEN, fold, name_class, words

Cell = tuple[tuple[int, ...], int, int]  # the table's path, the row's and the column's number


@cache
def _headers() -> dict[str, str]:
    return {fold(word): kind for kind in ("name", "title", "organisation") for word in words("cues", kind)}


def cell(row: Row) -> Cell | None:
    """Return the place of a line in its table, or None where it is in none."""
    if row.line.element is None or row.line.tag not in {"td", "th"} or len(row.line.path) < 4:
        return None
    return row.line.path[:-3], row.line.path[-3], row.line.path[-2]


def column_kind(text: str) -> str:
    """Return what a header says its column holds ("name", "title", "organisation"), or an empty string."""
    folded = fold(text).strip(" .:*")
    return _headers().get(folded) or next((_headers()[word] for word in folded.split() if word in _headers()), "")


@cache
def _halves() -> dict[str, str]:
    return {fold(word): kind for kind in ("given_name", "family_name") for word in words("cues", kind)}


def join_names(rows: list[Row]) -> None:
    """Join given and family names that stand in two columns of a table, each with its own header.

    "Name" beside "Vorname", "Nome" beside "Cognome" is the other half.
    """
    heads: dict[tuple[int, ...], dict[str, int]] = defaultdict(dict)
    lines: dict[Cell, Row] = {}
    for row in rows:
        place = cell(row)
        if place is None or len(row.line.text) > 40 or not row.line.text:
            continue
        table, folded = place[0][:-1], fold(row.line.text).strip(" .:*")
        half = _halves().get(folded, "name" if column_kind(folded) == "name" else "")
        if half and (row.line.tag == "th" or place[1] <= 1):
            heads[table].setdefault(half, place[2])
        elif table in heads:
            lines.setdefault(place, row)
    for (group, number, column), row in lines.items():
        head = heads[group[:-1]]
        given = head.get("given_name", head.get("name", -1) if "family_name" in head else -1)
        family = head.get("family_name", head.get("name", -1) if "given_name" in head else -1)
        other = lines.get((group, number, family if column == given else given))
        if min(given, family) < 0 or column != min(given, family) or other is None:
            continue
        one, two = (row, other) if column == given else (other, row)
        name = f"{one.line.text} {two.line.text}"
        if not any(letter.isdigit() or letter in "@:;" for letter in name):
            reading = read_name(name)
            reading = reading if reading.score else NameReading(name, 0.75, words=len(name.split()))
            row.parts = [Part("name", name, 0, len(row.line.text), score=max(0.75, reading.score), name=reading)]
            other.parts = []


def read_headers(rows: list[Row]) -> None:
    """Let the header cells of a table say what its columns hold, where the text does not speak against it."""
    join_names(rows)
    heads: dict[tuple[int, ...], dict[int, str]] = defaultdict(dict)
    first: dict[tuple[int, ...], int] = {}
    for row in rows:
        place = cell(row)
        if place is None:
            continue
        table = place[0][:-1]  # thead and tbody are one table
        first.setdefault(table, row.line.path[-3])
        if row.line.tag == "th" or (row.line.path[-3] == first[table] and row.line.path[-4] <= 1):
            kind = column_kind(row.line.text) if len(row.line.text) < 40 else ""
            if kind:
                heads[table].setdefault(place[2], kind)
            continue
        kind = heads[table].get(place[2], "") if len(heads[table]) > 1 else ""
        if kind == "name" and len(row.parts) == 2:
            _join_turned(row)
        if kind and len(row.parts) == 1:
            _believe(row.parts[0], kind)


def _join_turned(row: Row) -> None:
    """Join a name that a column of names writes with the family name in front: "ROE, Jane", "Roe Poe, Jane"."""
    family, given = row.parts
    turned = family.text.isupper() and not given.text.isupper()
    known = all(name_class(fold(word)) & GIVEN for word in given.text.split())
    if given.before != "," or not (turned or known) or title_score(given.text) or title_score(family.text):
        return
    reading = read_name(row.line.text)
    if reading.score >= 0.5:
        row.parts = [Part("name", row.line.text, 0, len(row.line.text), score=reading.score, name=reading)]


def _believe(part: Part, kind: str) -> None:
    if part.kind in {"contact", "label", kind} or len(part.text) > 90:
        return
    if kind == "name" and part.name.score >= 0.05:
        part.kind, part.score = "name", max(0.7, part.name.score)
    elif kind == "title" and part.kind != "name" and not is_private(part.text):
        part.kind, part.score = "title", 0.7
    elif kind == "organisation" and part.text[:1].isalnum():
        part.kind, part.score = "organisation", 0.7


def unread_entries(rows: list[Row], taken: Collection[str], host: str) -> set[tuple[tuple[int, ...], int]]:
    """Return the table rows, by the table's path and their number, whose mailbox is that of somebody who was not read.

    It is one that nobody has (`taken` are those that somebody has, folded) and that is none of the site's own, among at
    least two rows that are somebody's.
    """
    entries: dict[tuple[int, ...], set[int]] = defaultdict(set)
    strange = set()
    for row in rows:
        place = cell(row)
        for part in row.parts if place else ():
            if place and part.contact and part.contact.kind == EMAIL:
                text = part.contact.text.casefold()
                domain = text.rpartition("@")[2]
                if text in taken:
                    entries[place[0]].add(place[1])
                elif host != domain and not host.endswith(f".{domain}"):
                    strange.add(place[:2])
    return {(table, number) for table, number in strange if len(entries[table]) > 1}


def attach_columns(rows: list[Row], by_line: dict[int, list[Record]]) -> None:
    """Give the cells below a row of names to the name in their column: a row of names above a row of titles."""
    names: dict[tuple[tuple[int, ...], int], dict[int, Record]] = defaultdict(dict)
    lower: dict[tuple[tuple[int, ...], int], list[tuple[int, Row]]] = defaultdict(list)
    for row in rows:
        place = cell(row)
        if place is None:
            continue
        if row.line.index in by_line:
            names[place[0], place[1]].setdefault(place[2], by_line[row.line.index][0])
        elif row.parts:
            lower[place[0], place[1]].append((place[2], row))
    for (table, number), found in names.items():
        if len(found) < 2 or (table, number) in lower:
            continue
        below = number + 1
        while (table, below) in lower and (table, below) not in names and len(lower[table, below]) > 1:
            for column, row in lower[table, below]:
                if column in found:
                    row.owned = True
                    found[column].own += [(row, part) for part in row.parts]
            below += 1
