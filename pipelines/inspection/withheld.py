"""Contacts that were read rightly and would not be stored: shown to an engineer and marked.

A free-mail address on the page of a small association is read rightly and dropped rightly. Who writes or checks a
source has to see that it was read, or a good extraction looks like a bad one. Nothing else that the minimising stage
refuses is shown: no home address, no identifier, no statement about a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from crawler.items import Mention, Property, Value
from pipelines.sensitive.categories import Category
from pipelines.sensitive.contacts import private_contact
from pipelines.sensitive.evidence import rebuild, window
from pipelines.sensitive.identifiers import identifiers
from pipelines.values import Rejected
from pipelines.values.email import email
from pipelines.values.phone import phone

_SHOWN = (Property.EMAIL, Property.TELEPHONE)
#: The stage that validates refuses a mention without a name, such as a switchboard that nothing on the page owns.
NAMELESS = "name-missing"


@dataclass(slots=True)
class Withheld:
    """A validated address or number that would not be stored, and the rule that says so."""

    prop: Property
    value: Value
    rule: str


def withheld(mention: Mention) -> list[Withheld]:
    """Return what only a rule about private contacts would drop from a validated mention, which is left as it is.

    To be called before the minimising stage, which forgets the values and the text around them. The values returned are
    copies in their normalised spelling; their evidence is rebuilt as that stage rebuilds it.
    """
    found = []
    for prop in _SHOWN:
        for value in mention.all(prop):
            refused = private_contact(mention.type, prop, value)
            if refused and refused[0] is Category.PRIVATE_CONTACT and _plain(prop, value):
                found.append(Withheld(prop, _copy(mention, value), refused[1]))
    return found


def nameless(mention: Mention, country: str) -> list[Withheld]:
    """Return the addresses and numbers of a mention that was refused for want of a name.

    `country` (ISO 3166-1 alpha-2) is where its numbers are dialled.
    """
    found = []
    for prop in _SHOWN:
        for value in mention.all(prop):
            read = email(value.text) if prop is Property.EMAIL else phone(value.text, country or mention.country)
            if isinstance(read, Rejected):
                continue
            value.normalised = read.text
            if _plain(prop, value):
                found.append(Withheld(prop, _copy(mention, value), NAMELESS))
    return found


def _plain(prop: Property, value: Value) -> bool:
    """Tell whether no other rule would drop the value: an address may hold somebody's national identifier."""
    return prop is Property.TELEPHONE or not identifiers(value.normalised)


def _copy(mention: Mention, value: Value) -> Value:
    written = value.text if value.text in mention.context else value.normalised
    names = {name.text for name in mention.all(Property.NAME)} | {mention.text(Property.NAME), ""}
    snippet = rebuild(mention.context, {written, value.normalised} | names - {""}, mention.language)
    evidence = window(snippet, written) if written in snippet else value.normalised
    place = (value.method, value.locator, value.confidence)
    return Value(value.normalised, *place, normalised=value.normalised, evidence=evidence)
