"""Weights are learnt from labels and judgements alone: the same files give the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.items import MentionType
from pipelines.resolution import train
from pipelines.resolution.labels import read
from pipelines.resolution.learning import learn, part_of
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


def firms(line: dict[str, object], count: int) -> str:
    return (json.dumps({"type": "organisation", **line}) + "\n") * count


RELATED = {"findings": [["firm.related", 1.0]]}
SAME = {"findings": [["firm.same", 1.0]]}


def test_judgements_are_learnt_from(labelled: Path, tmp_path: Path) -> None:
    pair = {
        "a": {"name": "Ada Voorbeeld", "company": "Acme", "email": "ada@acme.example"},
        "b": {"name": "Ada Voorbeeld", "company": "Acme", "email": "a.voorbeeld@acme.example"},
        "verdict": "same",
    }
    file = tmp_path / "judgements.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in [pair, pair | {"verdict": "different"}] + [pair] * 40))
    given = read(labelled, file)
    part = part_of(*given.mentions[MentionType.PERSON])
    judged = given.judged(MentionType.PERSON, part.statistics)
    assert len(judged.findings) == 42
    without, _ = learn([part])
    with_them, _ = learn([part, judged])
    assert with_them["mailbox.other"] > without.get("mailbox.other", 0.0)


@pytest.mark.parametrize(
    ("lines", "rule", "falls"),
    [
        (firms(RELATED | {"verdict": "different"}, 20) + firms(SAME | {"verdict": "same"}, 20), "firm.related", True),
        (firms(RELATED | {"verdict": "same"}, 20) + firms(SAME | {"verdict": "different"}, 20), "firm.same", True),
        (firms(RELATED | {"verdict": "same"}, 20) + firms(SAME | {"verdict": "different"}, 20), "firm.related", False),
    ],
    ids=["related is different", "same is different", "related is same"],
)
def test_what_people_say_of_organisations_moves_their_rules_and_no_others(
    labelled: Path, tmp_path: Path, lines: str, rule: str, falls: bool
) -> None:
    file = tmp_path / "judgements.jsonl"
    file.write_text(lines, "utf-8")
    rules, prior, told = train.learn_organisations(read(labelled, file))
    assert (rules[rule] < WEIGHTS.rules[rule]) is falls
    assert prior == WEIGHTS.prior["organisation"]
    untold = {name: bits for name, bits in rules.items() if name not in {"firm.related", "firm.same"}}
    assert untold == {name: WEIGHTS.rules[name] for name in untold}
    assert told["judgements"] == 40
    assert 0.0 <= told["in_order_before"] <= 1.0
    assert told["in_order_out_of_fold"] >= told["in_order_before"]


def test_labelled_organisations_teach_how_common_matches_are(labelled: Path, tmp_path: Path) -> None:
    words = ("Harbour", "Meadow", "Copper", "Willow", "Granite", "Lantern")
    rows = [
        {"id": f"{number}{form}", "entity_id": str(number), "type": "organisation", "name": f"{word} Tools {form}"}
        for number, word in enumerate(words)
        for form in ("Ltd", "Limited", "")
    ]
    file = tmp_path / "organisations.jsonl"
    file.write_text(labelled.read_text("utf-8") + "".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    rules, prior, told = train.learn_organisations(read(file))
    assert told["mentions"] == len(rows)
    assert prior > WEIGHTS.prior["organisation"]
    assert rules["firm.same"] >= WEIGHTS.rules["firm.same"]


def test_nothing_labelled_leaves_organisations_as_they_are(labelled: Path) -> None:
    rules, prior, told = train.learn_organisations(read(labelled))
    assert rules == {name: bits for name, bits in WEIGHTS.rules.items() if name.startswith("firm")}
    assert (prior, told) == (WEIGHTS.prior["organisation"], {})


@pytest.mark.parametrize(
    ("text", "day", "said"),
    [
        ("", DAY, "hold 0 pairs of one person"),
        ('{"id": "1", "entity_id": "a", "name": "Ada Voorbeeld"}\n' * 9, DAY, "hold 36 pairs of one person"),
        ("{", DAY, "line 1: this is no JSON"),
        ("", "yesterday", "invalid fromisoformat value"),
        (None, DAY, "No such file"),
    ],
)
def test_labels_that_teach_nothing_change_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, day: str, said: str
) -> None:
    file, output = tmp_path / "labelled.jsonl", tmp_path / "weights.json"
    if text is not None:
        file.write_text(text, "utf-8")
    with pytest.raises(SystemExit) as stopped:
        train.main([str(file), "--date", day, "--output", str(output)])
    assert (stopped.value.code, output.exists()) == (2, False)
    assert said in capsys.readouterr().err
