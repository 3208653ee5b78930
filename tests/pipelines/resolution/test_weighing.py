"""What the store leaves out when it weighs pairs never was worth a judgement."""

from __future__ import annotations

from itertools import combinations, islice

import pytest

from crawler.items import MentionType
from pipelines.resolution.comparison import REVIEW, compare, score
from pipelines.resolution.evidence import strangers
from pipelines.resolution.preparation import Prepared, prepare
from pipelines.resolution.record import Record
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.weighing import ceiling, weigh
from tests.bench.resolution import mentions

FULL = Record(
    "full", MentionType.PERSON, ("Jan de Roe",), ("Noord NV",), ("Directeur",), ("jan.roe@noord.example",),
    ("+31 20 555 0101",), ("Dam 1, Amsterdam",), ("https://people.example/jan-roe",),
)  # fmt: skip
PLAIN = [record for record, _ in islice(mentions(400), 80)]
ODD = [
    FULL,
    Record("initial", MentionType.PERSON, ("J. Roe",), ("Zuid BV",), emails=("roe@noord.example",)),
    Record("nameless", MentionType.PERSON, (), ("Noord NV",), emails=("jan.roe@noord.example",)),
    Record("employerless", MentionType.PERSON, ("Jan Roe",), urls=("https://people.example/jan-roe",)),
    Record("junior", MentionType.PERSON, ("Jan de Roe Jr.",), ("Noord NV",), ("Directeur",)),
    Record("firm", MentionType.ORGANISATION, ("Noord NV",), telephones=("+31 20 555 0101",)),
    Record("branch", MentionType.ORGANISATION, ("Noord",), telephones=("+31 20 555 0101",)),
]
PREPARED = [prepare(record) for record in (*PLAIN, *ODD)]
LEARNT = (Statistics(), Statistics.from_prepared(PREPARED))


@pytest.mark.parametrize("statistics", LEARNT, ids=["nothing-learnt", "learnt"])
def test_no_pair_scores_more_than_its_ceiling(statistics: Statistics) -> None:
    people = [one for one in PREPARED if one.type is MentionType.PERSON]
    for one, other in combinations(people, 2):
        known = strangers(one, other, statistics)
        assert ceiling(one, other, known, statistics) >= score(one, other, statistics)[0] - 1e-5


@pytest.mark.parametrize("statistics", LEARNT, ids=["nothing-learnt", "learnt"])
def test_what_is_worth_a_judgement_is_compared_and_nothing_else(statistics: Statistics) -> None:
    prepared: dict[str, Prepared] = {one.id: one for one in PREPARED}
    worth = 0
    for a, b in combinations(prepared, 2):
        plain = compare(prepared[a], prepared[b], statistics)
        assert weigh(prepared, (a, b), statistics) == (plain if plain.probability >= REVIEW else None)
        worth += plain.probability >= REVIEW
    assert 5 < worth < 2_000
