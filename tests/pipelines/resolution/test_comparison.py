"""A pair is weighed by rules that can be read, and some pairs never merge without a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.items import MentionType
from pipelines.resolution import weights
from pipelines.resolution.comparison import MATCH, REVIEW, RULES_VERSION, compare
from pipelines.resolution.preparation import prepare
from pipelines.resolution.record import Record
from pipelines.resolution.statistics import Statistics

PRIOR = Statistics()


def person(name: str, **values: str) -> Record:
    listed = {key: (value,) if key not in {"page", "id"} else value for key, value in values.items()}
    return Record(**{"id": name, "type": MentionType.PERSON, "names": (name,), **listed})  # type: ignore[arg-type]


def firm(name: str, **values: str) -> Record:
    return replace(person(name, **values), type=MentionType.ORGANISATION)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param(
            person("Bill Sample", organisations="Acme Ltd", job_titles="CFO"),
            person("Sample, William", organisations="ACME Limited", job_titles="Chief Financial Officer"),
            id="nickname-at-one-employer",
        ),
        pytest.param(
            person("Ada Voorbeeld", emails="ada.voorbeeld@acme.example"),
            person("A. Voorbeeld", emails="ada.voorbeeld@acme.example"),
            id="initial-with-one-mailbox",
        ),
        pytest.param(
            person("Иван Примеров", organisations="ООО Ромашка", telephones="+7 495 555 01 23"),
            person("Ivan Primerov", organisations="Romashka", telephones="+74955550123"),
            id="two-scripts",
        ),
        pytest.param(
            firm("Voorbeeld Techniek B.V.", telephones="+31 20 794 6000"),
            firm("Voorbeeld Techniek", telephones="020 794 6000"),
            id="firm-without-legal-form",
        ),
    ],
)
def test_one(a: Record, b: Record) -> None:
    found = compare(prepare(a), prepare(b), PRIOR)
    assert found.probability >= MATCH
    assert found.veto == ""


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param(
            person("Jan Voorbeeld", organisations="Acme BV", emails="jan@acme.example"),
            person("Jan Voorbeeld", organisations="Bakkerij Ons Brood", emails="jan@onsbrood.example", id="2"),
            id="namesakes",
        ),
        pytest.param(
            person("Martin Muster", organisations="Acme GmbH"),
            person("Martina Muster", organisations="Acme GmbH"),
            id="family-at-one-employer",
        ),
        pytest.param(
            person("Ada Voorbeeld", emails="info@acme.example", telephones="+31207946000"),
            person("Bob Ander", emails="info@acme.example", telephones="+31207946000"),
            id="colleagues-with-one-mailbox",
        ),
        pytest.param(firm("Acme Logistics BV"), firm("Acme Catering BV"), id="firms-with-one-word"),
    ],
)
def test_two(a: Record, b: Record) -> None:
    assert compare(prepare(a), prepare(b), PRIOR).probability < MATCH


STRONG = {"organisations": "Acme BV", "emails": "ada.voorbeeld@acme.example", "telephones": "+31207946001"}


@pytest.mark.parametrize(
    ("a", "b", "veto"),
    [
        (
            person("Ada Voorbeeld", id="1", page="https://acme.example/team", **STRONG),
            person("Ada Voorbeeld", id="2", page="https://acme.example/team", **STRONG),
            "veto.page",
        ),
        (person("Peter Sample Jr.", **STRONG), person("Peter Sample Sr.", **STRONG), "generation.conflict"),
        (
            person("Ada Voorbeeld", same_as="https://profiles.example/in/ada-voorbeeld-1", **STRONG),
            person("A. Voorbeeld", same_as="https://profiles.example/in/ada-voorbeeld-2b", **STRONG),
            "profile.other",
        ),
        (person("Acme", **STRONG), firm("Acme", **STRONG), "veto.type"),
    ],
)
def test_vetoes(a: Record, b: Record, veto: str) -> None:
    found = compare(prepare(a), prepare(b), PRIOR)
    assert found.veto == veto
    assert found.probability == 0.0 < REVIEW
    assert any(item.rule == veto for item in found.evidence)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("A. Voorbeeld", "Ada Voorbeeld", id="initial-and-full-name"),
        pytest.param("A. Voorbeeld", "A. Voorbeeld", id="two-initials"),
        pytest.param("Voorbeeld", "Ada Voorbeeld", id="surname-alone"),
    ],
)
def test_nothing_learnt_leaves_an_initial_to_people(one: str, other: str) -> None:
    a, b = person(one), replace(person(other), id="other")
    assert REVIEW <= compare(prepare(a), prepare(b), PRIOR).probability < MATCH
    mailbox = ("ada.voorbeeld@acme.example",)
    a, b = replace(a, emails=mailbox), replace(b, emails=mailbox)
    assert compare(prepare(a), prepare(b), PRIOR).probability >= MATCH


def test_evidence_explains_without_values() -> None:
    a = person("Ada Voorbeeld", **STRONG)
    b = person("A. Voorbeeld", **STRONG)
    found = compare(prepare(a), prepare(b), PRIOR)
    text = " ".join(item.sentence for item in found.evidence).casefold()
    assert found.evidence
    assert not any(word in text for word in ("ada", "voorbeeld", "acme", "7946001"))
    assert compare(prepare(b), prepare(a), PRIOR) == found


def test_every_rule_has_a_sentence_in_both_languages() -> None:
    for rule in (*weights.WEIGHTS.rules, "workplace.cap", "veto.page", "veto.type"):
        for language in ("en", "nl"):
            assert weights.sentence(rule, language).endswith(".")


def test_the_workplace_counts_once() -> None:
    table = replace(weights.WEIGHTS, workplace_cap=3.0, rules={"organisation.same": 2.0, "telephone.direct": 4.0})
    found = [("organisation.same", 1.0), ("telephone.direct", 1.0)]
    assert sum(bits for _, bits in table.contributions(found)) == pytest.approx(3.0)


def test_versions_and_thresholds() -> None:
    assert RULES_VERSION
    assert 0 < REVIEW < MATCH < 1
