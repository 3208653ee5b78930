"""Which of the people on a page an e-mail address belongs to, by its own letters."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.extraction.contacts import EMAIL
from crawler.extraction.records import Record, Row
from crawler.items import Mention, Method, Property, Value
from crawler.lexicon import FAMILY, GIVEN, fold, name_class

#: Pairs of addresses and people that are compared; a directory past it keeps its addresses where they stand.
_MAX_PAIRS = 100_000

_Called = tuple[str, str, str, str]


def fit(address: str, name: str) -> int:
    """Return how well an address fits a name: 2 for surname and given name or initial, 1 for one, 0 for none."""
    return _fit(_letters(address), _called(name))


def _fit(letters: str, called: _Called | None) -> int:
    if called is None or len(letters) < 2:
        return 0
    first, last, joined, initials = called
    for given, family in ((first, last), (last, first), (first, joined)):
        if len(family) > 2 and family in letters:
            rest = letters.replace(family, "", 1)
            return 2 if rest and (given in rest or rest[0] == given[0] or rest[-1] == given[0]) else 1
    if len(first) > 2 and letters.startswith(first):
        rest = letters[len(first) :]
        return 2 if rest and rest[0] == last[0] else 1
    return 1 if letters == initials else 0


# A page compares every address with every name.
@lru_cache(maxsize=512)
def _letters(address: str) -> str:
    return re.sub(r"[^a-z]", "", fold(address.partition("@")[0]))


@lru_cache(maxsize=512)
def _called(name: str) -> _Called | None:
    """Return the first and last word of a name, all but the first as one, and the initials; None for a single word."""
    found = [word for part in name.split() if (word := re.sub(r"[^a-zа-я]", "", fold(part)))]
    if len(found) < 2:
        return None
    return found[0], found[-1], "".join(found[1:]), "".join(word[0] for word in found)


def match_addresses(rows: list[Row], people: list[tuple[Record, Mention]]) -> None:
    """Give addresses that nobody owns to the one person they fit, and move those that stand with the wrong one."""
    addresses = sum(part.contact is not None and part.contact.kind == EMAIL for row in rows for part in row.parts)
    if addresses * len(people) > _MAX_PAIRS:
        return
    owned: dict[str, list[tuple[Record, Mention]]] = {}
    for record, mention in people:
        for value in mention.all(Property.EMAIL):
            owned.setdefault(value.text.casefold(), []).append((record, mention))
    called = [(_called(mention.text(Property.NAME)), mention) for _, mention in people]
    for row in rows:
        for part in row.parts:
            if part.contact is None or part.contact.kind != EMAIL:
                continue
            address = part.contact.text.casefold()
            letters = _letters(address)
            best = [mention for name, mention in called if _fit(letters, name) == 2]
            owners = owned.get(address, [])
            if len(best) != 1 or any(mention is best[0] for _, mention in owners):
                continue
            for _, mention in owners:
                if not fit(address, mention.text(Property.NAME)):
                    mention.values[Property.EMAIL] = [
                        v for v in mention.all(Property.EMAIL) if v.text.casefold() != address
                    ]
            method = Method.LINK if part.contact.explicit else Method.CARD
            best[0].add(
                Property.EMAIL, Value(part.contact.text, method, row.line.where(), 0.8, around=part.contact.before)
            )


def drop_strangers(mention: Mention) -> None:
    """Take from a person the mailbox that is plainly somebody else's, with the numbers that stand beside it.

    Somebody else's is one of the form "a.terpstra" or "anna.terpstra" that fits the name in nothing, where another
    fits it in full: the one whose mailbox it is stands there and was not read.
    """
    name = mention.text(Property.NAME)
    boxes = mention.all(Property.EMAIL)
    own = {value.locator for value in boxes if fit(value.text, name) == 2}
    strange = [value for value in boxes if own and not fit(value.text, name) and _names_somebody(value.text)]
    beside = {value.locator for value in strange} - own
    for prop, gone in (
        (Property.EMAIL, [value.text for value in strange]),
        (Property.TELEPHONE, [value.text for value in mention.all(Property.TELEPHONE) if value.locator in beside]),
    ):
        if gone:
            mention.values[prop] = [value for value in mention.all(prop) if value.text not in gone]


def _names_somebody(address: str) -> bool:
    given, _, family = address.partition("@")[0].partition(".")
    if not family.isalpha():
        return False
    return len(given) == 1 or bool(name_class(fold(given)) & GIVEN and name_class(fold(family)) & FAMILY)
