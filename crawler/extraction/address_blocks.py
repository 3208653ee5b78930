"""The block of a page that an address stands in: its segments, the lines around it, and the address itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from crawler.extraction import postal
from crawler.extraction.contacts import FAX, TELEPHONE
from crawler.extraction.lines import common, squeeze
from crawler.extraction.parts import Part
from crawler.extraction.records import Row
from crawler.remembering import REPEATS

#: A line that is longer holds too many sentences to tell which of them an address belongs to.
_LONGEST_LINE = 260
#: Lines around an address that say whose it is.
_AROUND = 6
#: Wrappers that lines of one address may have of their own: a paragraph in a column, a cell in a row.
_WRAPPERS = 4
_LABEL = re.compile(r"^\s*([^\W\d_][^:：\d]{1,40})[:：]\s*(?=\S)")
_LAST_LABEL = re.compile(r"(?:^|[.,;|·]\s+)([^\W\d_][^:：.,;|·\d]{1,40})[:：]\s*$")
_FULL_STOP = re.compile(r"(?<=\w\w)\.$")  # of a sentence, not of "U.S.A."
_MARKED = re.compile(
    r"/address\.|[./_-](?:adr|address|adresse|adres|anschrift|direccion|indirizzo|endereco|morada)\b(?!-book)",
    re.IGNORECASE,
)
_MAP = re.compile(
    r"//(?:www\.)?(?:google\.[a-z.]{2,6}/maps|maps\.|goo\.gl/maps|(?:www\.)?openstreetmap\.)", re.IGNORECASE
)


@dataclass(slots=True, frozen=True)
class Printed:
    """An address as a page prints it.

    `text` is what stands there, line ends as commas. `first` and `last` are the indices of its lines, `start` and
    `end` the characters in them. `label` is the word before it in its own line ("Anschrift"), `before` what else stands
    before it there. `marked` tells that the page's markup calls it an address, or leads from it to a map.
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
class Segment:
    """A piece of a line between commas and dashes: the index of the line, its characters, its text."""

    row: int
    start: int
    end: int
    text: str


def segments(row: Row, number: int) -> list[Segment]:
    """Return the segments of a line without the label that it begins with."""
    text = row.line.text
    start = _label_end(text)
    return [
        Segment(number, start + left, start + right, text[start + left : start + right])
        for left, right in postal.segments(text[start:])
    ]


def label_of(text: str) -> str:
    """Return the label that a line begins with ("Anschrift" of "Anschrift: Seestr. 12"), empty where it has none."""
    found = _LABEL.match(text)
    return found[1] if found else ""


def _label_end(text: str) -> int:
    found = _LABEL.match(text)
    return found.end() if found else 0


def readable(row: Row) -> bool:
    """Tell whether a line may hold an address: not of a menu or a comment, and not too long."""
    return row.line.zone not in {"nav", "comments"} and 2 < len(row.line.text) <= _LONGEST_LINE


def marked(row: Row) -> bool:
    """Tell whether the markup of a line calls it an address, or it leads to a map."""
    return _called_address(row.line.sign) or any(atom.href and _MAP.search(atom.href[:80]) for atom in row.line.atoms)


@lru_cache(maxsize=REPEATS)
def _called_address(sign: str) -> bool:
    return bool(_MARKED.search(sign))


def same_block(rows: Sequence[Row], one: int, other: int, wrappers: int = _WRAPPERS) -> bool:
    """Tell whether two lines stand in one block of a page: in one zone, a few wrappers apart."""
    left, right = rows[one].line, rows[other].line
    if left.zone != right.zone:
        return False
    shared = common(left.path, right.path)
    return shared > 0 and shared >= len(left.path) - wrappers and shared >= len(right.path) - wrappers


def around(rows: Sequence[Row], address: Printed) -> tuple[list[Row], list[Row]]:
    """Return the lines above an address, nearest first, and below it that stand in its block.

    The lines above end with the nearest heading, which may stand in a wrapper of its own.
    """
    above, below = [], []
    for number in range(address.first - 1, max(-1, address.first - 1 - _AROUND), -1):
        row = rows[number]
        heading = 0 < row.line.level < 7
        if not same_block(rows, number, address.first, _WRAPPERS + 1 if heading else _WRAPPERS):
            break
        above.append(row)
        if heading:
            break
    for number in range(address.last + 1, min(len(rows), address.last + 1 + _AROUND)):
        if not same_block(rows, number, address.last) or 0 < rows[number].line.level < 7:
            break
        below.append(rows[number])
    return above, below


def made(rows: Sequence[Row], first: Segment, last: Segment) -> Printed:
    """Return the address between two segments; labels of its parts between them ("PLZ/Ort") are left out."""
    texts = []
    for number in range(first.row, last.row + 1):
        text = rows[number].line.text
        if first.row < number < last.row and postal.is_part(text):
            continue
        start = first.start if number == first.row else _label_end(text)
        texts.append(squeeze(text[start : last.end if number == last.row else len(text)]).strip(" ,;|-–"))
    before = rows[first.row].line.text[: first.start]
    label = _LAST_LABEL.search(before)
    before = before[: label.start()] if label else before
    return Printed(
        _FULL_STOP.sub("", ", ".join(text for text in texts if text)), first.row, last.row, first.start, last.end,
        label[1] if label else "", before.strip(" ,;|·•-–:"), marked(rows[first.row]),
    )  # fmt: skip


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
