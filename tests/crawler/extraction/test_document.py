"""Lines of a PDF: paragraphs, headings, contact blocks, page numbers as locators."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crawler.extraction import document, mentions
from crawler.extraction.pdf import TextLine, TextPage
from crawler.items import Method, Property
from crawler.page import Page


def text_page() -> TextPage:
    wide = [
        "“We have outgrown the old building and are glad to be closer to our clients on the coast,” said Ada Merri-",
        "weather, managing director of Harbour Lights Consulting. The office opens in March.",
    ]
    contact = ["Jonas Whitlock", "Communications Officer", "jonas@harbour.example", "T +44 20 7946 0177"]
    lines = [TextLine("Press release", 70, 60, 200, 78, 18, bold=True, block=(0, 0))]
    for number, text in enumerate(wide):
        lines.append(TextLine(text, 70, 100 + 14 * number, 520 - 40 * number, 110 + 14 * number, 10, block=(1, number)))
    for number, text in enumerate(contact):
        lines.append(TextLine(text, 70, 200 + 14 * number, 180, 210 + 14 * number, 10, block=(2, number)))
    return TextPage(number=3, width=595, height=842, lines=lines)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    def pages(*_: object) -> Iterator[TextPage]:
        yield text_page()

    monkeypatch.setattr(document, "pages", pages)
    return Page("https://www.site.example/release.pdf", b"%PDF-1.4", "application/pdf")


def test_paragraphs_are_joined_and_contact_blocks_are_not(page: Page) -> None:
    texts = [line.text for line in document.document_lines(page, [])]
    assert len(texts) == 6
    assert "Ada Merriweather, managing director" in texts[1]


def test_large_letters_make_a_heading(page: Page) -> None:
    assert [line.level for line in document.document_lines(page, [])] == [2, 0, 0, 0, 0, 0]


def test_people_of_a_pdf_carry_its_page_number(page: Page) -> None:
    found = {one.text(Property.NAME): one for one in mentions(page)}
    jonas = found["Jonas Whitlock"]
    assert jonas.text(Property.JOB_TITLE) == "Communications Officer"
    assert jonas.text(Property.EMAIL) == "jonas@harbour.example"
    assert jonas.text(Property.TELEPHONE) == "+44 20 7946 0177"
    assert jonas.all(Property.NAME)[0].locator == "page=3"
    assert jonas.all(Property.NAME)[0].method is Method.PDF
    assert found["Ada Merriweather"].text(Property.WORKS_FOR) == "Harbour Lights Consulting"
