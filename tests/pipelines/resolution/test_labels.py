"""Labelled mentions and judged pairs: both ways to tell a pair, and what a broken line is answered with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.errors import DocumentError
from crawler.items import MentionType
from pipelines.resolution import evidence
from pipelines.resolution.labels import read, read_judgements
from pipelines.resolution.statistics import Statistics

ADA, BOB = {"name": "Ada Voorbeeld", "company": "Acme"}, {"name": "Bob Ander"}
ACME = {"type": "organisation", "name": "Acme"}
TOLD = {"type": "organisation", "findings": [["firm.same", 1]], "verdict": "same"}


def written(folder: Path, *rows: object) -> Path:
    file = folder / "rows.jsonl"
    file.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return file


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"a": ADA, "b": BOB, "verdict": "different"}, (MentionType.PERSON, False)),
        ({"a": ACME, "b": ACME, "verdict": "same"}, (MentionType.ORGANISATION, True)),
        (TOLD, (MentionType.ORGANISATION, True)),
        (TOLD | {"type": "person", "verdict": "different"}, (MentionType.PERSON, False)),
        (TOLD | {"verdict": "review"}, None),
        ({"a": ADA, "b": BOB, "verdict": "unsure"}, None),
        ({"a": ADA, "b": ACME, "verdict": "same"}, None),
        ("  ", None),
    ],
)
def test_what_people_judged(tmp_path: Path, row: object, found: tuple[MentionType, bool] | None) -> None:
    said = [(one.type, one.same) for one in read_judgements(written(tmp_path, row))]
    assert said == ([found] if found else [])


def test_a_pair_that_is_shown_is_weighed_with_the_statistics_and_one_that_is_told_is_not(tmp_path: Path) -> None:
    shown, told = read_judgements(written(tmp_path, {"a": ADA, "b": ADA, "verdict": "same"}, TOLD))
    assert shown.pair is not None
    assert shown.found(Statistics()) == evidence.person(*shown.pair, Statistics())
    assert told.found(Statistics()) == [("firm.same", 1.0)]


@pytest.mark.parametrize(
    "row",
    [
        "{",
        "[]",
        {"a": {}, "verdict": "same"},
        {"a": 1, "b": 2, "verdict": "same"},
        {"a": {}, "b": {}},
        TOLD | {"findings": [["firm.same"]]},
        TOLD | {"findings": [["firm.same", "much"]]},
        TOLD | {"findings": 1},
        TOLD | {"type": "ship"},
        '{"type": "person", "findings": [["given.same", NaN]], "verdict": "same"}',
    ],
    ids=str,
)
def test_a_broken_judgement_is_named(tmp_path: Path, row: object) -> None:
    with pytest.raises(DocumentError, match="line 2"):
        read_judgements(written(tmp_path, {"a": ADA, "b": BOB, "verdict": "different"}, row))


@pytest.mark.parametrize("row", ["{", "[]", {"id": "1"}, {"entity_id": "1", "name": "Ada Voorbeeld"}], ids=str)
def test_a_broken_label_is_named(tmp_path: Path, row: object) -> None:
    with pytest.raises(DocumentError, match="line 2"):
        read(written(tmp_path, {"id": "1", "entity_id": "a"} | ADA, row))
