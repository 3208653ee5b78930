from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from jinja2 import Environment

from crawler.items import Property
from pipelines.errors import RightsError
from pipelines.rights.notices import ITEMS, LANGUAGES, labels, language_for, write
from pipelines.rights.register import Controller, Recipient
from pipelines.rights.sheets import omissions
from pipelines.rights.subjects import Held, Origin, Subject

CONTROLLER = Controller(
    "Contacts BV", "Kade 1, Voorbeeld", "privacy@contacts.example", "the authority", "Europe/Amsterdam"
)
ACME = Recipient(
    "acme", "Acme Sales Ltd", "US", ("directory",), "licence 3", date(2027, 12, 31), "article 7",
    "standard-contractual-clauses", date(2027, 6, 30),
)  # fmt: skip
TODAY = date(2026, 11, 22)


def held(prop: Property, value: str, purpose: str = "directory", language: str = "nl", country: str = "NL") -> Held:
    origin = Origin("noord", "Noord NV", "company-site", purpose, "legitimate-interest", 730)
    seen = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
    return Held(f"s-{value}", "m1", prop, value, 0, "https://noord.example/team", country, language, seen, origin)


def subject(**more: str) -> Subject:
    values = [
        held(Property.NAME, "Ada Noord", **more),
        held(Property.JOB_TITLE, "Hoofd inkoop", **more),
        held(Property.EMAIL, "ada@noord.example", **more),
    ]
    return Subject("p1", "Ada Noord", values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_every_item_of_the_law(language: str) -> None:
    assert set(labels(language)) == set(labels("en"))
    notice = write(subject(language=language), "directory", CONTROLLER, [ACME], TODAY)
    assert notice.template == f"{language}@1"
    for said in ("Ada Noord", "Hoofd inkoop", "ada@noord.example", "Noord NV", "https://noord.example/team",
                 "2026-11-02", "Acme Sales Ltd", "Contacts BV", "the authority", "privacy@contacts.example",
                 "2028-11-01", labels(language)["legitimate-interest"],
                 labels(language)["standard-contractual-clauses"]):  # fmt: skip
        assert said in notice.body
    assert "Contacts BV" in notice.subject
    assert "{" not in notice.body


def test_what_was_collected_for_something_else_is_not_told_of() -> None:
    person = subject()
    person.held.append(held(Property.TELEPHONE, "+442079460001", purpose="research"))
    assert "+442079460001" not in write(person, "directory", CONTROLLER, [], TODAY).body
    assert "+442079460001" in write(person, "research", CONTROLLER, [], TODAY).body


def test_a_text_that_nobody_has_reviewed_is_not_sent() -> None:
    with pytest.raises(RightsError, match="ran out on 2027-11-22"):
        write(subject(), "directory", CONTROLLER, [], date(2027, 11, 22))


@pytest.mark.parametrize("item", ["subject", *ITEMS])
def test_a_text_that_leaves_out_one_item_is_found(item: str) -> None:
    every = ("subject", *ITEMS)
    blocks = {name: f"{{% block {name} %}}{{{{ said }}}}{{% endblock %}}" for name in ("subject", *ITEMS)}
    template = Environment().from_string("".join(blocks.values()))
    assert omissions(template, {"said": "something"}, every) == []
    assert item in omissions(template, {"said": " "}, every)
    without = Environment().from_string("".join(text for name, text in blocks.items() if name != item))
    assert omissions(without, {"said": "something"}, every) == [item]


@pytest.mark.parametrize(
    ("languages", "countries", "language"),
    [
        (["nl", "nl", "en"], ["NL"] * 3, "nl"),
        (["de-AT", "", ""], ["", "", ""], "de"),
        (["pl", "pl", "fr"], ["PL"] * 3, "fr"),
        (["pl"], ["DE"], "de"),
        (["pl"], ["PL"], "en"),
        ([""], [""], "en"),
    ],
)
def test_people_are_told_in_their_language(languages: list[str], countries: list[str], language: str) -> None:
    values = [
        held(Property.NAME, "Ada Noord", language=tongue, country=country)
        for tongue, country in zip(languages, countries, strict=True)
    ]
    assert language_for(values) == language
