"""Names that a list writes with the family name in front: "Holloway, Jane T." above "Lindqvist, Ada"."""

from __future__ import annotations

from collections import defaultdict

from crawler.extraction.meaning import organisation_score, title_score
from crawler.extraction.names import NameReading, read_name
from crawler.extraction.parts import Part
from crawler.extraction.records import Row
from crawler.lexicon import GIVEN, fold, name_class, words

#: Lines of one template that must be written so before any is believed.
_LEAST = 2
_ENOUGH = 0.2


def _is_given(text: str) -> bool:
    """Tell whether a text can be given names and nothing else: one word, several given names, or an initial behind."""
    found = text.split()
    if not 1 <= len(found) <= 4 or not name_class(fold(found[0].strip("."))) & GIVEN:
        return len(found) == 2 and len(found[1].strip(".")) == 1
    return len(found[-1].strip(".")) == 1 or all(name_class(fold(word.strip("."))) & GIVEN for word in found)


def _turned(row: Row) -> NameReading | None:
    """Return how a line of two parts reads with its second in front, None where it is no turned name."""
    if len(row.parts) != 2 or row.prose or row.line.zone in {"nav", "comments"}:
        return None
    family, given = row.parts
    if given.before not in {",", "，"} or family.contact or given.contact or len(family.text.split()) > 2:
        return None
    if family.text.casefold() in words("ordinary", "place") or not family.text[:1].isupper():
        return None
    if any(title_score(one.text) or organisation_score(one.text) for one in row.parts) or not _is_given(given.text):
        return None
    reading = read_name(f"{family.text}, {given.text}")
    return reading if reading.score >= _ENOUGH else None


def join_turned(rows: list[Row]) -> None:
    """Join family name and given names where several lines of one template are written so.

    One of them at least must have a given name that is known as one; a place or a title in front is none of them.
    """
    slots: dict[tuple[str, int], list[tuple[Row, NameReading]]] = defaultdict(list)
    for row in rows:
        reading = _turned(row)
        if reading is not None:
            slots[row.line.sign, row.line.level].append((row, reading))
    for found in slots.values():
        known = sum(reading.known > 0 for _, reading in found)
        if len(found) < _LEAST or 2 * known < len(found):
            continue
        for row, reading in found:
            first, last = row.parts
            score = max(0.6, reading.score)
            row.parts = [Part("name", row.line.text, first.start, last.end, first.before, score=score, name=reading)]
