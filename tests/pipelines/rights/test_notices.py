from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from jinja2 import Environment

from crawler.items import Property
from pipelines.errors import RightsError
from pipelines.rights.notices import DIRECT_ITEMS, ITEMS, LANGUAGES, labels, language_for, write
from pipelines.rights.register import Controller, Recipient
from pipelines.rights.sheets import environment, omissions
from pipelines.rights.subjects import Held, Origin, Subject

CONTROLLER = Controller(
    "Contacts BV", "Kade 1, Voorbeeld", "privacy@contacts.example", "the authority", "Europe/Amsterdam"
)
ACME = Recipient(
    "acme", "Acme Sales Ltd", "US", ("directory",), "licence 3", date(2027, 12, 31), "article 7",
    "standard-contractual-clauses", date(2027, 6, 30),
)  # fmt: skip
TODAY = date(2026, 11, 22)


def held(
    prop: Property,
    value: str,
    purpose: str = "directory",
    language: str = "nl",
    country: str = "NL",
    article: int = 14,
) -> Held:
    origin = Origin("noord", "Noord NV", "company-site", purpose, "legitimate-interest", 730, article)
    seen = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
    return Held(f"s-{value}", "m1", prop, value, 0, "https://noord.example/team", country, language, seen, origin)


def subject(**more: Any) -> Subject:
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_gave_the_data_is_told_every_item_of_article_13(language: str) -> None:
    notice = write(subject(language=language, article=13), "directory", CONTROLLER, [ACME], TODAY)
    for said in ("Ada Noord", "Hoofd inkoop", "2026-11-02", "Acme Sales Ltd", "Contacts BV", "the authority",
                 "privacy@contacts.example", "2028-11-01", labels(language)["legitimate-interest"],
                 labels(language)["standard-contractual-clauses"], "13"):  # fmt: skip
        assert said in notice.body
    assert "14" not in notice.body
    assert "{" not in notice.body
    blocks = environment().get_template(f"direct.{language}.txt.j2").blocks
    assert {"subject", *DIRECT_ITEMS} <= set(blocks)


@pytest.mark.parametrize("language", LANGUAGES)
def test_data_of_both_kinds_are_told_of_in_one_notice(language: str) -> None:
    person = subject(language=language)
    elsewhere = write(person, "directory", CONTROLLER, [], TODAY)
    person.held.append(held(Property.TELEPHONE, "+442079460001", language=language, article=13))
    mixed = write(person, "directory", CONTROLLER, [], TODAY)
    assert "+442079460001" in mixed.body
    template = environment().get_template(f"notice.{language}.txt.j2")
    duty = "".join(template.blocks["art_13_2_e"](template.new_context({}))).strip()
    assert duty in mixed.body
    assert duty not in elsewhere.body


def test_what_was_collected_for_something_else_is_not_told_of() -> None:
    person = subject()
    person.held.append(held(Property.TELEPHONE, "+442079460001", purpose="research"))
    assert "+442079460001" not in write(person, "directory", CONTROLLER, [], TODAY).body
    assert "+442079460001" in write(person, "research", CONTROLLER, [], TODAY).body


def test_a_text_that_nobody_has_reviewed_is_not_sent() -> None:
    for person in (subject(), subject(article=13)):
        with pytest.raises(RightsError, match="ran out on 2027-11-22"):
            write(person, "directory", CONTROLLER, [], date(2027, 11, 22))


@pytest.mark.parametrize(
    ("every", "item"),
    [(items, item) for items in (("subject", *ITEMS), ("subject", *DIRECT_ITEMS)) for item in items],
)
def test_a_text_that_leaves_out_one_item_is_found(every: tuple[str, ...], item: str) -> None:
    blocks = {name: f"{{% block {name} %}}{{{{ said }}}}{{% endblock %}}" for name in every}
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
