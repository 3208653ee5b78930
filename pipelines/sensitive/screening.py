"""What the sensitive stage would keep of one text or field, for `scrapy screen` and for measuring."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crawler.items import MentionType, Method, Property, Value
from pipelines.sensitive.categories import Category
from pipelines.sensitive.contacts import private_contact, private_place
from pipelines.sensitive.evidence import ELLIPSIS, rebuild, rebuild_places
from pipelines.sensitive.fields import Decision, decide, spoken
from pipelines.sensitive.identifiers import identifiers
from pipelines.sensitive.labels import told
from pipelines.sensitive.pieces import business_value, pieces
from pipelines.sensitive.titles import business_title
from pipelines.sensitive.tripwire import body, categories
from pipelines.sensitive.words import revealing
from pipelines.values import PersonName, Rejected, person_name, title

#: schema.org types whose members share a belief or a union.
_TYPES = {
    "politicalparty": Category.POLITICS,
    "workersunion": Category.UNION,
    "religiousorganization": Category.RELIGION,
    "placeofworship": Category.RELIGION,
    "church": Category.RELIGION,
    "mosque": Category.RELIGION,
    "synagogue": Category.RELIGION,
}
#: Kinds of kept fields by the words of their names (`spoken`): which reader their values are for.
_FIELD_KINDS = {
    "courtesy": re.compile(r"\b(?:prefix|honorific prefix)\b"),
    "person": re.compile(
        r"\b(?:fn|n|(?:(?:given|family|first|last|full|middle|additional|sur|display|contact|manager|assistant)\s?name)|name|surname|"
        r"(?:voor|achter|familie|roep)?naam|voornamen|(?:vor|nach|familien|zu)name|nom|prenoms?|nombres?|apellidos?|"
        r"nome|cognome|apelidos?|sobrenome|imie|imiona|nazwisko)\b"
    ),
    "title": re.compile(
        r"title|titel|titre|titulo|titolo|tytul|role|rol\b|position|funct|funkt|fonction|job|occupation|profession|headline|"
        r"cargo|puesto|poste|ruolo|qualifica|mansione|incarico|stanowisk|zawod|beruf|beroep|funcao|metier|puesto"
    ),
    "status": re.compile(r"status|type|kind|categor|tag|label|skill|group|code|note|class"),
}
MOST_WORDS = 3  # of a value that is read whole; a longer one is read as a text
#: A full date of a time at which most of the people who work now were born.
_LONG_AGO = re.compile(
    r"\b(?:19[2-9]\d|200[0-6])[-/.](?:0?[1-9]|1[0-2])[-/.](?:[0-2]?\d|3[01])\b"
    r"|\b(?:[0-2]?\d|3[01])[-/.](?:0?[1-9]|1[0-2])[-/.](?:19[2-9]\d|200[0-6])\b"
)


@dataclass(slots=True, frozen=True)
class Screened:
    """What would be kept (`redacted`, None when nothing is) and the categories of what would not."""

    redacted: str | None
    categories: tuple[Category, ...] = ()


def screen_text(text: str, language: str = "", known: Sequence[str] | None = None) -> Screened:
    """Rebuild a text from its validated values, or, when they are not told, from what may pass by position and grammar.

    An empty `known` says that nothing of the text was validated, so nothing of it stays.
    """
    kept = (
        rebuild(text, known, language) if known is not None else rebuild_places(text, pieces(text, language), language)
    )
    return Screened(kept if kept.strip(f"{ELLIPSIS} ") else None, told(text, kept, language))


def screen_field(field: str, value: str, language: str = "", known: Sequence[str] | None = None) -> Screened:
    """Apply the field actions to one field and its value."""
    decision = decide(field)
    if decision.category is Category.GENDER and (degree := _honorific(value, language).redacted):
        return Screened(value if degree.rstrip(".").casefold() in value.casefold() else degree)
    if decision.action == "drop" and decision.category:
        return Screened(None, (decision.category,))
    if known and value in known:
        return Screened(value)
    if decision.action == "unneeded":
        readers = {"field-unknown": _unknown, "field-unread": _unread}
        reader = readers.get(decision.rule)
        return reader(field, value, language) if reader else Screened(None)
    return _valued(field, decision, value, language)


def _unknown(field: str, value: str, language: str) -> Screened:
    """A field whose name says nothing: what the value itself says decides.

    The stage stores mapped properties only, so such a field is never stored; here it is shown as it came when it
    cannot be about a person.
    """
    if value.lstrip().startswith(("{", "[")):
        return _structured(value)
    private = _private(field, value)
    said = (private,) if private else categories(value, language) or _revealed(value)
    if said:
        return Screened(None, said)
    if _LONG_AGO.search(value):
        return Screened(None, (Category.BIRTH,))
    return Screened(value) if len(value.split()) <= MOST_WORDS else screen_text(value, language)


def _revealed(value: str) -> tuple[Category, ...]:
    """The party or union that a value names; a word for a church is a family's name as often ("Rose Parish")."""
    found = body(value) if revealing(value) else None
    return (found[1],) if found and found[1] is not Category.RELIGION else ()


def _unread(field: str, value: str, language: str) -> Screened:
    """A field whose name cannot be read: only what by itself belongs on a business card passes.

    A flag, a code, a date, a number or a place under such a name may be anything.
    """
    shown = _unknown(field, value, language)
    if shown.redacted is None or value.lstrip().startswith(("{", "[")) or len(value.split()) > MOST_WORDS:
        return shown
    return shown if business_value(value, language) else Screened(None, shown.categories)


def _valued(field: str, decision: Decision, value: str, language: str) -> Screened:
    if value.lstrip().startswith(("{", "[")):
        return _structured(value)
    private = _private(field, value)
    if private:
        return Screened(None, (private,))
    if decision.action == "prose":
        return screen_text(value, language)
    name = spoken(field)
    if _says("courtesy", name):
        return _honorific(value, language)
    if _says("person", name):
        read = person_name(value, language)
        return Screened(read.name) if isinstance(read, PersonName) and read.notes else Screened(value)
    return _plain(name, value, language)


def _says(kind: str, name: str) -> bool:
    return bool(_FIELD_KINDS[kind].search(name))


def _plain(name: str, value: str, language: str) -> Screened:
    """Keep a value whole; cut a job title, and anything long, to what reads like one and tells of nobody.

    A title is read as validating and minimising read it, so that what is shown here is what would be stored.
    """
    if not _says("title", name) and len(value.split()) < 5:
        status = _says("status", name) and categories(value, language)
        return Screened(None, status) if status else Screened(value)
    read = title(value, language)
    if isinstance(read, Rejected):
        private = read.rule == "title-personal" or _courtesy_only(value, language)
        return Screened(None, categories(value, language)) if private else Screened(value)
    if _courtesy_only(value, language):
        return Screened(None, (Category.GENDER,))
    job, left_out = business_title(read.text, language)
    said = tuple(dict.fromkeys((*left_out, *(categories(value, language) if read.notes else ()))))
    if not job:
        return Screened(None, said)
    return Screened(job, said) if read.notes or left_out else Screened(value)


def _courtesy_only(value: str, language: str) -> bool:
    """Whether a field called "title" holds a form of address."""
    read = person_name(f"{value} Anna Muster", language)
    return isinstance(read, PersonName) and read.name == "Anna Muster" and not read.prefix


def _honorific(value: str, language: str) -> Screened:
    read = person_name(f"{value} Anna Muster", language)
    kept = read.prefix if isinstance(read, PersonName) else ""
    return Screened(kept) if kept else Screened(None, (Category.GENDER,))


def _private(field: str, value: str) -> Category | None:
    """Ask the rules for contacts about a value that is one."""
    text = value.strip()
    reading = Value(text, Method.IMPORT, "", normalised=text.lower(), around=re.sub(r"[_.\-;]", " ", field))
    if re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        found = private_contact(MentionType.PERSON, Property.EMAIL, reading)
    elif urlsplit(text).scheme in ("http", "https"):
        social = "same" in spoken(field) or "profile" in spoken(field)
        found = private_contact(MentionType.PERSON, Property.SAME_AS if social else Property.URL, reading)
    elif private_place(text):
        return Category.HOME
    else:
        return Category.IDENTIFIER if identifiers(text) and "vat" not in field.casefold() else None
    return found[0] if found else None


def _structured(value: str) -> Screened:
    """A nested object is kept unless its type or name says that its people share a party, a union or a church."""
    try:
        parsed = json.loads(value)
    except ValueError:
        return Screened(None)
    if category := _nested(parsed):
        return Screened(None, (category,))
    for name in _names(parsed):
        if category := _TYPES.get(name.casefold()):
            return Screened(None, (category,))
        if revealed := body(name):
            return Screened(None, (revealed[1],))
    return Screened(value)


def _nested(parsed: Any) -> Category | None:
    """Return the category of the first key, or of the first named property, that is dropped."""
    if isinstance(parsed, list):
        return next((found for value in parsed if (found := _nested(value))), None)
    if not isinstance(parsed, Mapping):
        return None
    for key, value in parsed.items():
        said = [key, value] if key in ("propertyID", "additionalType") and isinstance(value, str) else [key]
        decisions = [decide(name) for name in said]
        found = next((decision.category for decision in decisions if decision.category), None) or _nested(value)
        if found:
            return found
    return None


def _names(parsed: Any) -> list[str]:
    if isinstance(parsed, Mapping):
        return [name for key, value in parsed.items() if key in ("@type", "name") for name in _names(value)]
    if isinstance(parsed, list):
        return [name for value in parsed for name in _names(value)]
    return [parsed] if isinstance(parsed, str) else []


def screen_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Screen one row `{id, lang?, kind, text | field, value, known?}` to `{id, redacted, dropped, categories}`."""
    language = str(row.get("lang") or "").split("-", 1)[0].lower()
    known = row.get("known")
    if row["kind"] == "text":
        screened = screen_text(row["text"], language, known)
    else:
        screened = screen_field(row["field"], row["value"], language, known)
    return {
        "id": row["id"],
        "redacted": screened.redacted,
        "dropped": screened.redacted is None,
        "categories": [category.value for category in screened.categories],
    }
