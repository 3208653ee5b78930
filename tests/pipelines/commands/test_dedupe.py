"""`scrapy dedupe`: files in, clusters out, and errors that name the line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from crawler.errors import CardfileError, DocumentError, UsageError
from crawler.items import MentionType
from pipelines.resolution import batch, tables
from pipelines.resolution.preparation import Prepared, prepare
from pipelines.resolution.record import Record
from pipelines.resolution.rows import record_of
from pipelines.resolution.statistics import Statistics
from tests.support.commands import call

ROWS = [
    {"id": "1", "name": "Ada Voorbeeld", "title": "CFO", "company": "Acme BV", "email": "ada.voorbeeld@acme.example"},
    {"id": "2", "name": "VOORBEELD, A.", "company": "Acme", "email": "ada.voorbeeld@acme.example"},
    {"id": "3", "name": "Ada Voorbeeld", "title": "Bakker", "company": "Bakkerij Brood", "phone": "+31207946002"},
    {"id": "4", "name": "Bob Ander", "title": "CTO", "company": "Acme BV", "email": "bob.ander@acme.example"},
]


def _write_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", "name", "title", "company", "email", "phone"])
        writer.writeheader()
        writer.writerows(ROWS)


def _write_jsonl(path: Path) -> None:
    path.write_text("\n".join(map(json.dumps, ROWS)) + "\n\n", "utf-8")


def _write_parquet(path: Path) -> None:
    source = path.with_suffix(".source.jsonl")
    _write_jsonl(source)
    with duckdb.connect() as database:
        database.execute(f"COPY (SELECT * FROM read_json('{source}')) TO '{path}' (FORMAT parquet)")


def _resolve(records: list[Prepared]) -> dict[str, str]:
    return batch.resolve(records, Statistics.from_prepared(records)).clusters


@pytest.mark.parametrize(
    ("name", "write"), [("in.csv", _write_csv), ("in.jsonl", _write_jsonl), ("in.parquet", _write_parquet)]
)
def test_every_format_gives_the_same_clusters(tmp_path: Path, name: str, write: Callable[[Path], None]) -> None:
    write(tmp_path / name)
    records = [prepare(record_of(row, name)) for name, row in tables.read(tmp_path / name)]
    assert _resolve(records) == {"1": "1", "2": "1", "3": "3", "4": "4"}


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet"])
def test_every_format_can_be_written(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as file:
        tables.write(file, tmp_path / name, [("1", "1", 0.91234), ("2", "1", 0.9)])
    with duckdb.connect() as database:
        kind = {"csv": "read_csv", "jsonl": "read_json", "parquet": "read_parquet"}[name.partition(".")[2]]
        rows = database.execute(f"SELECT id, cluster_id, confidence FROM {kind}('{tmp_path / name}')").fetchall()
    assert [(str(a), str(b), c) for a, b, c in rows] == [("1", "1", 0.912), ("2", "1", 0.9)]


@pytest.mark.parametrize(
    ("name", "text", "error", "says"),
    [
        ("in.jsonl", '{"id": "1"}\n{"id": ', DocumentError, "line 2: this is not JSON"),
        ("in.jsonl", "[1]\n", DocumentError, "line 1: expected a JSON object"),
        ("in.jsonl", "[" * 100_000, DocumentError, "line 1"),
        ("in.jsonl", '{"id": "1"}\n{"id": ' + "7" * 5000 + "}", DocumentError, "line 2: this is not JSON"),
        ("in.jsonl", '{"id": "1"}\n{"name": "Ada Voorbeeld"}\n', DocumentError, "line 2: the mention has no id"),
        ("in.jsonl", '{"id": "1"}\n\n{"id": 1}\n', DocumentError, "line 3: the id of line 1 again"),
        (
            "in.jsonl",
            '{"id": "1"}\n{"id": "Voorbeeld\\ud800"}\n',
            DocumentError,
            "line 2: the id holds half a character",
        ),
        ("in.csv", "name,title\nAda Voorbeeld,CFO\n", DocumentError, "line 1: no column is called id"),
        ("in.csv", "id,name\n1,Ada Voorbeeld\n1,Bob Ander\n", DocumentError, "line 3: the id of line 2 again"),
        ("in.csv", "id;name\n1;Ada Voorbeeld\n1;Bob\n", DocumentError, "line 3: the id of line 2 again"),
        ("in.csv", "naam;functie\nAda Voorbeeld;CFO\n", DocumentError, "with a comma, semicolon, tab or bar"),
        ("in.csv", "id,name,title\n1,Ada Voorbeeld\n", DocumentError, "line 2: 2 cells under 3 columns"),
        ("in.csv", "id,name\n1,Ada\n2,Voorbeeld, Ada\n", DocumentError, "line 3: 3 cells under 2 columns"),
        ("in.csv", 'id,name\n1,"Ada\nVoorbeeld"\n2\n', DocumentError, "line 4: 1 cell under 2 columns"),
        ("in.parquet", "no parquet", DocumentError, "not a Parquet file"),
        ("in.xml", "<a/>", UsageError, "unknown file format"),
    ],
)
def test_errors_name_the_line_and_no_value(
    tmp_path: Path, name: str, text: str, error: type[CardfileError], says: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(error) as caught:
        list(tables.read(tmp_path / name))
    assert says in str(caught.value)
    assert "Voorbeeld" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": "1", "name": "Ada", "name": "Bob"}',
        b'{"id": 123456789012345678901234567890, "phone": -18446744073709551617}',
        b'{"id": "1", "phone": NaN, "name": Infinity}',
        b'{"id": "1", "name": "Ada \\ud800"}',
        b'{"id": "1", "name": "Ad\xe4"}',
        b'\xef\xbb\xbf{"id": "1"}\r\n',
        b'\t{"id": "1", "phone": 1e999, "url": {"deep": [1.5, null, true]}}',
    ],
    ids=["name-twice", "huge-numbers", "no-numbers", "half-a-pair", "latin-1", "byte-order-mark", "infinite"],
)
def test_odd_lines_say_what_python_reads_in_them(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "in.jsonl").write_bytes(line)
    row = json.loads(line.decode("utf-8", "replace").removeprefix("\ufeff"))
    assert repr(list(tables.read(tmp_path / "in.jsonl"))) == repr([(str(row["id"]), row)])


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_any_usual_sign_may_part_the_cells(tmp_path: Path, sign: str) -> None:
    rows = [["id", "name", "title"], ["1", f'"Voorbeeld{sign} Ada"', "CFO"], ["2", "Bob", "", "", ""]]
    (tmp_path / "in.csv").write_text("".join(f"{sign.join(row)}\r\n" for row in rows) + "\r\n", "utf-8")
    assert list(tables.read(tmp_path / "in.csv")) == [
        ("1", {"id": "1", "name": f"Voorbeeld{sign} Ada", "title": "CFO"}),
        ("2", {"id": "2", "name": "Bob", "title": ""}),
    ]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("in.csv", "id,name,dept,notes\n1,Ada,,\n2,Bob,,\n", ["in.csv: not read: dept, notes; `scrapy dedupe --help`"]),
        ("in.jsonl", '{"id": 1, "b": 2}\n{"id": 2, "a": 1}\n', ["in.jsonl: not read: a, b; "]),
        ("in.jsonl", json.dumps({"id": 1} | {f"k{number:02}": 1 for number in range(23)}), ["k19 and 3 more; "]),
        ("in.csv", "id,name,jobTitle,worksFor,page,source,type\n1,Ada,CFO,Acme BV,,,\n", []),
    ],
    ids=["csv", "jsonl", "many", "known"],
)
def test_columns_that_are_not_read_are_named_once(tmp_path: Path, name: str, text: str, says: list[str]) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    told: list[str] = []
    assert list(tables.read(tmp_path / name, told.append))
    assert len(told) == len(says)
    assert all(part in sentence for part, sentence in zip(says, told, strict=True))
    assert "Ada" not in str(told)


def test_the_command_names_them_on_standard_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.csv").write_text("id;name;dept\n1;Ada Voorbeeld;x\n", "utf-8")
    assert call("dedupe", tmp_path / "in.csv", "-o", tmp_path / "out.csv", "--json") == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["mentions"] == 1
    assert err.startswith("in.csv: not read: dept; ")


def test_a_name_with_brackets_is_no_pattern(tmp_path: Path) -> None:
    _write_parquet(tmp_path / "in[1].parquet")
    assert [name for name, _ in tables.read(tmp_path / "in[1].parquet")] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("out", "code", "says"),
    [
        ("in.jsonl", 2, "in.jsonl is the file to read"),
        ("nowhere/out.csv", 1, "nowhere: No such file"),
        ("out.csv", 0, ""),
    ],
    ids=["the-input", "no-folder", "a-file"],
)
def test_an_output_is_whole_or_refused_before_the_work(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], out: str, code: int, says: str
) -> None:
    _write_jsonl(tmp_path / "in.jsonl")
    before = (tmp_path / "in.jsonl").read_bytes()
    assert call("dedupe", tmp_path / "in.jsonl", "-o", tmp_path / out) == code
    assert says in capfd.readouterr().err
    assert (tmp_path / "in.jsonl").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl", *(["out.csv"] if code == 0 else [])}


@pytest.mark.parametrize("text", ["", "id,name\n"])
def test_empty_files_are_no_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "in.csv").write_text(text, "utf-8")
    assert _resolve([prepare(record_of(row, name)) for name, row in tables.read(tmp_path / "in.csv")]) == {}


NASTY = [
    pytest.param([{"name": "Ada Voorbeeld"}] * 3000, id="one-name"),
    pytest.param([{"name": "Ada Voorbeeld", "company": "Acme", "phone": "+31207946001"}] * 3000, id="all-equal"),
    pytest.param(
        [{"name": "Ada Voorbeeld", "phone": f"+3120794{n:04}"} for n in range(2000)], id="one-name-many-numbers"
    ),
    pytest.param(
        [{"name": f"Persoon{n:04} Ander", "email": "info@acme.example"} for n in range(2000)], id="one-mailbox"
    ),
    pytest.param([{"name": "A" * 10_000_000}, {"name": "Ada " * 2_500_000}], id="huge-names"),
    pytest.param(
        [{"name": "\x00\x1b[31m\u202eAda\u200f\ud800"}, {"name": "\n\t"}, {"name": ","}, {"name": ""}], id="controls"
    ),
    pytest.param([{"name": ["Ada Voorbeeld"] * 500, "email": ["a@b.example"] * 500}] * 50, id="long-lists"),
    pytest.param([{"name": 5, "email": {"a": 1}, "phone": None, "profile_url": "http://[::1"}] * 3, id="wrong-kinds"),
]


@pytest.mark.parametrize("rows", NASTY)
def test_hostile_input_ends(rows: list[dict[str, object]]) -> None:
    records = [prepare(record_of(row, str(n))) for n, row in enumerate(rows)]
    found = batch.resolve(records, Statistics.from_prepared(records))
    assert set(found.clusters) == {one.id for one in records}
    assert found.pairs <= 12 * len(records) + 100


def test_order_makes_no_difference() -> None:
    records = [prepare(record_of(row, str(row["id"]))) for row in ROWS]
    assert _resolve(records) == _resolve(records[::-1])


def test_copies_share_the_fate_of_the_first() -> None:
    strong = Record("0", MentionType.PERSON, ("Ada Voorbeeld",), emails=("ada.voorbeeld@acme.example",))
    copies = [
        prepare(Record(f"{n:03}", MentionType.PERSON, strong.names, emails=strong.emails))
        for n in range(batch.EQUALS + 5)
    ]
    assert set(_resolve(copies).values()) == {"000"}


def test_judgements_outrank() -> None:
    records = [prepare(record_of(row, str(row["id"]))) for row in ROWS]
    statistics = Statistics.from_prepared(records)
    kept_apart = batch.resolve(records, statistics, different=[("1", "2")]).clusters
    assert kept_apart["1"] != kept_apart["2"]
    joined = batch.resolve(records, statistics, same=[("1", "3")]).clusters
    assert joined["1"] == joined["3"]
