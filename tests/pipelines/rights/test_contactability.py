"""Who may be contacted: by a table of countries, legal forms and channels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import lexicon
from pipelines.rights.contactability import (
    Channel,
    Form,
    May,
    Screen,
    _table,
    contactable,
    form_of,
    legal_form,
    registers,
    screen,
)

EMAIL, TELEPHONE = Channel.EMAIL, Channel.TELEPHONE


@pytest.mark.parametrize(
    ("countries", "form", "channel", "may", "law"),
    [
        ({"NL"}, Form.SOLE_TRADER, TELEPHONE, May.NO, "11.7"),
        ({"NL"}, Form.PARTNERSHIP, TELEPHONE, May.NO, "11.7"),
        ({"NL"}, Form.UNKNOWN, TELEPHONE, May.NO, "11.7"),
        ({"NL"}, Form.CORPORATE, TELEPHONE, May.YES, "11.7"),
        ({"NL"}, Form.CORPORATE, EMAIL, May.CONSENT_NEEDED, "11.7"),
        ({"DE"}, Form.CORPORATE, EMAIL, May.CONSENT_NEEDED, "section 7"),
        ({"DE"}, Form.CORPORATE, TELEPHONE, May.CONSENT_NEEDED, "presumed"),
        ({"GB"}, Form.SOLE_TRADER, EMAIL, May.CONSENT_NEEDED, "regulation 22"),
        ({"GB"}, Form.CORPORATE, EMAIL, May.YES, "regulation 22"),
        ({"US"}, Form.UNKNOWN, EMAIL, May.YES, "CAN-SPAM"),
        ({"US"}, Form.CORPORATE, TELEPHONE, May.YES, "TCPA"),
        ({"FR"}, Form.CORPORATE, EMAIL, May.YES, "L34-5"),
        ({"XK"}, Form.CORPORATE, EMAIL, May.CONSENT_NEEDED, "2002/58"),
        (set(), Form.UNKNOWN, EMAIL, May.CONSENT_NEEDED, "no country known"),
        ({"US", "NL"}, Form.SOLE_TRADER, TELEPHONE, May.NO, "NL"),
    ],
)
def test_the_law_answers(countries: set[str], form: Form, channel: Channel, may: May, law: str) -> None:
    answer = contactable(countries, form, channel)
    assert answer.may is may
    assert law in answer.reason


COUNTRIES = st.sets(st.sampled_from(["NL", "DE", "GB", "US", "FR", "XX"]))


@given(COUNTRIES, st.sampled_from(Form), st.sampled_from(Channel), st.booleans())
def test_an_objection_outweighs_everything(countries: set[str], form: Form, channel: Channel, consented: bool) -> None:
    assert contactable(countries, form, channel, objected=True, consented=consented).may is May.NO


@given(COUNTRIES, st.sampled_from(Form), st.sampled_from(Channel))
def test_a_consent_opens_what_the_law_closes(countries: set[str], form: Form, channel: Channel) -> None:
    assert contactable(countries, form, channel, consented=True).may is May.YES


@given(COUNTRIES, st.sampled_from(["NL", "DE", "US"]), st.sampled_from(Form), st.sampled_from(Channel))
def test_another_country_never_makes_it_easier(known: set[str], more: str, form: Form, channel: Channel) -> None:
    order = [May.YES, May.CONSENT_NEEDED, May.NO]
    if known:
        before, after = contactable(known, form, channel).may, contactable(known | {more}, form, channel).may
        assert order.index(after) >= order.index(before)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Noord Advies B.V.", Form.CORPORATE),
        ("AG Noord", Form.CORPORATE),
        ("Zuid GmbH & Co. KG", Form.CORPORATE),
        ("De Haven VOF", Form.PARTNERSHIP),
        ("Eenmanszaak Zuid", Form.SOLE_TRADER),
        ("Schreinerei Süd, Inhaber", Form.SOLE_TRADER),
        ("Noord Advies", Form.UNKNOWN),
        ("SA", Form.UNKNOWN),
        ("", Form.UNKNOWN),
    ],
)
def test_a_name_tells_the_legal_form(name: str, form: Form) -> None:
    assert legal_form(name) is form


@pytest.mark.parametrize(
    ("employers", "family", "form"),
    [
        (["Roe Advies"], ["Roe"], Form.SOLE_TRADER),
        (["Roe Advies BV"], ["Roe"], Form.CORPORATE),
        (["Noord BV", "Zuid"], [], Form.UNKNOWN),
        (["Noord BV", "De Haven VOF"], [], Form.PARTNERSHIP),
        ([], ["Roe"], Form.UNKNOWN),
    ],
)
def test_the_most_protective_employer_decides(employers: list[str], family: list[str], form: Form) -> None:
    assert form_of(employers, family) is form


@pytest.mark.parametrize(
    ("country", "form", "register"),
    [
        ("GB", Form.SOLE_TRADER, Screen("gb-tps", 28)),
        ("GB", Form.CORPORATE, Screen("gb-ctps", 28)),
        ("US", Form.UNKNOWN, Screen("us-dnc", 28)),
        ("IT", Form.CORPORATE, Screen("it-rpo", 15)),
        ("SE", Form.CORPORATE, None),
        ("NL", Form.SOLE_TRADER, None),
        ("XX", Form.UNKNOWN, None),
    ],
)
def test_registers_that_have_to_be_looked_at(country: str, form: Form, register: Screen | None) -> None:
    assert screen(country, form) == register


def test_the_table_is_whole() -> None:
    table = _table()
    for country, rule in table["country"].items():
        for channel in Channel:
            for column in ("natural", "corporate"):
                answer, law = rule[channel.value][column]
                assert answer in {"yes", "no", "consent"}, (country, channel, column)
                assert law
    known = {name for language in lexicon.topic("legal_forms").values() for name in language}
    assert {*table["forms"]["corporate"], *table["forms"]["partnership"]} <= known
    assert set(registers().values()) == {15, 28}
