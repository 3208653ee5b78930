"""Contacts that a record took from the block of another party: the secretariat's number, in a block like its own."""

from __future__ import annotations

from lxml.html import HtmlElement

from crawler.extraction.lines import Line, common
from crawler.extraction.records import Record, Row


def _block(line: Line, depth: int) -> HtmlElement | None:
    """Return the element that stands at a depth of a line's path."""
    element = line.element
    for _ in range(len(line.path) - 1 - depth):
        element = element.getparent() if element is not None else None
    return element


def _alike(one: HtmlElement | None, other: HtmlElement | None) -> bool:
    if one is None or other is None or one is other:
        return False
    return bool(one.tag == other.tag and one.get("class") == other.get("class"))


def _foreign(rows: list[Row], record: Record, row: Row) -> bool:
    """Tell whether a line stands in a block of several lines that is a sibling of the one the name stands in."""
    shared = common(row.line.path, record.row.line.path)
    if not _alike(_block(row.line, shared + 1), _block(record.row.line, shared + 1)):
        return False
    near = (rows[at] for at in (row.line.index - 1, row.line.index + 1) if 0 <= at < len(rows))
    return any(common(one.line.path, row.line.path) > shared for one in near)


def leave_to_others(rows: list[Row], records: list[Record]) -> None:
    """Take from each record the contacts of another block like its own, where its own has contacts of that kind.

    Where the own block has none of the kind, the other may well be a column of the same card.
    """
    for record in records:
        place = record.row.line.path
        taken = [(row, part) for row, part in record.own if part.contact is not None]
        nearest: dict[str, int] = {}
        for row, part in taken:
            if part.contact is not None:
                shared = common(row.line.path, place)
                nearest[part.contact.kind] = max(shared, nearest.get(part.contact.kind, 0))
        strange = [
            part
            for row, part in taken
            if part.contact is not None
            and common(row.line.path, place) < nearest[part.contact.kind]
            and _foreign(rows, record, row)
        ]
        if strange:
            record.own = [(row, part) for row, part in record.own if not any(part is one for one in strange)]
