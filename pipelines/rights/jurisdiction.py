"""Whose law protects a person: what speaks for which country, and the careful answer where nothing does."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import phonenumbers

_NO_COUNTRY = {"001"}


@cache
def countries(group: str) -> frozenset[str]:
    """Return the countries of a group of `countries.toml`."""
    text = resources.files("pipelines.rights").joinpath("countries.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)[group])


def is_protected(country: str) -> bool:
    """Return whether people in a country have the rights of the GDPR or the same ones by their own law."""
    return country in countries("eea") or country in countries("alike")


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Whether European rights apply, and what that stands on: `evidence` lists (kind, country)."""

    protected: bool
    evidence: tuple[tuple[str, str], ...]


def infer(telephones: Iterable[str], emails: Iterable[str], countries: Iterable[str]) -> Jurisdiction:
    """Return where a person is protected.

    `telephones` are E.164, `emails` addresses, `countries` the ISO 3166-1 codes that sources state. One sign of a
    protected country is enough; a person with no sign at all counts as protected, for a mistake the other way harms.
    """
    found = {("telephone", country) for number in telephones if (country := dialled(number))}
    found |= {("email", country) for address in emails if (country := _country_domain(address))}
    found |= {("source", country) for country in countries if country}
    evidence = tuple(sorted(found))
    return Jurisdiction(not evidence or any(is_protected(country) for _, country in evidence), evidence)


@lru_cache(maxsize=4096)
def dialled(number: str) -> str:
    """Return the country of an E.164 number, an empty string where it is none's."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ""
    return region if region and region not in _NO_COUNTRY else ""


def _country_domain(address: str) -> str:
    ending = address.rpartition(".")[2].upper()
    return {"UK": "GB"}.get(ending, ending) if len(ending) == 2 and ending.isalpha() and ending != "EU" else ""
