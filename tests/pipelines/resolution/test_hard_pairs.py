"""Invented hard pairs of people and organisations, in several scripts, each with its verdict.

They are judged without any learnt statistics, as in a new store. "veto" pairs agree in everything else and still never
merge without a person.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipelines.resolution.clustering import cluster
from pipelines.resolution.comparison import MATCH, compare
from pipelines.resolution.preparation import prepare
from pipelines.resolution.rows import record_of
from pipelines.resolution.statistics import Statistics

FILE = Path(__file__).parents[3] / "fixtures" / "records" / "pairs.jsonl"
PAIRS: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
NUMBERED = [pytest.param(pair, id=f"{pair['case']}-{n}") for n, pair in enumerate(PAIRS)]
PRIOR = Statistics()


@pytest.mark.parametrize("pair", NUMBERED)
def test_verdict(pair: dict[str, Any]) -> None:
    a, b = (prepare(record_of(pair[side] | {"type": pair["type"]}, side)) for side in "ab")
    found = compare(a, b, PRIOR)
    verdict = "veto" if found.veto else "same" if found.probability >= MATCH else "different"
    assert verdict == pair["verdict"], [(item.rule, item.bits) for item in found.evidence]
    together = cluster("ab", {("a", "b"): found.bits}) == [("a", "b")]
    assert together == (pair["verdict"] == "same")


def test_there_are_enough_of_every_kind() -> None:
    counted = Counter((pair["type"], pair["verdict"]) for pair in PAIRS)
    assert len(PAIRS) >= 300
    assert min(counted[kind] for kind in counted) >= 20
    assert {kind for kind, _ in counted} == {"person", "organisation"}


def test_many_scripts_are_among_them() -> None:
    names = " ".join(pair[side]["name"] for pair in PAIRS for side in "ab")
    scripts = {unicodedata.name(letter).partition(" ")[0] for letter in set(names) if letter.isalpha()}
    assert scripts >= {
        "LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "CJK", "KATAKANA", "HANGUL", "DEVANAGARI", "THAI",
        "GEORGIAN", "ARMENIAN",
    }  # fmt: skip
