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

Action = Literal["keep", "transform", "prose", "unneeded", "drop"]

_TYPE = re.compile(r"(?i)^type=")
_LETTERS = re.compile(r"[^\W\d_]+")
_EXTENSION = re.compile(r"(?i)^x-(?:[a-z]+-x-)?")
_APART = re.compile(r"[\s_-]")
_WIKIDATA = re.compile(r"^P\d+$")
#: Categories that a word of work excuses: a company's number and an office's address are no personal data.
_PLACES = frozenset({Category.HOME, Category.PRIVATE_CONTACT, Category.IDENTIFIER})
_LATIN_ENDS = "\u0250"
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


@cache
def _classes() -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind for table in lexicon.topic("fields").values() for kind in table))


@cache
def _whole(kind: str) -> frozenset[str]:
    """Words that count only as the whole name: `height`, but not `image_height`."""
    return frozenset(word for word in lexicon.words("fields", kind) if word.startswith("="))


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    words = sorted(lexicon.words("fields", kind) - _whole(kind), key=lambda word: (-len(word), word))
    spelled = "|".join(re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", " ") for word in words)
    return re.compile(rf"(?<!\w)(?:{spelled})(?!\w)") if spelled else re.compile(r"(?!)")


def _says(kind: str, name: str) -> bool:
    return bool(_pattern(kind).search(name)) or f"={name}" in _whole(kind)


def _worded(field: str) -> Decision:
    """Decide by the words of the name, read apart and in one word, as compounds are written.

    A name whose first or last word is an office or a department is about that office, one with a thing about that.
    """
    name = spoken(field)
    parts = [part for part in re.split(r"[.\[\]:/]", field) if _LETTERS.search(part)]
    plain = _pattern("phrase").sub(" ", name)
    words = plain.split()
    office = _says("thing", name) or (
        bool(words) and (_is("office", words[0]) or _is("office", words[-1]) or _job(words))
    )
    joined = ["".join(_LETTERS.findall(lexicon.fold(part))) for part in parts]
    last = _pattern("phrase").sub(" ", spoken(parts[-1])) if parts else plain
    readings = [plain, last, *(word for word in joined if not _says("phrase", name) and not _is("office", word))]
    trade, work = _says("trade", plain), _says("work", plain)
    for reading in () if office else dict.fromkeys(readings + [_UMLAUTS.sub(r"\1", word) for word in readings]):
        if category := _sensitive(reading, trade=trade, work=work):
            return Decision("drop", category, "field-name")
    if _says("prose", last):
        return Decision("prose", rule="field-prose")
    known = (name, _UMLAUTS.sub(r"\1", name))
    if office or any(
        _says(kind, reading) for kind in ("keep", "trade", "work", "office", "phrase", "thing") for reading in known
    ):
        return Decision("keep", rule="field-known")
    return _unread(name, words)


def _unread(name: str, words: list[str]) -> Decision:
    """Decide about a name that no list knows.

    An abbreviation may tell; a script that no list reads passes by none.
    """
    if category := abbreviated(words):
        return Decision("drop", category, "field-abbreviation")
    return Decision("unneeded", rule="field-unknown" if all(sign < _LATIN_ENDS for sign in name) else "field-script")


def _job(words: list[str]) -> bool:
    """Whether a name of several words ends in a job ("political_correspondent"), be it in the field of care.

    A helper of the body or the mind is somebody's own ("family_doctor"), so these do not count.
    """
    last = words[-1]
    return len(words) > 1 and last in lexicon.words("roles", "head", "en") and not _says("carer", last)


def _sensitive(name: str, *, trade: bool, work: bool) -> Category | None:
    """Return the category that a name speaks of.

    Words of trade excuse the weak words, words of work a place or a number.
    """
    for category in Category:
        if work and category in _PLACES:
            continue
        if _says(category.value, name) or (not trade and _says(f"weak_{category.value}", name)):
            return category
    return None


def _is(kind: str, word: str) -> bool:
    return bool(_pattern(kind).fullmatch(word))
