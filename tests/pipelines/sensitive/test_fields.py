from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipelines.sensitive import Category
from pipelines.sensitive.document import field_table
from pipelines.sensitive.fields import actions, decide
from pipelines.sensitive.screening import screen_field

DOCUMENT = Path(__file__).parents[3] / "docs" / "minimising.md"


@pytest.mark.parametrize(
    ("field", "category"),
    [
        ("birthDate", Category.BIRTH),
        ("BDAY;VALUE=text", Category.BIRTH),
        ("X-KADDRESSBOOK-X-Anniversary", Category.FAMILY),
        ("TEL;TYPE=home,voice", Category.PRIVATE_CONTACT),
        ("item1.EMAIL;type=INTERNET;type=HOME", Category.PRIVATE_CONTACT),
        ("ADR;TYPE=home", Category.HOME),
        ("dt-bday", Category.BIRTH),
        ("p-gender-identity", Category.GENDER),
        ("P140", Category.RELIGION),
        ("ftm:Person.passportNumber", Category.IDENTIFIER),
        ("user.dateOfBirth", Category.BIRTH),
        ("user.maritalStatus", Category.FAMILY),
        ("profile.pronouns", Category.GENDER),
        ("party_affiliation", Category.POLITICS),
        ("is_union_member", Category.UNION),
        ("skin_colour", Category.ORIGIN),
        ("home_address", Category.HOME),
        ("personalEmail", Category.PRIVATE_CONTACT),
        ("geboortedatum", Category.BIRTH),
        ("burgerservicenummer", Category.IDENTIFIER),
        ("Familienstand", Category.FAMILY),
        ("Staatsangehörigkeit", Category.NATIONALITY),
        ("Staatsangehoerigkeit", Category.NATIONALITY),
        ("civilité", Category.GENDER),
        ("nom_de_jeune_fille", Category.FAMILY),
        ("situación_de_discapacidad", Category.HEALTH),
        ("codiceFiscale", Category.IDENTIFIER),
        ("raça_cor", Category.ORIGIN),
        ("wyznanie", Category.RELIGION),
        ("imięOjca", Category.FAMILY),
        ("spouse_work_phone", Category.FAMILY),
        ("gndr_cd", Category.GENDER),
        ("ctznshp", Category.NATIONALITY),
        ("d_o_b", Category.BIRTH),
        ("natl_ins_no", Category.IDENTIFIER),
        ("privAddr", Category.HOME),
        ("family_doctor", Category.FAMILY),
        ("födelsedatum", Category.BIRTH),
        ("trossamfund", Category.RELIGION),
        ("kirkosamfund", Category.RELIGION),
        ("syntymäaika", Category.BIRTH),
        ("rodné_číslo", Category.IDENTIFIER),
        ("rodinný_stav", Category.FAMILY),
        ("cinsiyet", Category.GENDER),
        ("medeni_hal", Category.FAMILY),
        ("дата_рождения", Category.BIRTH),
        ("вероисповедание", Category.RELIGION),
        ("stare_civila", Category.FAMILY),
        ("lakcím", Category.HOME),
        ("expected_retirement", Category.AGE),
        ("lives_alone", Category.FAMILY),
        ("cohabiting_since", Category.FAMILY),
    ],
)
def test_a_private_field_is_dropped_in_any_format_and_language(field: str, category: Category) -> None:
    decision = decide(field)
    assert (decision.action, decision.category) == ("drop", category)


@pytest.mark.parametrize(
    "field",
    [
        "jobTitle", "TEL;TYPE=work", "p-org", "P108", "ftm:Person.position", "email_work", "department", "party_type",
        "union_catalogue_id", "health_sector_lead", "parent_company", "home_page", "gender_equality_officer",
        "political_correspondent", "package_weight_kg", "birthday_campaign_id", "country_of_origin_goods",
        "party_wall_surveyor", "senior_partner", "должность", "befattning", "şirket", "pracovní_pozice", "beosztás",
        "geschaeftsadresse", "bezoekadres", "ust_idnr", "adresse_siege", "domicilio_social", "telefon_służbowy",
        "third_party_ref", "departamento_salud", "gesundheitssektor", "image_height_code", "private_key_id",
    ],
)  # fmt: skip
def test_a_field_of_business_is_kept(field: str) -> None:
    assert decide(field).action in ("keep", "transform")


@pytest.mark.parametrize("field", ["storage_class", "grace_period", "sextant", "terrace", "message", "synonym", "NATO"])
def test_a_word_inside_a_word_is_no_private_field(field: str) -> None:
    assert decide(field).action != "drop"


@pytest.mark.parametrize("form", list(actions()))
def test_a_field_has_one_action_in_its_table(form: str) -> None:
    table = actions()[form]
    names = [name for action in ("keep", "transform", "unneeded") for name in table.get(action, ())]
    names += [name for dropped in table["drop"].values() for name in dropped]
    assert len(names) == len(set(names))
    assert {Category(category) for category in table["drop"]}


STANDARDS = tomllib.loads((Path(__file__).parent / "standards.toml").read_text("utf-8"))


@pytest.mark.parametrize("form", list(STANDARDS))
def test_no_property_of_a_standard_is_without_its_action(form: str) -> None:
    table = actions()[form]
    listed = {name for action in ("keep", "transform", "unneeded") for name in table.get(action, ())}
    listed |= {name for dropped in table["drop"].values() for name in dropped}
    assert set(STANDARDS[form]) <= listed


@pytest.mark.parametrize("form", ["schema_org", "popolo", "ldap", "crm"])
def test_what_a_table_says_is_what_happens_to_a_field_of_that_name(form: str) -> None:
    table = actions()[form]
    dropped = {name for names in table["drop"].values() for name in names}
    assert {name for name in dropped if decide(name).action not in ("drop", "unneeded")} == set()
    assert {name for name in (*table["keep"], *table["transform"]) if decide(name).action == "drop"} <= {
        "honorific_prefix",
        "Salutation",
    }  # an academic title in them is kept: see `screen_field`


def test_the_document_holds_the_table_that_the_stage_uses() -> None:
    table = "\n".join(field_table()).strip()
    assert table in DOCUMENT.read_text("utf-8")


@pytest.mark.parametrize(
    "field", ["gross_salary", "wageBand", "employee.payGrade", "lohngruppe", "salaire_brut", "is_bankrupt"]
)
def test_what_somebody_earns_or_owes_is_not_shown(field: str) -> None:
    assert decide(field).rule == "field-pay"
    assert screen_field(field, "3").redacted is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payroll_department", "Finance"),
        ("mortgage_team_email", "team@corvid.example"),
        ("salary_department", "Sampleton"),
    ],
)
def test_an_office_for_it_is_one(field: str, value: str) -> None:
    assert screen_field(field, value).redacted == value
