"""The order in which a reader takes the lines of a PDF page: blocks apart by white space, columns one after another.

Recursive cuts through the widest white space (the X-Y cut of document analysis), with one exception: short lines that
stand side by side on common baselines are the rows of a table, and stay rows. Cards side by side look alike, but there
the names stand beside each other and not below each other.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING

from crawler.extraction.names import read_name

if TYPE_CHECKING:
    from crawler.extraction.pdf import TextLine

#: White space that parts blocks, in multiples of the height of a line.
_BLOCK_GAP, _COLUMN_GAP = 1.0, 1.0
_MAX_DEPTH = 12
#: Lines longer than this are prose, in characters on average: columns of prose are read one after another.
_PROSE = 28
_ALIGNED = 0.6
_NAME = 0.6
#: Beyond this many lines a page is no page for people, and is taken from top to bottom.
_MAX_LINES = 4_000

Edges = Callable[["TextLine"], tuple[float, float]]


def in_reading_order(lines: list[TextLine]) -> list[TextLine]:
    """Return the lines in reading order, each with its `block`."""
    if not lines:
        return []
    ordered: list[TextLine] = []
    if len(lines) > _MAX_LINES:
        _rows(lines, (), ordered)
    else:
        _cut(lines, (), ordered)
    return ordered


def _cut(lines: list[TextLine], block: tuple[int, ...], ordered: list[TextLine]) -> None:
    size = median(line.size for line in lines)
    if len(lines) > 2 and len(block) < _MAX_DEPTH:
        columns = _parts(lines, lambda line: (line.left, line.right), _COLUMN_GAP * size)
        if len(columns) > 1 and not _is_table(columns, size):
            _each(columns, block, ordered)
            return
        blocks = _parts(lines, lambda line: (line.top, line.bottom), _BLOCK_GAP * size)
        if len(blocks) > 1:
            _each(blocks, block, ordered)
            return
    _rows(lines, block, ordered)


def _each(parts: list[list[TextLine]], block: tuple[int, ...], ordered: list[TextLine]) -> None:
    for number, part in enumerate(parts):
        _cut(part, (*block, number), ordered)


def _parts(lines: list[TextLine], edges: Edges, gap: float) -> list[list[TextLine]]:
    """Part lines where, seen along one axis, nothing stands for at least `gap` points."""
    parts: list[list[TextLine]] = []
    reach = 0.0
    for line in sorted(lines, key=edges):
        start, end = edges(line)
        if not parts or start - reach >= gap:
            parts.append([line])
            reach = end
        else:
            parts[-1].append(line)
            reach = max(reach, end)
    return parts


def _is_table(columns: list[list[TextLine]], size: float) -> bool:
    """Say whether columns are those of a table: short cells, most of them beside a cell of the first column."""
    cells = [line for column in columns for line in column]
    if sum(len(line.text) for line in cells) / len(cells) > _PROSE or min(len(column) for column in columns) < 2:
        return False
    first, *others = columns
    beside = [any(abs(line.top - other.top) < size / 2 for other in first) for column in others for line in column]
    return sum(beside) / len(beside) >= _ALIGNED and not _are_cards(columns, size)


def _are_cards(columns: list[list[TextLine]], size: float) -> bool:
    """Say whether each column is a pile of cards: names on common baselines, and other lines than names below them."""
    named = [[line.top for line in column if read_name(line.text).score >= _NAME] for column in columns]
    if any(2 * len(names) > len(column) for names, column in zip(named, columns, strict=True)):
        return False
    first, *others = named
    return any(abs(top - other) < size / 2 for top in first for names in others for other in names)


def _rows(lines: list[TextLine], block: tuple[int, ...], ordered: list[TextLine]) -> None:
    """Take lines from top to bottom, those on one baseline from left to right."""
    row = -1
    reach = 0.0
    for line in sorted(lines, key=lambda line: (line.top + line.bottom) / 2):
        if row < 0 or (line.top + line.bottom) / 2 > reach:
            row += 1
            reach = line.bottom
        line.block = (*block, row)
    ordered.extend(sorted(lines, key=lambda line: (line.block, line.left)))
