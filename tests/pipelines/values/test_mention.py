from __future__ import annotations

import pytest

from crawler.items import Mention, MentionType, Method, Property, Value
from pipelines.values import MentionRejected, validate_mention


def mention(
    *values: tuple[Property, str], type: MentionType = MentionType.PERSON, **facts: str  # noqa: A002
) -> Mention:  # fmt: skip
    found = Mention(type, **facts)  # type: ignore[arg-type]
    for prop, text in values:
        found.add(prop, Value(text, Method.CARD, "/div", 0.7))
    return found


def normalised(found: Mention) -> dict[str, list[str]]:
    return {prop.value: [value.normalised for value in found.all(prop)] for prop in found.values}


def test_every_value_gets_its_spelling_and_the_name_its_parts() -> None:
    found = mention(
        (Property.NAME, "Frau Dr. Anna Muster, MBA"),
        (Property.JOB_TITLE, "Leiterin Einkauf (sie/ihr)"),
        (Property.WORKS_FOR, "Corvid G.m.b.H."),
        (Property.EMAIL, "mailto:Anna@Corvid.Example"),
        (Property.TELEPHONE, "030 23125 000"),
        (Property.URL, "HTTPS://Corvid.example/team?utm_source=x#anna"),
        language="de-DE",
        country="DE",
    )
    disposals = validate_mention(found)
    assert normalised(found) == {
        "name": ["Anna Muster"],
        "givenName": ["Anna"],
        "familyName": ["Muster"],
        "honorificPrefix": ["Dr."],
        "honorificSuffix": ["MBA"],
        "jobTitle": ["Leiterin Einkauf"],
        "worksFor": ["Corvid GmbH"],
        "email": ["anna@corvid.example"],
        "telephone": ["+493023125000"],
        "url": ["https://corvid.example/team"],
    }
    assert {disposal.rule for disposal in disposals} == {"courtesy-title", "title-clause"}
    assert {value.confidence for value in found.all(Property.GIVEN_NAME)} == {0.7}


def test_invalid_values_go_and_are_counted_by_rule() -> None:
    found = mention((Property.NAME, "Anna Muster"), (Property.EMAIL, "image@2x.png"), (Property.TELEPHONE, "12"))
    disposals = validate_mention(found, "GB")
    assert [(disposal.location, disposal.rule) for disposal in disposals] == [
        ("email", "email-file-name"),
        ("telephone", "telephone-invalid"),
    ]
    assert set(found.values) == {Property.NAME, Property.GIVEN_NAME, Property.FAMILY_NAME}


def test_equal_values_of_one_job_count_once() -> None:
    found = mention(
        (Property.NAME, "Anna Muster"), (Property.EMAIL, "anna@corvid.example"), (Property.EMAIL, "Anna@Corvid.example")
    )
    validate_mention(found)
    assert normalised(found)["email"] == ["anna@corvid.example"]


def test_a_number_under_the_label_fax_is_a_fax_number() -> None:
    found = mention((Property.NAME, "Anna Muster"), country="GB")
    found.add(Property.TELEPHONE, Value("020 7946 0018", Method.CARD, "/", around="Tel"))
    found.add(Property.TELEPHONE, Value("020 7946 0019", Method.CARD, "/", around="Telefax:"))
    validate_mention(found)
    assert normalised(found)["telephone"] == ["+442079460018"]
    assert normalised(found)["faxNumber"] == ["+442079460019"]


def test_parts_that_the_source_states_are_kept_as_stated() -> None:
    found = mention(
        (Property.GIVEN_NAME, "Anna Maria"),
        (Property.FAMILY_NAME, "Muster Probe"),
        (Property.HONORIFIC_PREFIX, "Mrs"),
        (Property.HONORIFIC_SUFFIX, "PhD"),
    )
    disposals = validate_mention(found)
    assert normalised(found) == {
        "givenName": ["Anna Maria"],
        "familyName": ["Muster Probe"],
        "honorificSuffix": ["PhD"],
        "name": ["Anna Maria Muster Probe"],
    }
    assert [disposal.rule for disposal in disposals] == ["courtesy-title"]


def test_the_schema_of_the_type_is_closed() -> None:
    found = mention(
        (Property.NAME, "Corvid B.V."), (Property.JOB_TITLE, "Buyer"), type=MentionType.ORGANISATION, country="NL"
    )
    disposals = validate_mention(found)
    assert normalised(found) == {"name": ["Corvid BV"]}
    assert [(disposal.rule, disposal.location) for disposal in disposals] == [("closed-schema", "card")]


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ([], "name-missing"),
        ([(Property.NAME, "Lorem Ipsum")], "name-placeholder"),
        ([(Property.NAME, "Team 7"), (Property.EMAIL, "team@corvid.example")], "name-digits"),
    ],
)
def test_a_mention_without_a_name_is_rejected(values: list[tuple[Property, str]], rule: str) -> None:
    with pytest.raises(MentionRejected) as rejected:
        validate_mention(mention(*values))
    assert rejected.value.rule == rule
    assert "corvid" not in str(rejected.value)
