"""Names that a heading vouches for: what stands first in every line below "Doctoral students" is a person."""

from __future__ import annotations

from collections import defaultdict

from crawler.extraction.meaning import title_score
from crawler.extraction.parts import Part
from crawler.extraction.records import Row

#: A heading longer than this is a headline.
_MAX_HEADING = 60

Slots = dict[tuple[str, int, int], list[Part]]


def _slot(row: Row) -> tuple[str, int, int]:
    return row.line.sign, row.line.level, row.line.path[-2] if row.line.tag in {"td", "th"} else 0


def _believe(slots: Slots, *, sure: bool) -> None:
    for found in slots.values():
        named = sum(part.kind == "name" for part in found)
        shaped = [part for part in found if part.kind == "name" or (part.name.score >= 0.2 and 1 < part.name.words < 6)]
        known = sum(part.name.known > 0 for part in shaped)
        vouched = named or (2 * known >= len(shaped) and (len(shaped) > 2 or (sure and len(shaped) == len(found))))
        if len(shaped) < 2 or not vouched or 3 * len(shaped) < 2 * len(found):
            continue
        for part in shaped:
            if part.kind == "other":
                part.kind, part.score = "name", max(0.6, part.name.score)


def confirm_headed(rows: list[Row]) -> None:
    """Take for names the likely ones that stand first in the lines below a heading over people.

    Two lines in three must begin with something of a name's form. Of two lines one must be a known name, or both have
    the form and the heading say what a person is ("Doctoral students"), not only what a body is ("Team").
    """
    slots: Slots = defaultdict(list)
    level, score = 0, 0.0
    for row in rows:
        line = row.line
        if row.prose or line.zone in {"nav", "comments", "footer"} or not line.text:
            continue
        named = any(part.kind == "name" for part in row.parts)
        if 0 < line.level < 7 and not named and (not level or line.level <= level or title_score(line.text) >= 0.55):
            _believe(slots, sure=score >= 0.85)
            slots = defaultdict(list)
            score = title_score(line.text)
            level = line.level if len(line.text) <= _MAX_HEADING and score >= 0.55 else 0
        elif level and row.parts and (line.level == 0 or line.level > level):
            first = row.parts[0]
            plausible = first.kind == "other" and (line.level == 0 or (line.level == 8 and first.name.known > 0))
            if (first.kind == "name" or plausible) and len(first.text) > 2:
                slots[_slot(row)].append(first)
    _believe(slots, sure=score >= 0.85)
