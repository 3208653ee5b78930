"""`scrapy resolve`, `review`, `judge`, `unmerge` and `why`, run the way Scrapy runs them."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.items import MentionType, Property
from pipelines.resolution.labels import read_judgements
from tests.support import commands
from tests.support.reported import Seen, store
from tests.support.rights import written

Run = Callable[..., tuple[int, str, str]]
JANE = {
    Property.NAME: "Jane Roe",
    Property.JOB_TITLE: "Director",
    Property.WORKS_FOR: "Noord NV",
    Property.EMAIL: "jane.roe@noord.example",
    Property.TELEPHONE: "+442079460141",
}
PRESS = {Property.NAME: "Jane Roe", Property.WORKS_FOR: "Oost BV", Property.EMAIL: "jane.roe@noord.example"}
MOVED = {Property.NAME: "Jane Roe", Property.WORKS_FOR: "Zuid BV", Property.EMAIL: "jane.roe@zuid.example"}


class Terminal(io.StringIO):
    """Keys that a person types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    seen = [
        Seen(JANE),
        Seen(PRESS, source="press", url="http://press.example/a"),
        Seen(MOVED, source="zuid", url="http://zuid.example/team"),
    ]
    store(f"sqlite:///{tmp_path / 'cardfile.db'}", seen).dispose()

    def call(*arguments: str) -> tuple[int, str, str]:
        code = commands.call(*arguments, CARDFILE_HOME=str(tmp_path))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def open_question(run: Run) -> dict[str, object]:
    _, out, _ = run("review", "--json")
    (question,) = [json.loads(line) for line in out.splitlines()]
    found: dict[str, object] = question
    return found


def ids(run: Run) -> tuple[str, str]:
    question = open_question(run)
    left, right = question["left"], question["right"]
    assert isinstance(left, dict)
    assert isinstance(right, dict)
    return left["mention"], right["mention"]


def merged_pair(run: Run) -> list[str]:
    """The two readings that one mailbox makes one."""
    found = json.loads(run("why", "jane.roe@noord.example", "--json")[1])
    (merge,) = [decision for decision in found["decisions"] if decision["joined"]]
    mentions: list[str] = merge["mentions"]
    return mentions


def test_a_job_change_that_only_the_name_carries_waits_for_a_person(run: Run) -> None:
    question = open_question(run)
    assert question["reason"]["verdict"] == "review"  # type: ignore[index]
    assert "profiles" in question["reason"]["needs"]  # type: ignore[index]
    code, out, _ = run("review", "--list")
    assert (code, out.splitlines()[-1]) == (0, "1 open question.")


def test_a_judgement_answers_the_question_and_gives_the_history(run: Run) -> None:
    question = open_question(run)
    one, other = ids(run)
    code, out, err = run("judge", one, other, "--same", "--by", "Ann", "--reason", "told", "--json")
    decided = json.loads(out)
    assert (code, err, decided["joined"], decided["conflicts"]) == (0, "", True, [])
    assert run("review", "--list")[1] == "0 open questions.\n"
    _, said, _ = run("why", "jane.roe@zuid.example")
    assert "Ann decided on " in said
    assert "The person said so." in said
    assert "new employer" in said or "Changed employer" in said or "Job: " in said
    merged = ({before["id"] for before in (question["left"], question["right"])} - {decided["entities"][0]}).pop()  # type: ignore[index]
    assert f"{merged} was merged into {decided['entities'][0]}." in run("why", merged)[1]
    assert run("unmerge", decided["judgement"][:12], "--by", "Ann")[0] == 0
    assert run("review", "--list")[1].endswith("1 open question.\n")


@pytest.mark.parametrize(
    ("by", "already", "english", "dutch"),
    [
        ("Ann", "own", "You had decided so before", "Dat had u al besloten"),
        ("Bob", "other", "Somebody else had decided so before", "Dat had iemand anders al besloten"),
    ],
)
def test_what_was_decided_before_is_said_to_have_been(
    run: Run, by: str, already: str, english: str, dutch: str
) -> None:
    pair = ids(run)
    first = json.loads(run("judge", *pair, "--same", "--by", "Ann", "--json")[1])
    assert first["already"] == ""
    again = json.loads(run("judge", *pair, "--same", "--by", by, "--json")[1])
    assert (again["already"], again["judgement"]) == (already, first["judgement"])
    for language, sentence in (("en", english), ("nl", dutch)):
        code, out, err = run("judge", *pair, "--same", "--by", by, "--language", language)
        assert (code, err) == (0, "")
        assert sentence in out.splitlines()[1]
        assert "Ann" not in out
    assert json.loads(run("judge", *pair, "--different", "--by", by, "--json")[1])["already"] == ""


def test_what_was_decided_is_said_in_dutch_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = ids(run)
    nl = ("--language", "nl")
    assert run("review", "--list", *nl)[1].endswith("1 open vraag.\n")
    assert run("review", "--conflicts", *nl)[1] == "Niemand spreekt iemand tegen.\n"
    decided = run("judge", *pair, "--same", "--by", "Ann", *nl)[1]
    assert decided.startswith("Oordeel ")
    assert ": één persoon of organisatie, " in decided
    assert run("review", "--list", *nl)[1] == "0 open vragen.\n"
    undone = run("unmerge", decided.split()[1][:12], "--by", "Ann", *nl)[1]
    assert ": twee personen of organisaties, " in undone
    monkeypatch.setattr(sys, "stdin", Terminal("s\n"))
    said = run("review", "--by", "Ann", *nl)[1].splitlines()
    assert said[-1] == "1 besloten, 0 overgeslagen."
    assert said[-2].startswith(("Oordeel ", "s dezelfde, d verschillend, k overslaan, q stoppen: Oordeel "))


def test_contradictions_are_said_at_once_and_listed(run: Run) -> None:
    assert run("review", "--conflicts") == (0, "Nobody contradicts anybody.\n", "")
    one, other = ids(run)
    third = next(mention for mention in merged_pair(run) if mention not in {one, other})
    one, other = sorted((one, other), key=lambda mention: mention in merged_pair(run))
    assert run("judge", one, other, "--same", "--by", "Ann")[0] == 0
    assert run("judge", other, third, "--same", "--by", "Ann")[0] == 0
    code, _, err = run("judge", one, third, "--different", "--by", "Bob")
    assert code == 0
    assert "contradict each other" in err
    _, out, _ = run("review", "--conflicts", "--json")
    (conflict,) = map(json.loads, out.splitlines())
    assert conflict["different"]["by"] == "Bob"
    assert {each["by"] for each in conflict["same"]} == {"Ann"}
    for language, beginning in (("en", "People contradict each other"), ("nl", "Mensen spreken elkaar tegen")):
        said = run("review", "--conflicts", "--language", language)[1]
        assert said.startswith(beginning)
        for judgement in (conflict["different"], *conflict["same"]):
            assert f"{judgement['by']} ({judgement['id'][:12]})" in said
    assert run("unmerge", conflict["different"]["id"][:12], "--by", "Bob")[0] == 0
    assert run("review", "--conflicts")[1] == "Nobody contradicts anybody.\n"


@pytest.mark.parametrize(
    ("typed", "said", "left"),
    [("s\n", "1 decided, 0 skipped.", 0), ("d\n", "1 decided, 0 skipped.", 0), ("k\n", "0 decided, 1 skipped.", 1),
     ("q\n", "0 decided, 0 skipped.", 1), ("", "0 decided, 0 skipped.", 1), ("x\nq\n", "0 decided, 0 skipped.", 1),
     ("skip\nstoppen\nq\n", "0 decided, 0 skipped.", 1)],
)  # fmt: skip
def test_a_person_answers_at_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, typed: str, said: str, left: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    code, out, _ = run("review", "--by", "Ann")
    assert code == 0
    assert out.endswith(f"{said}\n")
    for shown in ("jane.roe@noord.example", "jane.roe@zuid.example", "A shared profile page would make them one."):
        assert shown in out
    monkeypatch.undo()
    assert len(run("review", "--json")[1].splitlines()) == left


def test_an_interrupted_round_says_what_it_has_decided(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave() -> str:
        raise KeyboardInterrupt

    terminal = Terminal()
    monkeypatch.setattr(terminal, "readline", leave)
    monkeypatch.setattr(sys, "stdin", terminal)
    code, out, err = run("review", "--by", "Ann", "--language", "nl")
    assert (code, err) == (1, "interrupted\n")
    assert out.endswith("k overslaan, q stoppen: \n0 besloten, 0 overgeslagen.\n")


def test_without_a_terminal_nobody_is_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("s\n"))
    code, _, err = run("review")
    assert code == 2
    assert "--list or --json" in err


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["They are one", "Without the shared mailbox they would not have been merged.", "personal mailbox"]),
        ("nl", ["Ze zijn één", "Zonder het gedeelde gegeven (mailadres)", "persoonlijk mailadres"]),
    ],
)
def test_why_explains_a_pair_with_its_counterfactual_and_draws_it(
    run: Run, tmp_path: Path, language: str, sentences: list[str]
) -> None:
    pair = merged_pair(run)
    for name in ("why.svg", "why.html"):
        picture = tmp_path / name
        code, out, _ = run("why", *pair, "--language", language, "--picture", str(picture))
        assert code == 0
        for sentence in sentences:
            assert sentence in out
        assert "<svg" in picture.read_text("utf-8")
    facts = json.loads(run("why", *pair, "--json")[1])
    assert facts["reason"]["steps"][-1]["total"] == pytest.approx(facts["reason"]["bits"], abs=0.01)
    assert facts["joined"] is True


def test_why_explains_two_entries_that_are_not_one(run: Run) -> None:
    one, other = ids(run)
    facts = json.loads(run("why", one, other, "--json")[1])
    assert (facts["joined"], facts["reason"]["verdict"]) == (False, "review")
    assert "A shared profile page would make them one." in facts["reason"]["sentences"]


def test_resolve_learns_a_version_and_a_batch_gives_what_the_store_holds(run: Run) -> None:
    assert run("resolve", "--check")[0] == 0
    first = json.loads(run("resolve", "--json")[1])
    assert first["mentions"] == 6
    assert len(first["statistics"]) == 12
    again = json.loads(run("resolve", "--json")[1])
    assert (again["statistics"], again["same"], again["after"]) == (first["statistics"], True, first["after"])
    assert run("resolve", "--check") == (0, "The store is as a batch gives it.\n", "")
    assert run("db", "rebuild", "--check")[0] == 0


def test_resolve_says_how_many_entries_there_are_and_were(run: Run, tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "cardfile.db") as connection:
        connection.execute("UPDATE judgement SET superseded_at = made_at")
        connection.execute("UPDATE mention SET entity_id = NULL, pending = 1")
        connection.execute("DELETE FROM master_value")
        connection.execute("DELETE FROM person")
    connection.close()
    found = json.loads(run("resolve", "--check", "--json")[1])
    assert (found["entries_before"]["people"], found["entries"]["people"], found["same"]) == (0, 2, False)
    assert "2 people (0 before), 3 organisations" in run("resolve", "--keep-statistics")[1]


def test_resolve_checks_and_changes_nothing(run: Run, tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "cardfile.db") as connection:
        connection.execute("UPDATE person SET name = 'Jane Row' WHERE name = 'Jane Roe'")
    connection.close()
    for _ in range(2):
        said = "The store differs from what a batch gives: 2 people, 3 organisations.\n"
        assert run("resolve", "--check") == (1, said, "")
    assert "the master has changed: 2 people, 3 organisations." in run("resolve", "--keep-statistics")[1]
    assert run("resolve", "--check")[0] == 0


def test_what_people_judged_can_be_learnt_from_and_names_nobody(run: Run, tmp_path: Path) -> None:
    assert run("review", "--judged") == (0, "", "")
    assert run("judge", *ids(run), "--different", "--by", "Ann")[0] == 0
    assert run("judge", "Oost BV", "Zuid BV", "--same", "--by", "Ann")[0] == 0
    code, out, err = run("review", "--judged", "--role", "analyst")
    assert (code, err) == (0, "")
    assert not re.search("jane|roe|noord|oost|zuid|example|ann", out.casefold())
    file = tmp_path / "judged.jsonl"
    file.write_text(out, "utf-8")
    people, firms = sorted(read_judgements(file), key=lambda one: one.type.value, reverse=True)
    assert (people.type, people.same) == (MentionType.PERSON, False)
    assert (firms.type, firms.same, firms.findings) == (MentionType.ORGANISATION, True, (("firm.different", 1.0),))
    assert ("given.same", 1.0) in people.findings


def test_a_restricted_person_teaches_nothing(run: Run, tmp_path: Path) -> None:
    assert run("judge", *ids(run), "--different", "--by", "Ann")[0] == 0
    own = {"CARDFILE_HOME": str(tmp_path), "CARDFILE_RIGHTS": str(written(tmp_path))}
    assert commands.call("restrict", "--email", "jane.roe@zuid.example", "--ground", "accuracy", **own) == 0
    run("review", "--list")
    code, out, err = run("review", "--judged")
    assert (code, out) == (0, "")
    assert err.startswith("1 left out: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("judge", "jane roe", "Oost BV", "--same"), "2 entries answer to A;"),
        (("judge", "Oost BV", "Nobody Known", "--same"), "nobody in the store answers to B;"),
        (("why", "Oost BV", "jane roe"), "2 entries answer to OTHER;"),
        (("unmerge", "Nobody Known"), "nobody in the store answers to WHAT, which is no judgement's id either;"),
    ],
)
def test_what_nobody_or_many_answer_to_is_pointed_at(run: Run, arguments: tuple[str, ...], said: str) -> None:
    code, _, err = run(*arguments)
    assert (code, said in err) == (2, True)
    assert "Known" not in err
    assert "jane" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("judge", "a", "b"),
        ("judge", "Jane Roe", "Oost BV", "--same", "--different"),
        ("judge", "Nobody", "Oost BV", "--same"),
        ("judge", "Jane Roe", "Oost BV", "--same", "--reason", "because"),
        ("judge", "Zuid BV", "Zuid BV", "--same"),
        ("unmerge",),
        ("unmerge", "Nobody Known"),
        ("resolve", "--engine", "other"),
        ("resolve", "--fast"),
        ("review", "--limit", "0"),
        ("review", "--list", "--conflicts"),
        ("review", "--conflicts", "--judged"),
        ("why", "Zuid BV", "Zuid BV"),
        ("why", "Oost BV", "--picture", "x.svg"),
        ("why", "Oost BV", "Zuid BV", "--picture", "x.gif"),
    ],
    ids=" ".join,
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2
