"""The tripwire: over every property that can be stored, and silent over everything that is bundled."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.extraction import mentions
from crawler.items import Mention, MentionType, Method, Property, Value
from crawler.page import Page
from pipelines.sensitive import minimise_mention
from pipelines.sensitive.mention import TRIPWIRE
from pipelines.sensitive.trip import trip, trip_evidence
from pipelines.values import MentionRejected, validate_mention

PERSON, ORGANISATION = MentionType.PERSON, MentionType.ORGANISATION
FIXTURES = sorted((Path(__file__).parents[3] / "fixtures").rglob("*.html"))


@pytest.mark.parametrize(
    ("kind", "prop", "text", "category"),
    [
        (PERSON, Property.NAME, "Alex Sample catholic", "religion_belief"),
        (PERSON, Property.FAMILY_NAME, "disabled", "health_disability"),
        (PERSON, Property.HONORIFIC_PREFIX, "Frau", "gender"),
        (PERSON, Property.HONORIFIC_SUFFIX, "SJ", "religion_belief"),
        (PERSON, Property.WORK_LOCATION, "c/o her mother, Mill Lane 4", "home_address"),
        (PERSON, Property.WORK_LOCATION, "Privatanschrift: Mühlweg 4", "home_address"),
        (PERSON, Property.URL, "https://corvid.example/team/alex-sample-lesbian", "sex_life_orientation"),
        (PERSON, Property.SAME_AS, "https://github.com/alex?ref=unionised", "trade_union"),
        (PERSON, Property.EMAIL, "vegan.muslim@corvid.example", "religion_belief"),
        (ORGANISATION, Property.NAME, "Alex Sample, he is a widower", "marital_family"),
        (ORGANISATION, Property.ALTERNATE_NAME, "where she was born", "marital_family"),
    ],
)
def test_it_trips_over_every_property(kind: MentionType, prop: Property, text: str, category: str) -> None:
    assert trip(kind, prop, text, frozenset()) == category


@pytest.mark.parametrize(
    ("kind", "prop", "text"),
    [
        (PERSON, Property.NAME, "Christian Gay Casado"),
        (PERSON, Property.NAME, "Anna van der Katholiek"),
        (PERSON, Property.HONORIFIC_PREFIX, "Prof. Dr."),
        (PERSON, Property.HONORIFIC_SUFFIX, "PhD"),
        (PERSON, Property.WORK_LOCATION, "Church Street 4, Vaterstetten"),
        (PERSON, Property.URL, "https://corvid.example/people/christian-gay"),
        (PERSON, Property.URL, "https://corvid.example/jewish-studies/alex"),
        (PERSON, Property.EMAIL, "christian.gay@corvid.example"),
        (PERSON, Property.TELEPHONE, "+442079460018"),
        (ORGANISATION, Property.NAME, "Catholic University of Valbois"),
        (ORGANISATION, Property.NAME, "Deaf Action"),
        (ORGANISATION, Property.EMAIL, "women@corvid.example"),
        (ORGANISATION, Property.URL, "http://[broken"),
    ],
)
def test_business_does_not_trip_it(kind: MentionType, prop: Property, text: str) -> None:
    assert trip(kind, prop, text, frozenset({"christian", "gay"})) is None


def test_evidence_may_say_what_its_values_say_only() -> None:
    assert trip_evidence("Alex Sample … Head of Religion", frozenset({"alex", "sample", "head", "religion"})) is None
    assert trip_evidence("Alex Sample … catholic", frozenset({"alex", "sample"})) == "religion_belief"


def test_a_hit_drops_the_value_and_is_counted() -> None:
    mention = Mention(PERSON, language="en")
    for prop, text in ((Property.NAME, "Alex Sample"), (Property.URL, "https://corvid.example/alex-homosexual")):
        mention.add(prop, Value(text, Method.CARD, "/p", normalised=text))
    disposals = minimise_mention(mention)
    assert [(one.category, one.location, one.rule) for one in disposals] == [("sex_life_orientation", "url", TRIPWIRE)]
    assert list(mention.values) == [Property.NAME]


def test_no_bundled_page_comes_as_far_as_the_tripwire() -> None:
    """A hit here means that a reader let something pass: mend the reader, not the lexicon."""
    tripped = []
    for file in FIXTURES:
        for mention in mentions(Page("https://www.site.example/team", file.read_bytes())):
            try:
                validate_mention(mention, "GB")
            except MentionRejected:
                continue
            tripped += [
                (file.name, one.category, one.location) for one in minimise_mention(mention) if one.rule == TRIPWIRE
            ]
    assert len(FIXTURES) > 50
    assert tripped == []
