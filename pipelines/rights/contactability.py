"""Whether somebody may be contacted by e-mail or telephone, and why: by country, legal form and consent. Pure.

The table is `contactability.toml`; what it does not name counts as the strictest that it does. The answer is evidence
for whoever decides, like everything here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from crawler import lexicon


class Channel(StrEnum):
    """A way to reach somebody for direct marketing."""

    EMAIL = "email"
    TELEPHONE = "telephone"


class Form(StrEnum):
    """What somebody is called at: a legal person, or a natural one; who cannot be told counts as natural."""

    CORPORATE = "corporate"
    PARTNERSHIP = "partnership"
    SOLE_TRADER = "sole-trader"
    UNKNOWN = "unknown"

    @property
    def law(self) -> str:
        """The column of the table."""
        return "corporate" if self is Form.CORPORATE else "natural"


class May(StrEnum):
    """The answer."""

    YES = "yes"
    NO = "no"
    CONSENT_NEEDED = "consent-needed"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether somebody may be contacted, and a sentence that says why, without any value."""

    may: May
    reason: str


@dataclass(frozen=True, slots=True)
class Screen:
    """A do-not-call register that has to be looked at, at most `days` before a call."""

    register: str
    days: int


class Screened(StrEnum):
    """What a do-not-call register says about a number."""

    FREE = "free"
    LISTED = "listed"
    NOT_SCREENED = "not-screened"


_ORDER = (May.YES, May.CONSENT_NEEDED, May.NO)
_ANSWERS = {"yes": May.YES, "consent": May.CONSENT_NEEDED, "no": May.NO}


def contactable(
    countries: Collection[str],
    form: Form,
    channel: Channel,
    *,
    objected: bool = False,
    consented: bool = False,
) -> Answer:
    """Return whether somebody may be contacted by a channel.

    `countries` are all that anything held points to; the strictest of their laws decides, and no country at all is
    answered as Europe is. An objection outweighs everything, a consent outweighs the law's own answer.
    """
    if objected:
        return Answer(May.NO, "the person has objected to this channel (Article 21(2) GDPR)")
    if consented:
        return Answer(May.YES, "the person has agreed to this channel (Article 7 GDPR)")
    answers = [_answer(country, form, channel) for country in sorted(countries) or ["default"]]
    return max(answers, key=lambda one: (_ORDER.index(one.may), one.reason))


def _answer(country: str, form: Form, channel: Channel) -> Answer:
    found, law = _rule(country)[channel.value][form.law]
    place = "no country known" if country == "default" else country
    return Answer(_ANSWERS[found], f"{place}, {form.value.replace('-', ' ')}: {law}")


def screen(country: str, form: Form) -> Screen | None:
    """Return the register that has to be looked at before a number of a country is called, None where none has."""
    stated = _rule(country).get("screen", {})
    register = stated.get(form.law, "")
    return Screen(register, stated["days"]) if register else None


def registers() -> dict[str, int]:
    """Return the do-not-call registers of the table, with the days for which a look into them holds."""
    return {
        name: stated["days"]
        for rule in _table()["country"].values()
        if (stated := rule.get("screen"))
        for key, name in stated.items()
        if key != "days"
    }


def form_of(employers: Iterable[str], family_names: Iterable[str] = ()) -> Form:
    """Return the legal form of whom somebody works for: the one that protects most, where there are several.

    An employer without a legal form that bears the person's own family name is taken for a sole trader's business.
    """
    order = (Form.SOLE_TRADER, Form.PARTNERSHIP, Form.UNKNOWN, Form.CORPORATE)
    own = frozenset(lexicon.fold(name) for name in family_names if len(name) > 2)
    found = [_own_or(employer, own) for employer in employers]
    return min(found, key=order.index) if found else Form.UNKNOWN


def _own_or(employer: str, own: frozenset[str]) -> Form:
    form = legal_form(employer)
    bears = form is Form.UNKNOWN and not own.isdisjoint(_words(employer))
    return Form.SOLE_TRADER if bears else form


@lru_cache(maxsize=4096)
def legal_form(organisation: str) -> Form:
    """Return what the name of an organisation says about its legal form.

    >>> legal_form("Noord Advies B.V."), legal_form("Eenmanszaak Zuid"), legal_form("Noord Advies")
    (<Form.CORPORATE: 'corporate'>, <Form.SOLE_TRADER: 'sole-trader'>, <Form.UNKNOWN: 'unknown'>)
    """
    words = _words(organisation)
    spelled = _forms()
    for size in range(min(4, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            form = spelled.get(" ".join(words[start : start + size]))
            at_an_end = start in (0, len(words) - size)
            if form is Form.SOLE_TRADER or (form and len(words) > size and at_an_end):
                return form
    return Form.UNKNOWN


def _words(text: str) -> list[str]:
    folded = lexicon.fold(text).replace(".", "")
    return "".join(letter if letter.isalnum() or letter in "&+/" else " " for letter in folded).split()


@cache
def _forms() -> dict[str, Form]:
    """Return the spellings of legal forms, folded as names are, with what they mean here."""
    stated = _table()["forms"]
    kinds = dict.fromkeys(stated["corporate"], Form.CORPORATE) | dict.fromkeys(stated["partnership"], Form.PARTNERSHIP)
    found = dict.fromkeys(stated["sole_trader"], Form.SOLE_TRADER)
    for language in lexicon.topic("legal_forms").values():
        for name, spellings in language.items():
            if name in kinds:
                found.update((" ".join(_words(spelling)), kinds[name]) for spelling in (name, *spellings))
    return found


@lru_cache(maxsize=512)
def _rule(country: str) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = _table()["country"]
    return found.get(country, found["default"])


@cache
def _table() -> dict[str, Any]:
    text = resources.files("pipelines.rights").joinpath("contactability.toml").read_text("utf-8")
    return tomllib.loads(text)
