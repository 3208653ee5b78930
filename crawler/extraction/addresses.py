"""Postal addresses that a page prints as text: found by a postal code with its town, read back to the street.

An address is a run of segments of one block of the page: `<br>` lines, paragraphs or cells side by side, or pieces of
one line between commas and dashes. Its anchor is a postal code beside a town, or, where the page itself says that an
address stands here (an `<address>` element, a label such as "Indirizzo"), a street with its house number. Whose
address it is, is for `workplaces` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from crawler.extraction import postal
from crawler.extraction.address_blocks import Printed, Segment, label_of, made, marked, readable, same_block, segments
from crawler.extraction.meaning import organisation_score
from crawler.extraction.names import read_name
from crawler.extraction.records import Row

#: Lines above its postal code that an address reaches, and segments of it.
_REACH, _MOST_SEGMENTS = 4, 8
#: Segments between a town and a street without a number or a known word.
_NEAR = 3
#: Characters of a line that is an address without a postal code and nothing else, and of a label above it.
_LONGEST_BARE, _LONGEST_LABEL = 140, 40
#: Addresses of one page; a directory with more names no owner's.
MAX_ADDRESSES = 200
_NAMED = 0.6  # score from which words before a street are somebody's name
_DIGIT = re.compile(r"\d")


def printed(rows: Sequence[Row], near: frozenset[str]) -> list[Printed]:
    """Return the addresses of a page in document order, at most `MAX_ADDRESSES`; no two share a line's segment.

    `near` are the countries that the page speaks of (ISO 3166-1 alpha-2, small letters).
    """
    found: list[Printed] = []
    taken = (-1, 0)  # line and character up to which addresses were read
    bare: list[int] = []  # lines that may hold an address without a postal code
    for number, row in enumerate(rows):
        if len(found) >= MAX_ADDRESSES:
            break
        if not _DIGIT.search(row.line.text) or not readable(row):
            continue
        one = _coded(rows, number, near, taken) if postal.hint().search(row.line.text) else None
        if one is None:
            bare.append(number)
            continue
        address, taken = one
        found.append(address)
    known = {line for one in found for line in range(one.first - _REACH, one.last + _REACH)}
    uncoded = (_uncoded(rows, number) for number in bare if number not in known)
    found += [one for one in islice(uncoded, MAX_ADDRESSES) if one is not None]
    return sorted(found, key=lambda one: (one.first, one.start))


def _coded(
    rows: Sequence[Row], number: int, near: frozenset[str], taken: tuple[int, int]
) -> tuple[Printed, tuple[int, int]] | None:
    """Return the first address whose postal code stands in a line, and where it ends."""
    own, told = segments(rows[number], number), marked(rows[number])
    for place, segment in enumerate(own):
        if (number, segment.start) < taken:
            continue
        town = postal.town(segment.text, near)
        if town is None:
            continue
        weak = rows[number].prose or (not town.sure and not told)
        head = _head(segment, town.start)
        back = [one for one in (*_above(rows, number), *own[:place]) if (one.row, one.start) >= taken]
        start = _street(back, head, town, weak=weak)
        if start is None:
            continue
        start = _without_name(start)
        last = _country(rows, own, place)
        return made(rows, start, last), (last.row, last.end)
    return None


def _head(segment: Segment, cut: int) -> Segment | None:
    """Return what stands before the postal code in its own segment, None where nothing does."""
    text = segment.text[:cut].rstrip(" ,-(")
    return Segment(segment.row, segment.start, segment.start + len(text), text) if text else None


def _above(rows: Sequence[Row], number: int) -> Iterator[Segment]:
    """Yield the segments of the lines above one that stand in its block, in document order."""
    first = number
    while first > 0 and number - first < _REACH:
        row = rows[first - 1]
        heading = 0 < row.line.level < 7 and row.line.level != rows[number].line.level
        if heading or row.prose or not readable(row) or not same_block(rows, first - 1, number):
            break
        first -= 1
    for place in range(first, number):
        yield from segments(rows[place], place)


def _street(back: list[Segment], head: Segment | None, town: postal.Town, *, weak: bool) -> Segment | None:
    """Return the segment that an address begins with, None where no street stands before its postal code.

    `head` is what stands before the code in its own segment. With a `weak` code, four or five digits that may be those
    of another country or no code at all, a street must have a word that streets are called by.
    """
    if head is not None and (town.complete or postal.street(head.text) in {"known", "box"}):
        told = postal.street(head.text) in ({"known", "box"} if weak else {"known", "box", "shaped"})
        return _begin(back, head) if told else None
    numbered = False
    for steps, segment in enumerate(reversed(back[-_MOST_SEGMENTS:])):
        if not _place_like(segment.text):
            return None
        before = back[: len(back) - steps - 1]
        if _opens(segment.text, before, town, steps, weak=weak, numbered=numbered):
            return _begin(before, segment)
        numbered = numbered or postal.begins_with_number(segment.text)
    return None


def _opens(text: str, before: list[Segment], town: postal.Town, steps: int, *, weak: bool, numbered: bool) -> bool:
    """Tell whether a segment some steps before a postal code is the street of the address."""
    kind = postal.street(text)
    if kind == "known":
        return True
    if kind == "box":
        return not _goes_on(before)
    if kind == "named":  # without a number: in the next segment, or none as the British do without
        numbered = numbered or bool(before and postal.is_number(before[-1].text))
        return numbered or (town.sure and not town.complete and steps < _NEAR and text[0].isupper())
    return kind == "shaped" and not weak and not postal.is_unit(text) and (steps < _NEAR or not town.complete)


def _without_name(start: Segment) -> Segment:
    """Return a street without somebody's name or a firm's that nothing parts from it: "Jane Roe Seestr. 12"."""
    cut = postal.street_start(start.text)
    name = start.text[:cut].rstrip(" ,(")
    if not name or not (read_name(name).score >= _NAMED or organisation_score(name) >= _NAMED):
        return start
    return Segment(start.row, start.start + cut, start.end, start.text[cut:])


def _goes_on(before: list[Segment]) -> bool:
    """Tell whether a street stands before a post-office box: both belong to the address then."""
    return bool(before) and postal.street(before[-1].text) in {"known", "named", "shaped"}


def _begin(before: list[Segment], street: Segment) -> Segment:
    """Return what an address begins with: "12 bis," or "Suite 4," before its street, "Unit 4" above it."""
    beside = [one for one in before if one.row == street.row]
    if beside and postal.street(street.text) == "named" and postal.is_number(beside[-1].text):
        return beside[-1]
    while beside and postal.is_unit(beside[-1].text):
        street = beside.pop()
    above = [] if beside else [one for one in before if one.row == street.row - 1]
    inside = all(postal.is_unit(one.text) for one in above) and any(_DIGIT.search(one.text) for one in above)
    return above[0] if inside else street


def _place_like(text: str) -> bool:
    return 0 < len(text) <= postal.MAX_SEGMENT and "@" not in text and "://" not in text and len(text.split()) < 9


def _country(rows: Sequence[Row], own: list[Segment], place: int) -> Segment:
    """Return the last segment of an address: the name of the country behind the town, where one stands there."""
    after = own[place + 1 : place + 2]
    number = own[place].row
    if not after and number + 1 < len(rows) and readable(rows[number + 1]) and same_block(rows, number, number + 1):
        after = segments(rows[number + 1], number + 1)[:1]
    return after[0] if after and postal.country(after[0].text) else own[place]


def _uncoded(rows: Sequence[Row], number: int) -> Printed | None:
    """Return a street with its number and town where the page says that an address stands here, else None."""
    text = rows[number].line.text
    if len(text) > _LONGEST_BARE or rows[number].prose:
        return None
    announced = _announces_address(label_of(text))
    if not (announced or marked(rows[number]) or _announces(rows, number)):
        return None
    own = segments(rows[number], number)
    for place, segment in enumerate(own[:-1]):
        kind = postal.street(segment.text)
        numbered = kind == "named" and postal.is_number(own[place + 1].text)
        rest = own[place + (2 if numbered else 1) :]
        if (kind == "known" or numbered) and rest and all(_names_place(one.text) for one in rest):
            return made(rows, segment, rest[-1])
    return None


def _names_place(text: str) -> bool:
    return _place_like(text) and text[0].isupper() and sum(char.isdigit() for char in text) < 5


def _announces(rows: Sequence[Row], number: int) -> bool:
    """Tell whether the line above is a label for an address and nothing else."""
    if not number or not same_block(rows, number - 1, number):
        return False
    above = rows[number - 1].line.text
    return len(above) < _LONGEST_LABEL and _announces_address(above)


def _announces_address(text: str) -> bool:
    return postal.said(text, "label") or postal.is_said(text, "office")
