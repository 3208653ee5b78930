"""Authors and their affiliations, joined by marks: "Jane Roe¹, John Doe²" above "¹ University of Westmark"."""

from __future__ import annotations

import re

from crawler.extraction.lines import Atom, Line
from crawler.extraction.parts import Part
from crawler.extraction.records import Record, Row

#: Lines below the authors in which their affiliations are looked for.
_REACH = 40
_MARKS = re.compile(r"[1-9]\d?|[a-k](?![a-z])|[*†‡§¶]")
_LED = re.compile(r"^[\[(]?(?P<mark>[1-9]\d?|[a-k]|[†‡§¶])[\])]?[.:]?\s*(?=[^\W\d_]{2})")


def _raised(atom: Atom) -> bool:
    return atom.element is not None and "sup" in {atom.tag, getattr(atom.element.getparent(), "tag", "")}


def _marks(line: Line, start: int, end: int) -> list[str]:
    """Return the raised marks between two places of a line."""
    raised = [atom.text for atom in line.atoms if _raised(atom) and start <= atom.start < end]
    return [mark for text in raised for mark in _MARKS.findall(text)]


def confirm_authors(rows: list[Row]) -> None:
    """Take for a name what stands before raised marks in a line that names two authors so."""
    for row in rows:
        raised = [atom.start for atom in row.line.atoms if _raised(atom)] if len(row.line.atoms) > 3 else []
        if row.prose or len(raised) < 2:
            continue
        marked = [
            part
            for part in row.parts
            if part.kind in {"name", "other", "organisation"} and any(0 <= at - part.end <= 2 for at in raised)
        ]
        if sum(part.kind == "name" for part in marked) < 2:
            continue
        for part in marked:
            if part.kind != "name" and part.name.score >= 0.03 and part.name.words < 6:
                part.kind, part.score = "name", 0.6


def _affiliation(row: Row) -> tuple[str, str] | None:
    """Return mark and organisation of a line that begins with a raised mark or a number."""
    found = _LED.match(row.line.text)
    if found is None:
        return None
    named = [part for part in row.parts if part.kind == "organisation"]
    text = row.line.text[found.end() :]
    if named:
        text = row.line.text[max(found.end(), named[0].start) : named[-1].end]
    return found["mark"], text.split(";")[0].strip(" .,")[:120]


def attach_affiliations(rows: list[Row], by_line: dict[int, list[Record]]) -> None:
    """Give each author of a line the organisations that the marks behind the name lead to."""
    for at in sorted(by_line):
        authors = by_line[at]
        line = rows[at].line
        ends = [record.part.start for record in authors[1:]] + [len(line.text) + 1]
        marks = {id(one): _marks(line, one.part.end, end) for one, end in zip(authors, ends, strict=True)}
        if not any(marks.values()):
            continue
        known: dict[str, tuple[Row, str]] = {}
        for row in rows[at + 1 : at + 1 + _REACH]:
            found = _affiliation(row) if not row.prose and row.line.index not in by_line else None
            if found is not None and found[0] not in known:
                known[found[0]] = (row, found[1])
                row.owned = True
        for record in authors:
            led = [known[mark] for mark in marks[id(record)] if mark in known]
            record.own += [(row, Part("organisation", text, 0, len(text), score=0.95)) for row, text in led[:1]]
