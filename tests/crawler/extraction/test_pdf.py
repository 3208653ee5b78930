"""PDF documents as positioned lines; the documents are written here, byte by byte."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import DocumentError
from crawler.extraction import mentions, pdf
from crawler.extraction.pdf import FIRST_PAGES, LAST_PAGES, MAX_BYTES, TextPage
from crawler.items import Disposal, MentionType, Property
from crawler.page import Page
from tests.support.pdf import Placed, build, shown


def read(body: bytes) -> tuple[list[TextPage], Counter[str]]:
    disposals: list[Disposal] = []
    found = list(pdf.pages(Page("https://firma.example/report.pdf", body, "application/pdf"), disposals))
    return found, Counter(disposal.rule for disposal in disposals)


def test_lines_have_places_and_weights() -> None:
    [page], _ = read(build(shown([(50, 60, "Zoe Imaginary")], "F2", 14) + b"\n" + shown([(50, 80, "Chief Clerk")])))
    assert (page.number, page.locator, round(page.width), round(page.height)) == (1, "page=1", 595, 842)
    assert [(line.text, line.bold) for line in page.lines] == [("Zoe Imaginary", True), ("Chief Clerk", False)]
    assert all(49 < line.left < 53 for line in page.lines)
    assert page.lines[0].size > page.lines[1].size
    assert 40 < page.lines[0].top < page.lines[0].bottom <= page.lines[1].top + 5


PROSE = "These words are long enough to be prose in a column of a report, as people write it."
LEFT = [(50.0, 100.0 + 14 * n, f"L{n} {PROSE[:42]}") for n in range(5)]
RIGHT = [(320.0, 100.0 + 14 * n, f"R{n} {PROSE[:42]}") for n in range(5)]
TABLE = [(x, 100.0 + 14 * n, f"{kind}{n}") for n in range(4) for x, kind in ((50.0, "Name"), (200.0, "Title"))]


@pytest.mark.parametrize(
    ("placed", "first_words"),
    [
        (RIGHT + LEFT, [f"{side}{n}" for side in "LR" for n in range(5)]),
        (TABLE, [f"{kind}{n}" for n in range(4) for kind in ("Name", "Title")]),
        ([(50, 300, "below"), (50, 100, "above")], ["above", "below"]),
        ([(300, 100, "right"), (50, 100, "left")], ["left", "right"]),
    ],
    ids=["columns", "table", "blocks", "one row"],
)
def test_reading_order(placed: list[Placed], first_words: list[str]) -> None:
    [page], _ = read(build(shown(placed)))
    assert [line.text.split()[0] for line in page.lines] == first_words


def test_lines_of_one_block_share_its_prefix() -> None:
    [page], _ = read(build(shown([(50, 100, "a"), (50, 112, "b"), (50, 200, "c"), (50, 212, "d")])))
    assert [line.block[0] for line in page.lines] == [0, 0, 1, 1]


def test_letters_set_one_by_one_are_words_again() -> None:
    letters = [(50 + 6.0 * n, 100.0, letter) for n, letter in enumerate("hoe baden") if letter != " "]
    [page], _ = read(build(shown(letters)))
    assert [line.text for line in page.lines] == ["hoe baden"]


def test_links_stand_with_their_lines() -> None:
    link = b"<< /Type /Annot /Subtype /Link /Rect [40 735 200 760] /A << /S /URI /URI (mailto:zoe@firma.example) >> >>"
    [page], _ = read(build(shown([(50, 95, "Mail"), (50, 300, "Other")]), annotation=link))
    assert [(line.text, line.links) for line in page.lines] == [("Mail", ["mailto:zoe@firma.example"]), ("Other", [])]


def test_a_page_without_text_is_left_out() -> None:
    found, counted = read(build(b"", shown([(50, 100, "x")])))
    assert ([page.number for page in found], counted) == ([2], Counter())


ENCRYPTED = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >> /ID [<00> <00>]" % (
    b"41" * 32,
    b"42" * 32,
)
GOOD = build(shown([(50, 100, "Zoe Imaginary")]))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"%PDF-1.7", "damaged or cut off"),
        (b"%PDF-1.7\n" + b"garbage " * 100, "damaged or cut off"),
        (GOOD[:60], "damaged or cut off"),
        (build(), "damaged or cut off"),
        (build(shown([(50, 100, "x")]), trailer=ENCRYPTED), "encrypted"),
        (build(shown([(50, 100, "x")]), trailer=b"/Encrypt << /Filter /Other >>"), "encrypted"),
        (b"%PDF-1.7" + b" " * MAX_BYTES, "larger than 64 MB"),
    ],
    ids=["head", "garbage", "truncated", "no pages", "encrypted", "odd lock", "large"],
)
def test_documents_that_cannot_be_read(body: bytes, sentence: str) -> None:
    with pytest.raises(DocumentError, match=sentence):
        read(body)


def test_a_lost_table_of_objects_is_found_again() -> None:
    [page], _ = read(GOOD[: GOOD.index(b"startxref")].replace(b"xref", b"lost"))
    assert [line.text for line in page.lines] == ["Zoe Imaginary"]


def test_of_a_long_report_both_ends_are_read() -> None:
    found, counted = read(build(*[shown([(50, 100, "x")])] * 2_000))
    assert [page.number for page in found] == [*range(1, FIRST_PAGES + 1), *range(2_001 - LAST_PAGES, 2_001)]
    assert counted == Counter({"pdf-pages": 1})


HOSTILE = {
    "10,000 pages": build(*[b"BT ET"] * 10_000),
    "a stream of 50 MB in 50 kB": build(b" " * 50_000_000, packed=True),
    "a million operations": build(b"0 0 m 1 1 l S\n" * 200_000, packed=True),
    "a million characters": build(shown([(50, 100, "a" * 30_000)] * 40), packed=True),
    "lines everywhere": build(shown([(n % 500, n * 7 % 800, "x") for n in range(8_000)], size=2), packed=True),
    "pages that hold themselves": GOOD.replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]"),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_documents_end_within_a_bound(body: bytes) -> None:
    started = time.process_time()
    try:
        found, _ = read(body)
    except DocumentError:
        found = []
    assert len(found) <= FIRST_PAGES + LAST_PAGES
    assert time.process_time() - started < 15


@settings(max_examples=60)
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8), st.integers(0, len(GOOD)))
def test_a_damaged_document_is_read_or_refused(place: int, noise: bytes, length: int) -> None:
    damaged = (GOOD[:place] + noise + GOOD[place + len(noise) :])[: max(length, 8)]
    try:
        found, _ = read(damaged)
    except DocumentError:
        return
    assert all(line.text for page in found for line in page.lines)


def grid(rows: list[list[str]], lefts: list[float], top: float = 120.0, leading: float = 16.0) -> list[Placed]:
    return [
        (left, top + leading * number, text)
        for number, row in enumerate(rows)
        for left, text in zip(lefts, row, strict=True)
        if text
    ]


BOARD = [
    ["Hieronim Wasznik", "Chair of the Supervisory Board", "6/6"],
    ["Dobroslawa Czyzyk", "Member of the Supervisory Board", "5/6"],
    ["Ludwik Przepiorka", "Secretary of the Supervisory Board", "6/6"],
]
CARDS = [
    ["Zbigniew Tarnowiecki", "Bronwen Achterberg"],
    ["Managing Director", "Finance Director"],
    ["z.tarnowiecki@firma.example", "b.achterberg@firma.example"],
]
STAFF = [
    ["Sietske Oldenhof", "Service Manager", "s.oldenhof@firma.example"],
    ["Menno Bakelaar", "Head of Materials", "m.bakelaar@firma.example"],
]


@pytest.mark.parametrize(
    ("placed", "expected"),
    [
        (  # the last column reaches the edge, the first of the next row is no continuation of it
            grid(BOARD, [50, 220, 470]),
            [(row[0], row[1], "") for row in BOARD],
        ),
        (  # two cards side by side are no rows
            grid(CARDS, [50, 310]),
            [(CARDS[0][n], CARDS[1][n], CARDS[2][n]) for n in (0, 1)],
        ),
        (  # cells closer to each other than columns of prose are
            grid(STAFF, [50, 140, 230]),
            [(row[0], row[1], row[2]) for row in STAFF],
        ),
    ],
    ids=["table", "cards", "narrow"],
)
def test_people_stand_in_columns(placed: list[Placed], expected: list[tuple[str, str, str]]) -> None:
    body = build(shown([(50, 60, "Firma BV")], "F2", 20), shown(placed))
    page = Page("https://firma.example/report.pdf", body, "application/pdf", language="en")
    people = [one for one in mentions(page) if one.type is MentionType.PERSON]
    read_of = [tuple(one.text(prop) for prop in (Property.NAME, Property.JOB_TITLE, Property.EMAIL)) for one in people]
    assert sorted(read_of) == sorted(expected)
    assert {value.locator for one in people for value in one.all(Property.JOB_TITLE)} == {"page=2"}


def test_wide_spaces_of_justified_prose_part_no_words() -> None:
    sentence = [(50.0, "Bronwen Achterberg"), (154.0, "has been with"), (236.0, "the firm since May")]
    placed = [(x, 100.0 + 14 * row, text) for row in range(3) for x, text in sentence]
    spread = shown(placed).replace(b" Tf", b" Tf 6 Tw")
    [page], _ = read(build(spread))
    assert [line.text for line in page.lines] == ["Bronwen Achterberg has been with the firm since May"] * 3
