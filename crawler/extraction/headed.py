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


def _believe(slots: Slots) -> None:
    for found in slots.values():
        named = sum(part.kind == "name" for part in found)
        shaped = [part for part in found if part.kind == "name" or (part.name.score >= 0.2 and 1 < part.name.words < 6)]
        if len(shaped) < 2 or (not named and len(shaped) < 3) or 3 * len(shaped) < 2 * len(found):
            continue
        for part in shaped:
            if part.kind == "other":
                part.kind, part.score = "name", max(0.6, part.name.score)


def confirm_headed(rows: list[Row]) -> None:
    """Take for names the likely ones that stand first in the lines below a heading over people.

    Two lines in three must begin with something of a name's form, and one of two lines with a name that is known.
    """
    slots: Slots = defaultdict(list)
    level = 0
    for row in rows:
        line = row.line
        if row.prose or line.zone in {"nav", "comments", "footer"} or not line.text:
            continue
        named = any(part.kind == "name" for part in row.parts)
        if 0 < line.level < 7 and not named and (not level or line.level <= level or title_score(line.text) >= 0.55):
            _believe(slots)
            slots = defaultdict(list)
            over = len(line.text) <= _MAX_HEADING and title_score(line.text) >= 0.55
            level = line.level if over else 0
        elif level and row.parts and (line.level == 0 or line.level > level):
            first = row.parts[0]
            if first.kind in {"name", "other"} and len(first.text) > 2:
                slots[_slot(row)].append(first)
    _believe(slots)
