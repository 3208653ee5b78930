"""Which column a table cell stands in, where a cell above it reaches down into its row."""

from __future__ import annotations

from lxml.html import HtmlElement

#: Rows that one cell may reach down; a larger number is a mistake or an attack.
_MAX_ROWS = 1_000


class Spans:
    """The cells of a page that span rows: "Board member" once, and three names beside it.

    Without them the second of those rows has its name where the first has its office.
    """

    def __init__(self) -> None:
        self._down: dict[HtmlElement, dict[int, int]] = {}
        self._rows: dict[HtmlElement, frozenset[int]] = {}

    def column(self, cell: HtmlElement, row: HtmlElement, body: HtmlElement, number: int) -> int:
        """Return the column (from 1) of the cell that would stand in column `number` of its row by itself."""
        down = self._down.get(body)
        if down:
            if row not in self._rows:
                self._rows[row] = frozenset(down)
                self._down[body] = {column: left - 1 for column, left in down.items() if left > 1}
            while number in self._rows[row]:
                number += 1
        reach = cell.get("rowspan")
        if reach and reach.isdigit() and 1 < int(reach[:5]) <= _MAX_ROWS:
            self._rows.setdefault(row, frozenset())
            self._down.setdefault(body, {})[number] = int(reach) - 1
        return number
