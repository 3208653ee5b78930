"""Postal addresses that a page prints as text: found by a postal code with its town, read back to the street.

An address is a run of segments of one block of the page: `<br>` lines, paragraphs or cells side by side, or pieces of
one line between commas and dashes. Its anchor is a postal code beside a town, or, where the page itself says that an
address stands here (an `<address>` element, a label such as "Indirizzo"), a street with its house number. Whose
address it is, is for `workplaces` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from crawler.extraction import postal
from crawler.extraction.contacts import FAX, TELEPHONE
from crawler.extraction.lines import common, squeeze
from crawler.extraction.parts import Part
from crawler.extraction.records import Row
from crawler.remembering import REPEATS

#: A line that is longer holds sentences, not an address.
_LONGEST_LINE = 260
#: Lines above its postal code that an address reaches, segments of it, and lines around it that say whose it is.
_REACH, _MOST_SEGMENTS, _AROUND = 4, 8, 6
#: Segments between a town and a street without a number or a known word.
_NEAR = 3
#: Wrappers that lines of one address may have of their own: a paragraph in a column, a cell in a row.
_WRAPPERS = 4
#: Addresses of one page; a directory with more names no owner's.
MAX_ADDRESSES = 200
_DIGIT = re.compile(r"\d")
_LABEL = re.compile(r"^\s*([^\W\d_][^:：\d]{1,40})[:：]\s*(?=\S)")
_MARKED = re.compile(
    r"/address\.|[./_-](?:adr|address|adresse|adres|anschrift|direccion|indirizzo|endereco|morada)\b(?!-book)",
    re.IGNORECASE,
)


@dataclass(slots=True, frozen=True)
class Printed:
    """An address as a page prints it.

    `text` is what stands there, line ends as commas. `first` and `last` are the indices of its lines, `start` and
    `end` the characters in them. `label` is the word before it in its own line ("Anschrift"), `before` what else stands
    before it there. `marked` tells that the page's markup calls it an address.
    """

    text: str
    first: int
    last: int
    start: int
    end: int
    label: str
    before: str
    marked: bool

    @property
    def key(self) -> tuple[str, ...]:
        """What two spellings of one address share, see `numbers`."""
        return numbers(self.text)


def numbers(address: str) -> tuple[str, ...]:
    """Return what two spellings of one address share: the numbers of house, box and postal code."""
    return tuple(sorted(re.findall(r"\d+", address)))


@dataclass(slots=True, frozen=True)
class _Segment:
    row: int
    start: int
    end: int
    text: str


def same_block(rows: Sequence[Row], one: int, other: int, wrappers: int = _WRAPPERS) -> bool:
    """Tell whether two lines stand in one block of a page: in one zone, a few wrappers apart."""
    left, right = rows[one].line, rows[other].line
    if left.zone != right.zone:
        return False
    shared = common(left.path, right.path)
    return shared > 0 and shared >= len(left.path) - wrappers and shared >= len(right.path) - wrappers


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
        if not _DIGIT.search(row.line.text) or not _readable(row):
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


@lru_cache(maxsize=REPEATS)
def _marked(sign: str) -> bool:
    return bool(_MARKED.search(sign))


def _readable(row: Row) -> bool:
    return row.line.zone not in {"nav", "comments"} and not row.prose and 2 < len(row.line.text) <= _LONGEST_LINE


def _segments(row: Row, number: int) -> list[_Segment]:
    text = row.line.text
    label = _LABEL.match(text)
    start = label.end() if label else 0
    return [
        _Segment(number, start + left, start + right, text[start + left : start + right])
        for left, right in postal.segments(text[start:])
    ]


def _coded(
    rows: Sequence[Row], number: int, near: frozenset[str], taken: tuple[int, int]
) -> tuple[Printed, tuple[int, int]] | None:
    """Return the first address whose postal code stands in a line, and where it ends."""
    own, marked = _segments(rows[number], number), _marked(rows[number].line.sign)
    for place, segment in enumerate(own):
        if (number, segment.start) < taken:
            continue
        town = postal.town(segment.text, near)
        if town is None:
            continue
        weak = not town.sure and not marked
        head = _head(segment, town.start)
        back = [one for one in (*_above(rows, number), *own[:place]) if (one.row, one.start) >= taken]
        start = _street(back, head, town, weak=weak)
        if start is None:
            continue
        last = _country(rows, own, place)
        return _made(rows, start, last), (last.row, last.end)
    return None


def _head(segment: _Segment, cut: int) -> _Segment | None:
    """Return what stands before the postal code in its own segment, None where nothing does."""
    text = segment.text[:cut].rstrip(" ,-(")
    return _Segment(segment.row, segment.start, segment.start + len(text), text) if text else None


def _above(rows: Sequence[Row], number: int) -> Iterator[_Segment]:
    """Yield the segments of the lines above one that stand in its block, in document order."""
    first = number
    while first > 0 and number - first < _REACH:
        row = rows[first - 1]
        if not _readable(row) or not same_block(rows, first - 1, number) or 0 < row.line.level < 7:
            break
        first -= 1
    for place in range(first, number):
        yield from _segments(rows[place], place)


def _street(back: list[_Segment], head: _Segment | None, town: postal.Town, *, weak: bool) -> _Segment | None:
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


def _opens(text: str, before: list[_Segment], town: postal.Town, steps: int, *, weak: bool, numbered: bool) -> bool:
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


def _goes_on(before: list[_Segment]) -> bool:
    """Tell whether a street stands before a post-office box: both belong to the address then."""
    return bool(before) and postal.street(before[-1].text) in {"known", "named", "shaped"}


def _begin(before: list[_Segment], street: _Segment) -> _Segment:
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


def _country(rows: Sequence[Row], own: list[_Segment], place: int) -> _Segment:
    """Return the last segment of an address: the name of the country behind the town, where one stands there."""
    after = own[place + 1 : place + 2]
    number = own[place].row
    if not after and number + 1 < len(rows) and _readable(rows[number + 1]) and same_block(rows, number, number + 1):
        after = _segments(rows[number + 1], number + 1)[:1]
    return after[0] if after and postal.country(after[0].text) else own[place]


def _uncoded(rows: Sequence[Row], number: int) -> Printed | None:
    """Return a street with its number and town where the page says that an address stands here, else None."""
    text = rows[number].line.text
    if len(text) > 140:
        return None
    label = _LABEL.match(text)
    announced = label is not None and postal.said(label[1], "label")
    if not (announced or _marked(rows[number].line.sign) or _announces(rows, number)):
        return None
    own = _segments(rows[number], number)
    for place, segment in enumerate(own[:-1]):
        kind = postal.street(segment.text)
        numbered = kind == "named" and postal.is_number(own[place + 1].text)
        rest = own[place + (2 if numbered else 1) :]
        if (kind == "known" or numbered) and rest and all(_names_place(one.text) for one in rest):
            return _made(rows, segment, rest[-1])
    return None


def _names_place(text: str) -> bool:
    return _place_like(text) and text[0].isupper() and sum(char.isdigit() for char in text) < 5


def _announces(rows: Sequence[Row], number: int) -> bool:
    """Tell whether the line above is a label for an address and nothing else."""
    if not number or not same_block(rows, number - 1, number):
        return False
    above = rows[number - 1].line.text
    return len(above) < 40 and postal.said(above, "label")


def _made(rows: Sequence[Row], first: _Segment, last: _Segment) -> Printed:
    texts = []
    for number in range(first.row, last.row + 1):
        text = rows[number].line.text
        start = first.start if number == first.row else _label_end(text)
        texts.append(squeeze(text[start : last.end if number == last.row else len(text)]).strip(" ,;|-–"))
    line = rows[first.row].line.text
    label = _LABEL.match(line)
    before = line[label.end() if label and label.end() <= first.start else 0 : first.start].strip(" ,;|·•-–:")
    return Printed(
        ", ".join(text for text in texts if text), first.row, last.row, first.start, last.end,
        label[1] if label else "", before, _marked(rows[first.row].line.sign),
    )  # fmt: skip


def _label_end(text: str) -> int:
    found = _LABEL.match(text)
    return found.end() if found else 0


def around(rows: Sequence[Row], address: Printed) -> tuple[list[Row], list[Row]]:
    """Return the lines above an address, nearest first, and below it that stand in its block.

    The lines above end with the nearest heading, which may stand in a wrapper of its own.
    """
    above, below = [], []
    for number in range(address.first - 1, max(-1, address.first - 1 - _AROUND), -1):
        row = rows[number]
        heading = 0 < row.line.level < 7
        if row.line.zone != rows[address.first].line.zone or not same_block(
            rows, number, address.first, _WRAPPERS + 1 if heading else _WRAPPERS
        ):
            break
        above.append(row)
        if heading:
            break
    for number in range(address.last + 1, min(len(rows), address.last + 1 + _AROUND)):
        if not same_block(rows, number, address.last) or 0 < rows[number].line.level < 7:
            break
        below.append(rows[number])
    return above, below


def without_numbers(rows: Sequence[Row], found: Sequence[Printed]) -> None:
    """Take from the lines of addresses what was read as a telephone number and is a box with its postal code."""
    for address in found:
        for number in range(address.first, address.last + 1):
            row = rows[number]
            if any(part.contact is not None for part in row.parts):
                row.parts = [part for part in row.parts if part.contact is None or not _within(part, number, address)]


def _within(part: Part, number: int, address: Printed) -> bool:
    dialled = part.contact is not None and part.contact.kind in {TELEPHONE, FAX} and not part.contact.explicit
    inside = (number, part.start) >= (address.first, address.start) and (number, part.end) <= (
        address.last,
        address.end,
    )
    return dialled and inside
