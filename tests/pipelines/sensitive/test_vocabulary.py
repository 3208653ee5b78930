"""Names of columns that can be read, that cannot, and what becomes of those that cannot."""

from __future__ import annotations

import string
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import lexicon
from crawler.lexicon.english import build, ordinary
from pipelines.sensitive import Category
from pipelines.sensitive.fields import decide
from pipelines.sensitive.screening import screen_field
from pipelines.sensitive.vocabulary import opened, readable

SHORTEST_OPEN = 6  # signs: five letters and the star


def test_no_word_of_trade_is_open_after_few_letters() -> None:
    """ "fis*" for a receipt would make "codFisc" readable."""
    words = {word for table in lexicon.topic("vocabulary").values() for word in table.get("word", ())}
    latin = {word for word in words if word[:1].isalpha() and word.isascii() and word.endswith("*")}
    assert {word for word in latin if len(word) < SHORTEST_OPEN} == set()


@pytest.mark.parametrize("word", ["storage", "storages", "averaging", "colour", "tried", "voyages"])
def test_a_form_of_an_english_word_is_ordinary(word: str) -> None:
    assert ordinary(word)


@pytest.mark.parametrize("word", ["stp", "age", "storag", "wyzn", "zzzz", ""])
def test_a_shortened_or_short_word_is_not(word: str) -> None:
    assert not ordinary(word)


def test_the_list_leaves_out_capitals_and_regular_forms(tmp_path: Path) -> None:
    source = tmp_path / "list"
    source.write_text("Anna\nboard\nboards\nboarded\nox\ncliché\n", "utf-8")
    other = source.with_name("other")
    other.write_text("harbour\n", "utf-8")
    packed = build([source, other])
    assert zlib.decompress(packed).decode("ascii").split("\n") == ["board", "harbour"]


@pytest.mark.parametrize(
    "name",
    [
        "storage class", "grace period days", "num tva", "kostenstelle", "vaxeltelefon", "vestiging kvk nr",
        "ragione sociale", "tehtavanimike", "cislo objednavky", "должность сотрудника", "職務名称", "reg code",
        "номер счета", "dotterbolag", "senast andrad", "omkostningssted", "apningstider", "liikevaihto",
        "kontaktni osoba", "cegjegyzekszam", "cifra de afaceri", "vergi dairesi", "liczba pracownikow",
        "forma giuridica", "especialidad", "subsidiaria", "chiffre affaires", "letzte anderung", "godziny otwarcia",
    ],
)  # fmt: skip
def test_a_name_of_known_words_can_be_read(name: str) -> None:
    assert readable(opened(name))


@pytest.mark.parametrize(
    "name", ["gebo plaats", "reiligon", "wzn kod", "tel bbcia", "xq", "stan cyw", "дата рожд сокр"]
)
def test_a_name_with_one_unknown_word_cannot(name: str) -> None:
    assert not readable(opened(name))


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("rlgn_aff", "Presbyterian", None),
        ("hndcp_st", "yes", None),
        ("gebo_plaats", "Hoorn", None),
        ("kodzik_wzn", "2", None),
        ("sitFml", "M", None),
        ("neznamo", "14.03.1991", None),
        ("neznamo", "Lindenweg 3", None),
        ("wrkfn", "Sales Manager", "Sales Manager"),
        ("wrkfn", "Corvid Ltd", "Corvid Ltd"),
        ("abtlg", "Einkauf", "Einkauf"),
        ("kntkt", "office@corvid.example", "office@corvid.example"),
        ("kntkt", "alex@gmail.com", None),
        ("kntkt", "alex.sample@corvid.example", None),
        ("strnc", "https://corvid.example/team", "https://corvid.example/team"),
        ("wrkfn", "Catholic manager", None),
        ("wrk_phone", "+44 20 7946 0018", "+44 20 7946 0018"),
        ("dhsn", "CFDT", None),
        ("grace_period", "CFDT", None),
        ("delivery_window", "morning", "morning"),
    ],
)
def test_under_a_name_that_cannot_be_read_only_business_passes(field: str, value: str, kept: str | None) -> None:
    assert screen_field(field, value).redacted == kept


@given(st.text(string.ascii_lowercase + "_", min_size=1, max_size=12), st.sampled_from(["M", "1", "2", "x7", "III"]))
def test_a_code_never_passes_under_a_name_that_cannot_be_read(field: str, value: str) -> None:
    if decide(field).rule == "field-unread":
        assert screen_field(field, value).redacted is None


@pytest.mark.parametrize(
    ("field", "category"),
    [
        ("is_disabled", Category.HEALTH),
        ("employee_race_cd", Category.ORIGIN),
        ("has_kids", Category.FAMILY),
        ("director_date_of_birth", Category.BIRTH),
        ("officer_nationality", Category.NATIONALITY),
        ("manager_home_address", Category.HOME),
        ("shareholder_dob", Category.BIRTH),
        ("vehicle_driver_sex", Category.GENDER),
        ("employee_company_dob", Category.BIRTH),
        ("privatadr", Category.HOME),
        ("iban", Category.IDENTIFIER),
        ("thuisMail", Category.PRIVATE_CONTACT),
        ("mail_hjemme", Category.PRIVATE_CONTACT),
        ("kontonummer", Category.IDENTIFIER),
        ("dietaryNeeds", Category.RELIGION),
        ("οικογενειακή_κατάσταση", Category.FAMILY),
        ("θρήσκευμα", Category.RELIGION),
        ("семейное_положение", Category.FAMILY),
        ("домашний_телефон", Category.HOME),
        ("родинний_стан", Category.FAMILY),
        ("出生日期", Category.BIRTH),
        ("政治面貌", Category.POLITICS),
        ("アレルギー", Category.HEALTH),
        ("配偶者の有無", Category.FAMILY),
        ("تاريخ_الميلاد", Category.BIRTH),
        ("الديانة", Category.RELIGION),
        ("생년월일", Category.BIRTH),
    ],
)
def test_what_a_name_asks_of_somebody_is_dropped(field: str, category: Category) -> None:
    decision = decide(field)
    assert (decision.action, decision.category) == ("drop", category)


@pytest.mark.parametrize(
    "field",
    [
        "disability_services_contact", "party_size", "durchschnittsalter_team", "birth_certificates_desk",
        "gender_equality_officer", "head_of_gender_equality", "company_age", "firm_founded_born_on",
        "age_group_served", "company_iban", "kinderopvang_locatie", "religionsunterricht_raum", "θέση_εργασίας",
        "должность_сотрудника", "посада", "职务", "部署名", "المسمى_الوظيفي", "직책",
    ],
)  # fmt: skip
def test_what_is_about_an_office_a_thing_or_a_company_is_kept(field: str) -> None:
    assert decide(field).action == "keep"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("especialidade", "Cardiologia"),
        ("godziny_otwarcia", "8-16"),
        ("morada_faturação", "Rua da Amostra 1"),
        ("osoba_kontaktowa", "Mika Przykład"),
        ("jednatel", "Alex Ukázka"),
    ],
)
def test_a_word_of_trade_that_holds_a_private_one_is_no_private_one(field: str, value: str) -> None:
    """Of "especialidade" the end means age, of "godziny" the beginning a god."""
    assert screen_field(field, value).redacted == value
