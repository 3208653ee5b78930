"""Minimise a whole mention: what may not be stored goes, what may is rebuilt."""

from __future__ import annotations

import re

from crawler.items import SCHEMA, Disposal, Mention, MentionType, Property, Value
from pipelines.sensitive.categories import Category
from pipelines.sensitive.contacts import private_contact
from pipelines.sensitive.evidence import rebuild, window
from pipelines.sensitive.identifiers import identifiers
from pipelines.sensitive.tripwire import categories

STAGE = "minimise"
_DIALLED = re.compile(r"[\d\s()+./–-]+")
_WORD = re.compile(r"\w+")
#: Values whose words are free enough to say something; names are exempt, for Christian is a name.
_SPEAKING = (Property.JOB_TITLE,)
#: Parts of a name are found in any text about religion or family; only the whole name is looked for.
_NOT_EVIDENCE = {
    Property.GIVEN_NAME,
    Property.FAMILY_NAME,
    Property.HONORIFIC_PREFIX,
    Property.HONORIFIC_SUFFIX,
    Property.ALTERNATE_NAME,
}


def minimise_mention(mention: Mention) -> list[Disposal]:
    """Apply the field actions, the tripwire and the rebuilding of evidence to a mention in place.

    Afterwards `Value.text` holds only what was validated, `Value.evidence` a snippet of validated values and glue, and
    every `context` is empty. Returns what was not kept.
    """
    disposals: list[Disposal] = []
    for prop in list(mention.values):
        if prop not in SCHEMA[mention.type]:
            dropped = mention.values.pop(prop)
            disposals += [Disposal(STAGE, "unknown-property", value.method.value, "closed-schema") for value in dropped]
            continue
        kept = [value for value in mention.values[prop] if not _refused(mention, prop, value, disposals)]
        if kept:
            mention.values[prop] = kept
        else:
            del mention.values[prop]
    _rewrite(mention)
    return disposals


def _refused(mention: Mention, prop: Property, value: Value, disposals: list[Disposal]) -> bool:
    found = private_contact(mention.type, prop, value) or _spoken(mention, prop, value)
    if found:
        category, rule = found
        disposals.append(Disposal(STAGE, category.value, prop.value, rule))
    return bool(found)


def _spoken(mention: Mention, prop: Property, value: Value) -> tuple[Category, str] | None:
    text = value.normalised or value.text
    if prop not in (Property.TELEPHONE, Property.FAX_NUMBER) and identifiers(text):
        return Category.IDENTIFIER, "national-identifier"
    if prop in _SPEAKING and mention.type is MentionType.PERSON and (hits := categories(text)):
        return hits[0], "tripwire"
    return None


def _rewrite(mention: Mention) -> None:
    """Reduce original texts to their validated words, and rebuild the evidence; forget the rest."""
    for prop, value in mention:
        value.text = _original(prop, value)
    pieces = {
        text for prop, value in mention if prop not in _NOT_EVIDENCE for text in (value.text, value.normalised) if text
    }
    snippet = rebuild(mention.context, pieces, mention.language)
    for _, value in mention:
        value.evidence = window(snippet, value.text) if value.text in snippet else value.text
        value._keep_in_memory("")
    mention._keep_in_memory("")


def _original(prop: Property, value: Value) -> str:
    """The original text where every word of it was validated, the normalised one where not."""
    if not value.normalised:
        return value.text
    text = " ".join(value.text.split())
    if prop in (Property.TELEPHONE, Property.FAX_NUMBER):
        return text if _DIALLED.fullmatch(text) else value.normalised
    validated = set(_WORD.findall(value.normalised.casefold()))
    return text if set(_WORD.findall(text.casefold())) <= validated else value.normalised
