"""PDF documents as pages of positioned text lines.

PDFium gives characters with their boxes; what belongs to a line is decided here, because a PDF knows no lines. Every
bound is a count, so that one document always gives one result, on a slow machine too.
"""

from __future__ import annotations

import ctypes
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, NamedTuple

import pypdfium2

from crawler.errors import DocumentError
from crawler.extraction.pdf_layout import in_reading_order
from crawler.items import Disposal, Method
from crawler.page import Page

pdfium: Any = import_module("pypdfium2.raw")  # bindings that are made when it is built, and have no types

#: Pages that are read. People stand in the first part of an annual report or on its last pages, so both ends are read.
FIRST_PAGES, LAST_PAGES = 200, 40
#: Characters of a page and of a document that are read; a page of a newspaper has 20,000.
MAX_PAGE, MAX_DOCUMENT = 60_000, 2_000_000
#: Bytes of a document. PDFium keeps it in memory as a whole.
MAX_BYTES = 64_000_000
#: Drawing operations of a page; a map has more, and no people.
MAX_OBJECTS = 100_000
_MAX_LINKS = 1_000

# Distances in multiples of the height of the characters.
# PDFium gives each letter of a ligature the box of the whole, so the next one may begin far back.
_WORD_GAP, _COLUMN_GAP, _BACK = 0.18, 1.1, 1.5
#: A gap from here on parts two cells where it is much wider than those between the words beside it, and where a line
#: close above or below begins at the same place. Justified prose has such gaps too, but all of a line are alike.
_CELL_GAP, _WIDER = 0.5, 1.8
_SAME_EDGE, _CLOSE = 1.5, 3.5  # points, heights
_HYPHENS = {0x2: "-", 0xFFFE: "-", 0xAD: "-"}
_BOLD = ("bold", "black", "heavy", "semibold", "demi")


@dataclass(slots=True)
class TextLine:
    """A run of text on one baseline. Points from the page's left and top edge; `size` is the characters' height.

    `block` is the line's place in the layout: lines that share a longer prefix stand closer together.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool = False
    block: tuple[int, ...] = ()
    links: list[str] = field(default_factory=list)
    space: float = 0.0  # the widest gap between two words of the run


@dataclass(slots=True)
class TextPage:
    """One page: its number from 1, its size in points, and its lines in reading order."""

    number: int
    width: float
    height: float
    lines: list[TextLine]

    @property
    def locator(self) -> str:
        """The locator of everything on this page."""
        return f"page={self.number}"


class _Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float


def pages(page: Page, disposals: list[Disposal] | None = None) -> Iterator[TextPage]:
    """Yield the pages of a PDF that have text.

    Raises DocumentError when it is encrypted, damaged or too large. A page that cannot be read, and what lies beyond a
    bound, is passed over and counted in `disposals`.
    """
    dropped = disposals if disposals is not None else []
    document = _open(page)
    try:
        total = len(document)
        if total == 0:
            raise DocumentError("The PDF has no page that can be read; it is damaged or cut off.", reason="pdf-damaged")
        numbers = [number for number in range(total) if number < FIRST_PAGES or number >= total - LAST_PAGES]
        if len(numbers) < total:
            dropped.append(Disposal("extraction", "too-large", Method.PDF, "pdf-pages"))
        left = MAX_DOCUMENT
        for number in numbers:
            if left <= 0:
                dropped.append(Disposal("extraction", "too-large", Method.PDF, "pdf-characters"))
                return
            try:
                read, used = _page(document, number, min(left, MAX_PAGE))
            except pypdfium2.PdfiumError:
                dropped.append(Disposal("extraction", "unreadable", Method.PDF, "pdf-page"))
                continue
            left -= used
            if read is not None:
                yield read
    finally:
        document.close()


def _open(page: Page) -> pypdfium2.PdfDocument:
    if len(page.body) > MAX_BYTES:
        raise DocumentError(
            f"The PDF is larger than {MAX_BYTES // 1_000_000} MB; give a smaller edition of it.", reason="pdf-too-large"
        )
    try:
        return pypdfium2.PdfDocument(page.body)
    except pypdfium2.PdfiumError as error:
        # PDFium may still hold the error of an earlier document, so its word alone does not make this one encrypted.
        locked = "password" in str(error).lower() or "security" in str(error).lower()
        if locked and b"/Encrypt" in page.body:
            raise DocumentError(
                "The PDF is encrypted; ask its publisher for an open one.", reason="pdf-encrypted"
            ) from None
        raise DocumentError("The PDF is damaged or cut off; fetch it again.", reason="pdf-damaged") from None


def _page(document: pypdfium2.PdfDocument, number: int, limit: int) -> tuple[TextPage | None, int]:
    """Read one page; returns it, or None when it has no text, and the number of characters that were looked at."""
    page = document[number]
    try:
        if pdfium.FPDFPage_CountObjects(page.raw) > MAX_OBJECTS:
            return None, 0
        width, height = page.get_size()
        text = page.get_textpage()
        try:
            count = min(text.count_chars(), limit)
            runs = _runs(text.raw, count, height)
        finally:
            text.close()
        for link, box in _links(document, page):
            _attach(runs, link, box, height)
        lines = [line for line in runs if line.text.strip()]
        return (TextPage(number + 1, width, height, in_reading_order(lines)) if lines else None), max(count, 100)
    finally:
        page.close()


def _runs(text: Any, count: int, height: float) -> list[TextLine]:
    """Join characters to runs: on one baseline, without a gap as wide as a column's."""
    runs: list[TextLine] = []
    current: TextLine | None = None
    rect = pdfium.FS_RECTF()
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(text, index)
        if code in (10, 13, 0):
            current = None
            continue
        character = _HYPHENS.get(code) or chr(code)
        if character.isspace():
            if current is not None and not current.text.endswith(" "):
                current.text += " "
            continue
        if not pdfium.FPDFText_GetLooseCharBox(text, index, ctypes.byref(rect)):
            continue
        box = _Box(rect.left, height - rect.bottom, rect.right, height - rect.top)
        if current is not None and _continues(current, box, _CELL_GAP):
            _extend(current, character, box)
        else:
            current = TextLine(character, box.left, box.top, box.right, box.bottom, max(box.bottom - box.top, 1.0))
            current.bold = _bold(text, index)
            runs.append(current)
    for run in runs:
        run.text = run.text.strip()
    return _rejoined(runs)


def _continues(line: TextLine, box: _Box, widest: float) -> bool:
    middle = (box.top + box.bottom) / 2
    gap = box.left - line.right
    return line.top <= middle <= line.bottom and -_BACK * line.size <= gap <= widest * line.size


def _rejoined(runs: list[TextLine]) -> list[TextLine]:
    """Join runs whose gap is only a wide space between words."""
    joined: list[TextLine] = []
    edges = sorted((run.left, run.top) for run in runs)
    for run in runs:
        last = joined[-1] if joined else None
        box = _Box(run.left, run.bottom, run.right, run.top)
        if last is None or not run.text or not _continues(last, box, _COLUMN_GAP) or _is_cell(last, run, edges):
            joined.append(run)
            continue
        last.text = f"{last.text} {run.text}".strip()
        last.space = max(last.space, run.space, run.left - last.right)
        last.right = max(last.right, run.right)
        last.top, last.bottom = min(last.top, run.top), max(last.bottom, run.bottom)
    return joined


def _is_cell(last: TextLine, run: TextLine, edges: list[tuple[float, float]]) -> bool:
    space = max(last.space, run.space)
    if not space or run.left - last.right < _WIDER * space:
        return False
    near = edges[bisect_left(edges, (run.left - _SAME_EDGE, 0)) : bisect_right(edges, (run.left + _SAME_EDGE, 1e9))]
    return any(run.size / 2 < abs(top - run.top) < _CLOSE * run.size for _, top in near)


def _extend(line: TextLine, character: str, box: _Box) -> None:
    if (gap := box.left - line.right) > _WORD_GAP * line.size and not line.text.endswith(" "):
        line.text += " "
    if line.text.endswith(" "):
        line.space = max(line.space, gap)
    line.text += character
    line.right = max(line.right, box.right)
    line.top, line.bottom = min(line.top, box.top), max(line.bottom, box.bottom)


def _bold(text: Any, index: int) -> bool:
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(text, index, name, 128, ctypes.byref(flags))
    font = name.value.decode("utf-8", errors="replace").lower()
    return any(word in font for word in _BOLD) or pdfium.FPDFText_GetFontWeight(text, index) >= 600


def _links(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage) -> Iterator[tuple[str, _Box]]:
    """Yield the targets of a page's links, each with its box in PDFium's coordinates."""
    position, link, rect = ctypes.c_int(0), pdfium.FPDF_LINK(), pdfium.FS_RECTF()
    target = ctypes.create_string_buffer(512)
    for _ in range(_MAX_LINKS):
        if not pdfium.FPDFLink_Enumerate(page.raw, ctypes.byref(position), ctypes.byref(link)):
            return
        action = pdfium.FPDFLink_GetAction(link)
        if action and pdfium.FPDFLink_GetAnnotRect(link, ctypes.byref(rect)):
            size = pdfium.FPDFAction_GetURIPath(document.raw, action, target, 512)
            if 1 < size <= 512:
                yield target.value.decode("utf-8", errors="replace"), _Box(rect.left, rect.bottom, rect.right, rect.top)


def _attach(lines: list[TextLine], link: str, box: _Box, height: float) -> None:
    """Give a link to the lines that it covers."""
    top, bottom = height - box.top, height - box.bottom
    for line in lines:
        middle = (line.top + line.bottom) / 2
        if top <= middle <= bottom and line.left < box.right and line.right > box.left and link not in line.links:
            line.links.append(link)
