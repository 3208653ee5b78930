"""Values shown in part: enough to tell entries apart and to judge a merge, too little to contact anybody. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from crawler.items import MentionType, Property
from pipelines.reports.entities import Decision, Entity, ReportedValue

_NAMES = {Property.NAME, Property.GIVEN_NAME, Property.FAMILY_NAME, Property.ALTERNATE_NAME}
_NUMBERS = {Property.TELEPHONE, Property.FAX_NUMBER}
_PAGES = {Property.URL, Property.SAME_AS}
HIDDEN = "•••"


def masked(prop: str, value: str) -> str:
    """Return a value as somebody sees it who need not know it: initials, a domain, the last two digits, a host.

    >>> masked("email", "jane.roe@noord.example")
    'j•••@noord.example'
    """
    masks: dict[str, Callable[[str], str]] = {
        **dict.fromkeys(_NAMES, name),
        **dict.fromkeys(_NUMBERS, number),
        **dict.fromkeys(_PAGES, page),
        Property.EMAIL: email,
        Property.WORK_LOCATION: _hidden,
    }
    mask = masks.get(prop)
    return mask(value) if mask and value else value


def name(value: str) -> str:
    """Return the initials of a name."""
    return " ".join(f"{word[0]}{HIDDEN}" for word in value.split())


def email(value: str) -> str:
    """Return the first letter of a mailbox and its domain."""
    mailbox, at, domain = value.rpartition("@")
    return f"{mailbox[:1]}{HIDDEN}{at}{domain}" if at else HIDDEN


def number(value: str) -> str:
    """Return the last two digits of a telephone number."""
    return f"{HIDDEN}{re.sub(r'[^0-9]', '', value)[-2:]}"


def page(value: str) -> str:
    """Return the host of a page: a path may be a name."""
    parts = urlsplit(value)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{HIDDEN}" if parts.netloc else HIDDEN


def _hidden(_value: str) -> str:
    return HIDDEN


def entity(found: Entity) -> Entity:
    """Return an entry with everything masked that names or reaches somebody; an organisation keeps its name."""
    person = found.type is MentionType.PERSON
    return replace(
        found,
        name=name(found.name) if person else found.name,
        values=[_value(value, person=person) for value in found.values],
        receipts=[replace(receipt, url=page(receipt.url)) for receipt in found.receipts],
        decisions=[_decision(decision) for decision in found.decisions],
    )


def _value(found: ReportedValue, *, person: bool) -> ReportedValue:
    if found.property in _NAMES and not person:
        return found
    statements = [
        replace(one, original=masked(found.property, one.original), evidence="", locator="") for one in found.statements
    ]
    return replace(found, value=masked(found.property, found.value), statements=statements)


def _decision(found: Decision) -> Decision:
    return replace(found, pages=(page(found.pages[0]), page(found.pages[1])))
