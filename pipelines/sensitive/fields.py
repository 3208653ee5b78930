"""What becomes of a field, by its name: first the tables of known formats, then what the name says in any language."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

from crawler import lexicon
from crawler.items import Property
from crawler.remembering import REPEATS
from pipelines.sensitive.abbreviations import abbreviated
from pipelines.sensitive.categories import Category
from pipelines.sensitive.vocabulary import listed, made_of, opened, pattern, readable, says

Action = Literal["keep", "transform", "prose", "unneeded", "drop"]

_TYPE = re.compile(r"(?i)^type=")
_LETTERS = re.compile(r"[^\W\d_]+")
_EXTENSION = re.compile(r"(?i)^x-(?:[a-z]+-x-)?")
_APART = re.compile(r"[\s_-]")
_WIKIDATA = re.compile(r"^P\d+$")
#: Categories that a word of work excuses: a company's number and an office's address are no personal data.
_PLACES = frozenset({Category.HOME, Category.PRIVATE_CONTACT, Category.IDENTIFIER})
#: Categories that a word for an enterprise excuses, where nobody stands beside it.
_COMPANY = frozenset({Category.AGE, Category.BIRTH, Category.NATIONALITY, Category.FAMILY})
#: What a name may ask of somebody in so many words ("is_disabled", "emp_race"); not every "is_private" is a person.
_ASKED = frozenset(Category) - _PLACES
_KEPT = ("keep", "trade", "work", "office", "phrase", "thing")
_UMLAUTS = re.compile(r"(?<=[b-df-hj-np-tv-z])([aou])e")


@dataclass(slots=True, frozen=True)
class Decision:
    """What becomes of a field: `category` is set where it is dropped, `rule` says which table or word class decided."""

    action: Action
    category: Category | None = None
    rule: str = ""


@cache
def actions() -> dict[str, dict[str, Any]]:
    """Return the documented tables: format → action → fields, and `drop` → category → fields."""
    return tomllib.loads(resources.files("pipelines.sensitive").joinpath("actions.toml").read_text("utf-8"))


@cache
def _table(form: str) -> dict[str, Decision]:
    table = actions()[form]
    plain: tuple[Action, ...] = ("unneeded", "transform", "keep")
    decisions = {
        name.casefold(): Decision(action, rule=f"{form}-{action}") for action in plain for name in table.get(action, ())
    }
    for category, names in table["drop"].items():
        decisions |= {name.casefold(): Decision("drop", Category(category), f"{form}-drop") for name in names}
    return decisions


@lru_cache(maxsize=REPEATS)
def decide(field: str) -> Decision:
    """Return what becomes of a field with this name, in any format and language.

    A prefix of the format decides where there is one (`ftm:`, `p-`, a Wikidata property, a vCard name with
    parameters); then the schema.org table, in camel case or with words apart; then the words of the name itself. A name
    that says nothing known is not needed: unknown keys drop by default.
    """
    for decision in (_prefixed(field), _table("schema_org").get(_APART.sub("", field).casefold())):
        if decision:
            return decision
    return _worded(field)


def forbidden_column(prop: Property, column: str) -> Category | None:
    """Return the category for which nothing in a column of a register may pass, whatever a mapping calls it, or None.

    "family" as the source of a family name says what part of the name it is, and nothing of a marriage.
    """
    decision = decide(column)
    named = prop is Property.FAMILY_NAME and decision.category is Category.FAMILY
    return decision.category if decision.action == "drop" and not named else None


def _prefixed(field: str) -> Decision | None:
    if field.startswith("ftm:"):
        return _table("ftm").get(field.rpartition(".")[2].casefold())
    if _WIKIDATA.match(field):
        return _table("wikidata").get(field.casefold(), Decision("unneeded", rule="wikidata-unknown"))
    if re.match(r"^(?:p|u|dt|e|h)-[a-z]", field):
        return _table("microformats").get(field.casefold())
    name, *parameters = field.split(";")
    extended = name.casefold().startswith("x-")
    if extended or (name := name.rpartition(".")[2]).isupper():
        return _vcard(name, parameters) or (_worded(_EXTENSION.sub("", name)) if extended else None)
    return None


def _vcard(name: str, parameters: list[str]) -> Decision | None:
    kinds = {kind for parameter in parameters if _TYPE.match(parameter) for kind in parameter[5:].casefold().split(",")}
    kinds |= {parameter.casefold() for parameter in parameters if "=" not in parameter}
    if "home" in kinds and "work" not in kinds:
        home = Category.HOME if name in ("ADR", "LABEL", "GEO") else Category.PRIVATE_CONTACT
        return Decision("drop", home, "vcard-type-home")
    table = _table("vcard")
    exact = table.get(f"{name};{';'.join(parameters)}".casefold())
    return exact or table.get(name.casefold())


def spoken(field: str) -> str:
    """Return the words of a field name, folded and apart: "user.homeAddress[0]" becomes "user home address"."""
    apart = "".join(
        f" {sign}" if sign.isupper() and (before.islower() or (before.isupper() and after.islower())) else sign
        for before, sign, after in zip(f" {field}", field, f"{field[1:]} ", strict=False)
    )
    return " ".join(_LETTERS.findall(lexicon.fold(apart)))


def _worded(field: str) -> Decision:
    """Decide by the words of the name, read apart and in one word, as compounds are written.

    A name whose first or last word is an office or a department is about that office, one with a thing about that. What
    is left must be readable in every word to be kept: a name that cannot be read says nothing.
    """
    name = spoken(field)
    parts = [part for part in re.split(r"[.\[\]:/]", field) if _LETTERS.search(part)]
    plain = pattern("phrase").sub(" ", opened(name))
    words = plain.split()
    office = _about_business(name, words)
    joined = ["".join(_LETTERS.findall(lexicon.fold(part))) for part in parts]
    last = pattern("phrase").sub(" ", spoken(parts[-1])) if parts else plain
    readings = [pattern("phrase").sub(" ", name), plain, last]
    readings += [word for word in joined if not says("phrase", name) and not made_of("office", word)]
    for reading in () if office else dict.fromkeys(readings + [_UMLAUTS.sub(r"\1", word) for word in readings]):
        if category := _sensitive(reading, _excused(plain), trade=says("trade", plain)):
            return Decision("drop", category, "field-name")
    asked = None if office else _sensitive(_asked(words), _excused(plain), trade=True)
    if asked in _ASKED:
        return Decision("drop", asked, "field-name")
    pay = any(says("pay", reading) for reading in readings) and not set(words) & listed("company")
    if not office and (pay or not any(readable(reading) for reading in (name, plain, _UMLAUTS.sub(r"\1", name)))):
        return Decision("unneeded", rule="field-pay") if pay else _unread(words)
    if says("prose", last):
        return Decision("prose", rule="field-prose")
    known = (name, plain, _UMLAUTS.sub(r"\1", name))
    if office or any(says(kind, reading) for kind in _KEPT for reading in known):
        return Decision("keep", rule="field-known")
    return Decision("unneeded", rule="field-unknown")


def _unread(words: list[str]) -> Decision:
    """Decide about a name that cannot be read: what it shortens may tell its category."""
    category = abbreviated(words)
    return Decision("drop", category, "field-abbreviation") if category else Decision("unneeded", rule="field-unread")


def _asked(words: list[str]) -> str:
    """What a name asks for, without who is asked and how the answer is written: "is_disabled", "employee_race_cd"."""
    flagged = words[1:] if len(words) > 1 and words[0] in listed("flag") else words
    while len(flagged) > 1 and flagged[-1] in listed("form"):
        flagged = flagged[:-1]
    return " ".join(flagged)


def _about_business(name: str, words: list[str]) -> bool:
    """Whether a name is about a thing, an office or a department, which has no private side.

    How an office is reached stands behind it ("disability_services_contact"). Somebody who holds one has a birthday all
    the same: where nothing but a private property follows the holder, the name is about that ("director_gender").
    """
    holder = bool(words) and words[0] in listed("person")
    told = " ".join(word for word in words if word not in listed("person"))
    if holder and _sensitive(told, frozenset(), trade=True) and not _left(told):
        return False
    topic = list(words)
    while len(topic) > 1 and topic[-1] in listed("tail"):
        topic.pop()
    ends = {topic[0], topic[-1]} if topic else set()
    thing = says("thing", name) and not listed("person") & set(words)
    return thing or any(made_of("office", word) for word in ends) or _job(topic)


def _left(name: str) -> str:
    """What is left of a name without its private words and the small ones."""
    for category in Category:
        name = pattern(category.value).sub(" ", name)
    return " ".join(word for word in name.split() if word not in listed("short") | listed("form"))


def _excused(name: str) -> frozenset[Category]:
    """Return the categories that a name does not speak of, whatever its words are.

    Words of work excuse a place or a number; a company has an age, a birthday and a parent of its own.
    """
    excused = _PLACES if says("work", name) else frozenset[Category]()
    words = set(name.split())
    return excused | _COMPANY if words & listed("company") and not words & listed("person") else excused


def _job(words: list[str]) -> bool:
    """Whether a name of several words ends in a job ("political_correspondent"), be it in the field of care.

    A helper of the body or the mind is somebody's own ("family_doctor"), so these do not count.
    """
    last = words[-1] if words else ""
    return len(words) > 1 and last in lexicon.words("roles", "head", "en") and not says("carer", last)


def _sensitive(name: str, excused: frozenset[Category], *, trade: bool) -> Category | None:
    """Return the category that a name speaks of; words of trade excuse the weak words."""
    for category in Category:
        if category in excused:
            continue
        if says(category.value, name) or (not trade and says(f"weak_{category.value}", name)):
            return category
    return None
