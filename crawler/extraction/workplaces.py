"""Whose a printed address is: the page's owner's, that of the person in whose card it stands, or not ours to read.

Precision leads. An address is the owner's where the owner is named above it, or where the page announces it as its
own and nobody else is named; venues, authorities, insurers, hosts and makers of sites are announced too, and left out.
A person gets the address of their card only where something there says that it is a place of work: an employer, the
owner, a colleague at the same address. An address below a bare name may be a home, and homes are no business contact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extraction import postal
from crawler.extraction.address_blocks import Printed, numbers
from crawler.extraction.meaning import title_score
from crawler.extraction.parts import Part
from crawler.extraction.records import Record, Row
from crawler.extraction.surroundings import Setting, Surroundings
from crawler.items import Disposal, Mention, MentionType, Method, Property, Value
from crawler.lexicon import fold
from crawler.page import Page

#: Addresses of one owner on one page that need not name it each: head office and branches. More are a directory.
_BRANCHES = 5
_NAMED, _LABELLED, _PLACED = 0.85, 0.75, 0.65  # confidence by what says whose it is


@dataclass(slots=True, frozen=True)
class Workplace:
    """An address of an organisation as a reading with its receipt; `name` is empty for the page's owner's."""

    value: Value
    name: str = ""


def workplaces(
    rows: Sequence[Row], found: list[Printed], people: list[tuple[Record, Mention]], setting: Setting,
    disposals: list[Disposal],
) -> list[Workplace]:  # fmt: skip
    """Give people the work addresses of their cards, and return those of organisations.

    An address in somebody's card that nothing there calls a place of work is left out and counted.
    """
    seen = [Surroundings(rows, address, setting) for address in found]
    own = [(one, sure) for one in seen if (sure := _sureness(one))]
    keys = {one.address.key for one, _ in own}
    cards = _cards(seen, people)
    _give_people(cards, keys, disposals)
    if len(keys) > _BRANCHES:
        own = [(one, sure) for one, sure in own if sure >= _NAMED]
    if len({one.address.key for one, _ in own}) > _BRANCHES:
        return []
    return [*_distinct(own), *_residents(seen, keys | {one.address.key for one, _, _ in cards}, setting)]


def _distinct(own: list[tuple[Surroundings, float]]) -> list[Workplace]:
    """Return each address of the owner once, the surest reading of it."""
    best: dict[tuple[str, ...], tuple[Surroundings, float]] = {}
    for one, sure in own:
        if one.address.key not in best or sure > best[one.address.key][1]:
            best[one.address.key] = one, sure
    return [Workplace(_value(one, sure)) for one, sure in best.values()]


def _value(one: Surroundings, confidence: float) -> Value:
    line = one.rows[one.address.first].line
    method = Method.PDF if line.element is None else Method.TABLE if line.tag in {"td", "th"} else Method.CARD
    return Value(one.address.text, method, line.where(), confidence, around=one.context)


def _sureness(one: Surroundings) -> float:
    """Return how sure it is that an address is the owner's (0 to 1); 0 where the page does not make that clear."""
    if not one.setting.owner or one.setting.event or one.name_others:
        return 0.0
    if one.name_owner:
        return _NAMED
    if one.setting.privacy or not one.name_nobody:
        return 0.0
    if one.labelled:
        return _LABELLED
    return _PLACED if one.placed or one.in_footer else 0.0


def _residents(seen: list[Surroundings], known: set[tuple[str, ...]], setting: Setting) -> list[Workplace]:
    """Return the addresses below or behind the name of an organisation that is not the page's owner.

    A project's page gives the university's under "Contact", a magazine's its publisher's in the footer, and the page of
    an event that of the foundation behind it, which the host is called by.
    """
    if setting.privacy:
        return []
    found = {}
    for one in seen:
        key = one.address.key
        if key in known or key in found or one.name_others or not _resides(one):
            continue
        found[key] = Workplace(_value(one, _PLACED), one.addressee)
    return list(found.values()) if len(found) <= 1 else []


def _resides(one: Surroundings) -> bool:
    if one.setting.event:
        return one.at_host
    return one.elsewhere and one.placed


def _cards(
    seen: list[Surroundings], people: list[tuple[Record, Mention]]
) -> list[tuple[Surroundings, Record, Mention]]:
    """Return which addresses stand in whose card, behind the name."""
    holders: dict[int, list[tuple[Record, Mention]]] = defaultdict(list)
    for record, mention in people:
        for index in {row.line.index for row, _ in record.own}:
            holders[index].append((record, mention))
    cards = []
    for one in seen:
        for record, mention in holders.get(one.address.last, [])[:2]:
            line = record.row.line
            if line.index <= one.address.first and line.zone == one.rows[one.address.first].line.zone:
                cards.append((one, record, mention))
    return cards


def _give_people(
    cards: list[tuple[Surroundings, Record, Mention]], owners: set[tuple[str, ...]], disposals: list[Disposal]
) -> None:
    """Add the addresses of cards to the people in them where each is a place of work.

    It is one where it is the owner's, where people of different family names share it, or where an employer is named
    between the name and the address.
    """
    families: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for one, _, mention in cards:
        families[one.address.key].add(fold(mention.text(Property.NAME)).rpartition(" ")[2])
    for one, record, mention in cards:
        works = one.address.key in owners or len(families[one.address.key]) > 1 or _at_work(record, one.address)
        if works and not one.name_others:
            mention.add(Property.WORK_LOCATION, _value(one, _LABELLED))
        else:
            rule = Disposal("extraction", "no-business-context", Property.WORK_LOCATION.value, "address-gate")
            disposals.append(rule)


def _at_work(record: Record, address: Printed) -> bool:
    """Tell whether a card names an employer between the name and the address, or calls the address an office."""
    between = [part for row, part in record.own if record.row.line.index <= row.line.index <= address.last]
    return any(_employer(part) for part in between) or postal.is_said(address.label, "office")


def _employer(part: Part) -> bool:
    return part.kind == "organisation" and part.score >= 0.8 and title_score(part.text) < 0.75


def locate(organisation: Mention | None, found: list[Workplace], kept: list[Mention], page: Page) -> list[Mention]:
    """Add the owner's addresses to its mention, and return those of other organisations as mentions.

    An address that markup states for an organisation already is not added in another spelling.
    """
    stated = [one for one in kept if one.type is MentionType.ORGANISATION]
    known = {numbers(value.text) for one in stated for value in one.all(Property.WORK_LOCATION)}
    others = []
    for place in found:
        if numbers(place.value.text) in known:
            continue
        if not place.name:
            if organisation is not None:
                organisation.add(Property.WORK_LOCATION, place.value)
            continue
        other = Mention(
            MentionType.ORGANISATION, locator=place.value.locator, confidence=_PLACED, language=page.language,
            country=page.country, around=place.value.context,
        )  # fmt: skip
        other.add(Property.NAME, Value(place.name, place.value.method, place.value.locator, _PLACED))
        other.add(Property.WORK_LOCATION, place.value)
        others.append(other)
    return others
