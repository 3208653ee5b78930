"""What Cardfile does not store about a person, and which rule forbids it."""

from __future__ import annotations

from enum import StrEnum


class Law(StrEnum):
    """Where a prohibition comes from."""

    ART9 = "art9"  # special categories of personal data, GDPR Article 9(1)
    ART10 = "art10"  # criminal convictions and offences, GDPR Article 10
    HOUSE = "house rule"  # lawful for some, needless on a business card: data minimisation, GDPR Article 5(1)(c)


class Category(StrEnum):
    """The categories, named as in the audit counts."""

    RELIGION = "religion_belief"
    POLITICS = "political_opinion"
    UNION = "trade_union"
    ORIGIN = "ethnic_origin"
    HEALTH = "health_disability"
    SEX_LIFE = "sex_life_orientation"
    BIOMETRIC = "genetic_biometric"
    GENDER = "gender"
    AGE = "age"
    BIRTH = "birth_date"
    FAMILY = "marital_family"
    NATIONALITY = "nationality"
    IDENTIFIER = "national_id"
    HOME = "home_address"
    PRIVATE_CONTACT = "private_contact"
    CRIMINAL = "criminal"


LAW: dict[Category, Law] = {
    Category.RELIGION: Law.ART9,
    Category.POLITICS: Law.ART9,
    Category.UNION: Law.ART9,
    Category.ORIGIN: Law.ART9,
    Category.HEALTH: Law.ART9,
    Category.SEX_LIFE: Law.ART9,
    Category.BIOMETRIC: Law.ART9,
    Category.CRIMINAL: Law.ART10,
    Category.GENDER: Law.HOUSE,
    Category.AGE: Law.HOUSE,
    Category.BIRTH: Law.HOUSE,
    Category.FAMILY: Law.HOUSE,
    Category.NATIONALITY: Law.HOUSE,
    Category.IDENTIFIER: Law.HOUSE,  # and national law under GDPR Article 87
    Category.HOME: Law.HOUSE,
    Category.PRIVATE_CONTACT: Law.HOUSE,
}
