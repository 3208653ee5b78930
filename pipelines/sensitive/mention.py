"""Minimise a whole mention: what may not be stored goes, what may is rebuilt."""

from __future__ import annotations

import re

from crawler.items import SCHEMA, Disposal, Mention, MentionType, Method, Property, Value
from pipelines.sensitive.categories import Category
from pipelines.sensitive.contacts import private_contact
from pipelines.sensitive.evidence import rebuild, window
from pipelines.sensitive.fields import forbidden_column
from pipelines.sensitive.identifiers import identifiers
from pipelines.sensitive.titles import business_organisation, business_title, no_employer
from pipelines.sensitive.trip import trip, trip_evidence, words_of

STAGE = "minimise"
TRIPWIRE = "tripwire"
_NAMES = (Property.NAME, Property.GIVEN_NAME, Property.FAMILY_NAME)
_DIALLED = re.compile(r"[\d\s()+./–-]+")
_WORD = re.compile(r"\w+")
#: Parts of a name are found in any text about religion or family; only the whole name is looked for.
_NOT_EVIDENCE = {
    Property.GIVEN_NAME,
    Property.FAMILY_NAME,
    Property.HONORIFIC_PREFIX,
    Property.HONORIFIC_SUFFIX,
    Property.ALTERNATE_NAME,
}


def minimise_mention(mention: Mention, *, revealing_employers: bool = False) -> list[Disposal]:
    """Apply the field actions, the tripwire and the rebuilding of evidence to a mention in place.

    `revealing_employers` keeps an employer whose very nature tells what its people believe (a party, a union, a
    church); by default it is dropped and the job title stays (GDPR Article 9(1)).

    Afterwards `Value.text` holds only what was validated, `Value.evidence` a snippet of validated values and glue, and
    every `context` is empty. Returns what was not kept.
    """
    disposals: list[Disposal] = []
    for prop in list(mention.values):
        if prop not in SCHEMA[mention.type]:
            dropped = mention.values.pop(prop)
            disposals += [Disposal(STAGE, "unknown-property", value.method.value, "closed-schema") for value in dropped]
            continue
        kept = [
            value
            for value in mention.values[prop]
            if not _refused(mention, prop, value, disposals, revealing_employers=revealing_employers)
        ]
        if kept:
            mention.values[prop] = kept
        else:
            del mention.values[prop]
    _trip(mention, disposals)
    _rewrite(mention, disposals)
    return disposals


def _refused(
    mention: Mention, prop: Property, value: Value, disposals: list[Disposal], *, revealing_employers: bool
) -> bool:
    """Apply the rules to one value; a job title may come out shorter, anything else stays or goes whole."""
    found = private_contact(mention.type, prop, value) or _identifying(prop, value) or _column(prop, value)
    if not found and mention.type is MentionType.PERSON:
        if prop is Property.JOB_TITLE:
            return _shorten(mention, value, disposals)
        if prop is Property.WORKS_FOR:
            found = _of_employer(value.normalised or value.text, revealing_employers=revealing_employers)
    if found:
        category, rule = found
        disposals.append(Disposal(STAGE, category.value, prop.value, rule))
    return bool(found)


def _of_employer(text: str, *, revealing_employers: bool) -> tuple[Category, str] | None:
    if hits := no_employer(text):
        return hits[0], "no-employer"
    hits = () if revealing_employers else business_organisation(text)
    return (hits[0], "revealing-employer") if hits else None


def _column(prop: Property, value: Value) -> tuple[Category, str] | None:
    """Return why nothing that stands in an imported value's column may pass."""
    category = forbidden_column(prop, value.context) if value.method is Method.IMPORT else None
    return (category, "column-name") if category else None


def _identifying(prop: Property, value: Value) -> tuple[Category, str] | None:
    dialled = prop in (Property.TELEPHONE, Property.FAX_NUMBER)
    found = not dialled and identifiers(value.normalised or value.text)
    return (Category.IDENTIFIER, "national-identifier") if found else None


def _shorten(mention: Mention, value: Value, disposals: list[Disposal]) -> bool:
    """Leave only the job in a job title; returns whether nothing is left of it."""
    written = value.normalised or value.text
    title, left_out = business_title(written, mention.language.split("-", 1)[0].lower())
    action = "transform" if title else "drop"
    disposals += [
        Disposal(STAGE, category.value, Property.JOB_TITLE.value, "title-person", action) for category in left_out
    ]
    if not title and not left_out:
        disposals.append(Disposal(STAGE, "unread-title", Property.JOB_TITLE.value, "title-without-head"))
    if title and title != written:
        value.normalised = title
    return not title


def _trip(mention: Mention, disposals: list[Disposal]) -> None:
    """Drop what the rules let pass and the lexicon does not; the suite fails where a fixture comes this far."""
    names = {
        word for prop in _NAMES for value in mention.all(prop) for word in words_of(value.normalised or value.text)
    }
    for prop in list(mention.values):
        kept = []
        for value in mention.values[prop]:
            if found := trip(mention.type, prop, value.normalised or value.text, names):
                disposals.append(Disposal(STAGE, found.value, prop.value, TRIPWIRE))
            else:
                kept.append(value)
        if kept:
            mention.values[prop] = kept
        else:
            del mention.values[prop]


def _rewrite(mention: Mention, disposals: list[Disposal]) -> None:
    """Reduce original texts to their validated words, and rebuild the evidence; forget the rest."""
    for prop, value in mention:
        value.text = _original(prop, value)
    pieces = {
        text for prop, value in mention if prop not in _NOT_EVIDENCE for text in (value.text, value.normalised) if text
    }
    snippet = rebuild(mention.context, pieces, mention.language)
    said = frozenset().union(*map(words_of, pieces)) if snippet else frozenset()
    if found := trip_evidence(snippet, said):
        disposals.append(Disposal(STAGE, found.value, "evidence", TRIPWIRE))
        snippet = ""
    for _, value in mention:
        value.evidence = window(snippet, value.text) if value.text in snippet else value.text
        value._keep_in_memory("")
    mention._keep_in_memory("")


def _original(prop: Property, value: Value) -> str:
    """The original text where every word of it was validated, the normalised one where not."""
    if not value.normalised:
        return value.text
    text = " ".join(value.text.split())
    if text == value.normalised:
        return text
    if prop in (Property.TELEPHONE, Property.FAX_NUMBER):
        return text if _DIALLED.fullmatch(text) else value.normalised
    validated = set(_WORD.findall(value.normalised.casefold()))
    return text if set(_WORD.findall(text.casefold())) <= validated else value.normalised
