"""The text lines of a PDF as lines of a page: paragraphs joined, headings told by their size."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from statistics import median

from crawler.extraction.lines import MAX_LINES, Atom, Line, squeeze
from crawler.extraction.pdf import TextLine, TextPage
from crawler.extraction.pdf_process import pages
from crawler.items import Disposal, Method
from crawler.page import Page

#: A line that reaches this share of its block's width goes on in the next one.
_FULL = 0.82
_WIDE = 22  # a paragraph is at least so many times wider than its letters are high
_LEADING = 2.0  # lines of a paragraph are at most so many heights apart
_INDENT = 3.0  # and begin at most so many heights apart: what begins elsewhere is the next cell of a row


def _goes_on(line: TextLine, after: TextLine, left: float, right: float) -> bool:
    alike = abs(line.size - after.size) <= 0.15 * line.size and line.bold == after.bold
    wide = right - left >= _WIDE * line.size
    below = 0 < after.top - line.top <= _LEADING * line.size and abs(after.left - line.left) <= _INDENT * line.size
    return alike and wide and below and line.right - left >= _FULL * (right - left)


def _joined(left: str, right: str) -> str:
    if left.endswith("-") and right[:1].islower():
        return left[:-1] + right
    space = "" if left[-1:] > "\u2e80" and right[:1] > "\u2e80" else " "
    return f"{left}{space}{right}"


def _paragraphs(page: TextPage) -> Iterator[list[TextLine]]:
    for _, found in groupby(page.lines, key=lambda line: line.block[:-1]):
        block = list(found)
        left, right = min(line.left for line in block), max(line.right for line in block)
        current = block[:1]
        for line, after in pairwise(block):
            if _goes_on(line, after, left, right):
                current.append(after)
            else:
                yield current
                current = [after]
        yield current


def _level(paragraph: list[TextLine], usual: float) -> int:
    if len(paragraph) > 2 or len(paragraph[0].text) > 90:
        return 0
    if paragraph[0].size > 1.2 * usual:
        return 2
    return 8 if paragraph[0].bold else 0


def document_lines(page: Page, disposals: list[Disposal]) -> list[Line]:
    """Return the lines of a PDF in reading order; a line's path is its page and its place in the layout."""
    read: list[Line] = []
    for sheet in pages(page, disposals):
        usual = median([line.size for line in sheet.lines] or [10.0])
        for paragraph in _paragraphs(sheet):
            text = paragraph[0].text
            for line in paragraph[1:]:
                text = _joined(text, line.text)
            text = squeeze(text)
            if not text:
                continue
            if len(read) >= MAX_LINES:
                disposals.append(Disposal("extraction", "too-large", Method.PDF, "pdf-lines"))
                return read
            links = [Atom("", 0, None, "a", link) for line in paragraph for link in line.links]
            read.append(
                Line(
                    index=len(read),
                    text=text,
                    path=(sheet.number, *paragraph[0].block),
                    sign=f"pdf/{round(paragraph[0].left)}/{round(paragraph[0].size)}",
                    level=_level(paragraph, usual),
                    atoms=[Atom(text, 0, None), *links],
                    locator=f"page={sheet.number}",
                )
            )
    return read
