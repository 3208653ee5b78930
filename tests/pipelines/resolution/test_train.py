"""Weights are learnt from labels and judgements alone: the same files give the same bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.errors import DocumentError
from crawler.items import MentionType
from pipelines.resolution import train
from pipelines.resolution.preparation import prepare
from pipelines.resolution.record import Record
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.weights import WEIGHTS, load
from tests.bench.resolution import mentions

DAY = "2026-11-22"


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("labelled") / "labelled.jsonl"
    rows = [
        {
            "id": record.id, "entity_id": person, "name": record.names[0], "company": list(record.organisations),
            "title": list(record.job_titles), "email": list(record.emails), "phone": list(record.telephones),
        }
        for record, person in mentions(80)
    ]  # fmt: skip
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def test_the_same_labels_give_the_same_bytes(labelled: Path, tmp_path: Path) -> None:
    for name in ("one.json", "other.json"):
        assert train.main([str(labelled), "--date", DAY, "--output", str(tmp_path / name)]) == 0
    text = (tmp_path / "one.json").read_text("utf-8")
    assert text == (tmp_path / "other.json").read_text("utf-8")
    found = load(text)
    assert found.learned["on"] == DAY
    assert found.learned["mentions"] == len(labelled.read_text("utf-8").splitlines())
    assert found.version not in {"", WEIGHTS.version}
    assert 0 <= found.learned["out_of_fold"]["brier"] < 0.25
    by_hand = {rule: bits for rule, bits in found.rules.items() if rule.startswith("firm")}
    assert by_hand == {rule: bits for rule, bits in WEIGHTS.rules.items() if rule.startswith("firm")}


def test_judgements_are_learnt_from(labelled: Path, tmp_path: Path) -> None:
    pair = {
        "a": {"name": "Ada Voorbeeld", "company": "Acme", "email": "ada@acme.example"},
        "b": {"name": "Ada Voorbeeld", "company": "Acme", "email": "a.voorbeeld@acme.example"},
        "verdict": "same",
    }
    others = [pair | {"verdict": "review"}, {"a": {"type": "organisation"}, "b": {"name": "Acme"}, "verdict": "same"}]
    file = tmp_path / "judgements.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in [pair] * 40 + others), "utf-8")
    given = train.read(labelled, file)
    assert len(given.judged) == 40
    plain = replace(given, judged=[])
    part = train.part_of(plain.records, plain.labels)
    without, _ = train.learn([part])
    with_them, _ = train.learn([part, train.judged_part(given.judged, part.statistics)])
    assert with_them["mailbox.other"] > without.get("mailbox.other", 0.0)


def test_judged_pairs_are_compared_with_nothing_else() -> None:
    ada, bob, zoe = (
        prepare(Record(name, MentionType.PERSON, (f"{name} Voorbeeld",))) for name in ("Ada", "Bob", "Zoe")
    )
    part = train.judged_part([(ada, bob, False), (ada, zoe, True)], Statistics())
    assert part.closed
    assert part.pairs == [(0, 1), (2, 3)]
    assert part.matches.tolist() == [False, True]


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"a": {}, "verdict": "same"}', '{"a": 1, "b": 2, "verdict": "same"}', '{"a": {}, "b": {}}']
)
def test_a_broken_judgement_is_named(tmp_path: Path, line: str) -> None:
    good = '{"a": {"name": "Ada Voorbeeld"}, "b": {"name": "Bob Ander"}, "verdict": "different"}\n'
    file = tmp_path / "judgements.jsonl"
    file.write_text(good + line + "\n", "utf-8")
    with pytest.raises(DocumentError, match="line 2"):
        train.read_judgements(file)
