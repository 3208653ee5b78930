from __future__ import annotations

import io
import json
from typing import Any

import pytest
from openpyxl import Workbook

from crawler.errors import DocumentError
from crawler.registers.records import MAX_CELL, Format, Layout, Record, format_of, records


def read(body: bytes, form: Format, layout: Layout | None = None) -> tuple[list[Record], list[tuple[str, str]]]:
    rejected: list[tuple[str, str]] = []
    found = list(
        records(io.BytesIO(body), form, layout or Layout(), lambda place, reason: rejected.append((place, reason)))
    )
    return found, rejected


def workbook(*rows: tuple[Any, ...], title: str = "People") -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


ADA = {"Name": "Ada Noord", "Tel": "020 7946 0001"}


@pytest.mark.parametrize(
    ("form", "body", "layout", "locator"),
    [
        (Format.CSV, b"Name,Tel\nAda Noord,020 7946 0001\n", Layout(), "row=2"),
        (Format.CSV, b"Name;Tel\r\nAda Noord;020 7946 0001\r\n", Layout(), "row=2"),
        (Format.CSV, b"Name\tTel\nAda Noord\t020 7946 0001", Layout(), "row=2"),
        (Format.CSV, b'\xef\xbb\xbf"Name"|"Tel"\n"Ada Noord"|"020 7946 0001"\n', Layout(), "row=2"),
        (Format.CSV, "Name,Tel\nAda Noord,020 7946 0001\n".encode("utf-16"), Layout(), "row=2"),
        (Format.CSV, b"List of people\n\nName,Tel\nAda Noord,020 7946 0001\n", Layout(header=3), "row=4"),
        (Format.CSV, b"Name,Tel\nAda Noord,020 7946 0001,,\n", Layout(), "row=2"),
        (Format.CSV, b'Name,"a;b;c",Tel\nAda Noord,,020 7946 0001\n', Layout(), "row=2"),
        (Format.JSON, json.dumps([ADA]).encode(), Layout(), "/0"),
        (Format.JSON, json.dumps(ADA).encode(), Layout(), ""),
        (Format.JSON, b"\xef\xbb\xbf" + json.dumps({"result": {"people": [ADA]}}).encode(), Layout("result.people"),
         "/result/people/0"),
        (Format.JSON, json.dumps([ADA]).encode("utf-16"), Layout(), "/0"),
        (Format.JSON_LINES, b"\n" + json.dumps(ADA).encode(), Layout(), "line=2"),
        (Format.YAML, b"Name: Ada Noord\nTel: 020 7946 0001\n", Layout(), ""),
        (Format.YAML, b"- Name: Ada Noord\n  Tel: 020 7946 0001\n", Layout(), "/0"),
        (Format.YAML, b"a: 1\n---\nall:\n- Name: Ada Noord\n  Tel: 020 7946 0001\n", Layout("all"), "/1/all/0"),
        (Format.XLSX, workbook(("Name", "Tel"), ("Ada Noord", "020 7946 0001")), Layout(), "row=2"),
        (Format.XLSX, workbook(("Name", "Tel", None), ("Ada Noord", "020 7946 0001", None)), Layout(sheet="People"),
         "row=2"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_one_record_in_every_form(form: Format, body: bytes, layout: Layout, locator: str) -> None:
    assert read(body, form, layout) == ([Record(locator, ADA)], [])


def test_columns_of_one_name_make_a_list() -> None:
    assert read(b"Name,Tel,Tel\nAda,1,2\n", Format.CSV)[0][0].data == {"Name": "Ada", "Tel": ["1", "2"]}


@pytest.mark.parametrize(
    ("line", "name"),
    [("Zoë", b"Zo\xc3\xab"), ("Zoë", b"Zo\xeb")],
    ids=["utf-8", "latin in the same file"],
)
def test_each_line_is_decoded_for_itself(line: str, name: bytes) -> None:
    found, _ = read(b"Name\nJ\xc3\xb6rg\n" + name + b"\n", Format.CSV)
    assert [record.data["Name"] for record in found] == ["Jörg", line]


@pytest.mark.parametrize(
    ("form", "body", "rejected", "kept"),
    [
        (Format.CSV, b"Name,Tel\nNoord, Ada,1\nBo,2\n", ["row=2"], 1),
        (Format.CSV, b'Name,Tel\n"Ada,1\n' + b"x" * (MAX_CELL + 10) + b"\nBo,2\n", ["row=3"], 1),
        (Format.JSON_LINES, b'{"a": 1\n{"a": 1}\n7\n', ["line=1", "line=3"], 1),
        (Format.JSON_LINES, b"[" * 200_000 + b'\n{"a": 1}\n', ["line=1"], 1),
        (Format.JSON, b'[{"a": 1}, 7]', ["/1"], 1),
        (Format.YAML, b"- a: 1\n- b\n", ["/1"], 1),
        (Format.CSV, b"", [], 0),
        (Format.JSON, b" \n", [], 0),
        (Format.YAML, b"", [], 0),
    ],
)
def test_a_bad_record_is_told_and_the_next_one_read(form: Format, body: bytes, rejected: list[str], kept: int) -> None:
    found, told = read(body, form)
    assert [place for place, _ in told] == rejected
    assert len(found) == kept


@pytest.mark.parametrize(
    ("form", "body", "layout", "message"),
    [
        (Format.JSON, b'[{"a": 1}, {"b"', Layout(), "ends in the middle"),
        (Format.JSON, b"<html>", Layout(), "no valid JSON"),
        (Format.YAML, b"a: [1\nb: }", Layout(), "no valid YAML, line 2"),
        (Format.YAML, b"a: !!python/object/apply:os.system [ls]", Layout(), "no valid YAML"),
        (Format.XLSX, b"Name,Tel", Layout(), "no XLSX workbook"),
        (Format.XLSX, workbook(("Name",)), Layout(sheet="Staff"), "no sheet 'Staff'; it has People"),
        (Format.CSV, b"Name", Layout(encoding="utf-9"), "encoding 'utf-9' is not known"),
    ],
)
def test_a_file_that_is_none_says_why(form: Format, body: bytes, layout: Layout, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        read(body, form, layout)


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.CSV", Format.CSV), ("b.tsv", Format.CSV), ("c.yml", Format.YAML), ("d.xlsx", Format.XLSX), ("e.pdf", None)],
)
def test_a_name_stands_for_a_format(name: str, form: Format | None) -> None:
    assert format_of(name) is form


def test_aliases_that_multiply_end_within_a_bound() -> None:
    bomb = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n".encode() for n in range(12)
    )
    found, rejected = read(bomb, Format.YAML)
    assert (len(found), rejected) == (1, [])
