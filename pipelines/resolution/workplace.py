"""How far two workplaces agree: organisation, telephone, address."""

from __future__ import annotations

import math
from collections.abc import Collection
from functools import cache

from rapidfuzz.distance import OSA

from pipelines.resolution.aliases import pair_key
from pipelines.resolution.contacts import Address, Mailbox, Telephone
from pipelines.resolution.organisations import Organisation, regions
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.remembering import remembered
from pipelines.resolution.statistics import Statistics


def spelled(mailboxes: tuple[Mailbox, ...], organisations: tuple[Organisation, ...]) -> bool:
    """Tell whether a mail domain spells an organisation ("acmetools.example" and "Acme Tools Ltd")."""
    labels = {box.domain.split(".")[-2].replace("-", "") for box in mailboxes}
    return any(_spells(label, firm) for label in labels for firm in organisations)


def _spells(label: str, firm: Organisation) -> bool:
    joined = "".join(firm.tokens)
    if min(len(label), len(joined)) >= 5 and (joined.startswith(label) or label.startswith(joined)):
        return True
    return len(label) >= 3 and label in {firm.acronym, firm.initials}


#: The shares of words from which two employers are similar, and related; from `WHOLE` a word of one's own is no
#: matter, below it such names have no more than `APART` in common.
SIMILAR, RELATED, WHOLE, APART = 0.75, 0.45, 0.9, 0.7
#: Shorter words are no slips of one another; such a share of the words makes two addresses alike.
SLIPS, ALIKE = 4, 0.6
_LEVELS = ("same", "affiliated", "similar", "related", "different")
ORGANISATION_LEVELS = (*_LEVELS, "implied", "other-implied", "unknown")


def organisation_level(a: Prepared, b: Prepared, statistics: Statistics) -> str:
    """Return the best agreement of any two employers, one of `ORGANISATION_LEVELS`.

    Where a side names none, the employer behind its mail domain, number or address stands in: implied, other-implied.
    """
    if a.organisations and b.organisations:
        return firms_level(a.organisations, b.organisations, statistics)
    if spelled(a.mailboxes, b.organisations) or spelled(b.mailboxes, a.organisations):
        return "implied"
    return implied_level(statistics.firms_of(a), statistics.firms_of(b), statistics)


def firms_level(a: tuple[Organisation, ...], b: tuple[Organisation, ...], statistics: Statistics) -> str:
    """Return the best agreement of any two employers that both sides name."""
    levels = {_firms(one, other, statistics) for one in a for other in b}
    return next(level for level in _LEVELS if level in levels)


def implied_level(a: Collection[str], b: Collection[str], statistics: Statistics) -> str:
    """Return whether the employers behind two records, as canonical keys, are one: implied, other-implied, unknown."""
    if not a or not b:
        return "unknown"
    agree = set(a) & set(b) or any(pair_key(x, y) in statistics.affiliates for x in a for y in b)
    return "implied" if agree else "other-implied"


def _firms(a: Organisation, b: Organisation, statistics: Statistics) -> str:
    found = statistics.memo.get((a, b))
    if found is None:
        found = statistics.memo[a, b] = _firm_level(a, b, statistics)
    return found


def _firm_level(a: Organisation, b: Organisation, statistics: Statistics) -> str:
    one, other = statistics.canonical(a.key), statistics.canonical(b.key)
    if one == other:
        return "same"
    if pair_key(one, other) in statistics.affiliates:
        return "affiliated"
    if acronym_of(a, b) or acronym_of(b, a):
        return "similar"
    shared = overlap(a.tokens, b.tokens, statistics)
    if shared < WHOLE and set(a.tokens) - set(b.tokens) and set(b.tokens) - set(a.tokens) and not _one_slip(a, b):
        shared = min(shared, APART)  # each has a word of its own ("Acme (Spain)", "Acme (Norway)")
    return "similar" if shared >= SIMILAR else "related" if shared >= RELATED or _one_region(a, b) else "different"


def _one_region(a: Organisation, b: Organisation) -> bool:
    """Tell whether two names hold one region: bodies of one state are not strangers ("Senate", "Legislature")."""
    return not _regions_in(a.tokens).isdisjoint(_regions_in(b.tokens))


def holds_region(one: Organisation) -> bool:
    """Tell whether a name holds a region."""
    return bool(_regions_in(one.tokens))


@remembered(1 << 12)
def _regions_in(tokens: tuple[str, ...]) -> frozenset[frozenset[str]]:
    if _region_words().isdisjoint(tokens):
        return frozenset()
    return frozenset(parts for parts in _regions() if parts.issubset(tokens))


@cache
def _region_words() -> frozenset[str]:
    return frozenset(word for parts in _regions() for word in parts)


@cache
def _regions() -> frozenset[frozenset[str]]:
    return frozenset(frozenset(name.split()) for name in regions().values())


def acronym_of(short: Organisation, long: Organisation) -> bool:
    """Tell whether one name is written as the initials of the other."""
    return len(short.acronym) > 1 and short.acronym in (long.initials, "".join(word[0] for word in long.tokens))


def overlap(a: tuple[str, ...], b: tuple[str, ...], statistics: Statistics) -> float:
    """Return the share of words that agree, each weighed by how much it tells; a slip of one letter counts .8."""
    left, right = set(a), set(b)
    weigh = statistics.weight_of_word
    common = math.fsum(weigh(word) for word in left & right)
    common += min(_slips(left - right, right - left, statistics), _slips(right - left, left - right, statistics))
    sizes = math.fsum(map(weigh, left)), math.fsum(map(weigh, right))
    return common / (0.5 * min(sizes) + 0.5 * max(sizes)) if max(sizes) else 0.0


def _slips(words: set[str], others: set[str], statistics: Statistics) -> float:
    """Return what the words weigh that are a slip of another; the same from either side when each has one partner."""
    found = ((word, next((other for other in sorted(others) if _slip(word, other)), None)) for word in sorted(words))
    weigh = statistics.weight_of_word
    return math.fsum(0.8 * min(weigh(word), weigh(other)) for word, other in found if other)


def _one_slip(a: Organisation, b: Organisation) -> bool:
    """Tell whether every word that only one name has is a slip of a word that only the other has."""
    left, right = set(a.tokens) - set(b.tokens), set(b.tokens) - set(a.tokens)
    few, many = sorted((left, right), key=lambda words: (len(words), sorted(words)))
    return all(any(_slip(word, other) for other in many) for word in few)


@remembered(1 << 13)
def _slip(a: str, b: str) -> bool:
    return min(len(a), len(b)) >= SLIPS and OSA.distance(a, b, score_cutoff=1) <= 1


def telephone_level(a: tuple[Telephone, ...], b: tuple[Telephone, ...], statistics: Statistics) -> str:
    """Return how the numbers agree: extension, direct, few, shared, other-extension, different, unknown."""
    if not a or not b:
        return "unknown"
    found = {
        _extension(one.extension, other.extension) or _degree(statistics.telephones.get(one.digits, 1))
        for one in a
        for other in b
        if one.digits == other.digits
    }
    order = ("extension", "direct", "few", "shared", "other-extension")
    return next((level for level in order if level in found), "different")


def _extension(a: str, b: str) -> str:
    if not a or not b:
        return ""
    return "extension" if a == b else "other-extension"


def _degree(people: int) -> str:
    return "direct" if people <= 1 else "few" if people <= 3 else "shared"


def address_level(a: tuple[Address, ...], b: tuple[Address, ...], statistics: Statistics) -> str:
    """Return how the addresses agree: own (one surname there), same, near, different, unknown."""
    if not a or not b:
        return "unknown"
    found = set()
    for one in a:
        for other in b:
            level = _places(one, other)
            shared = max(statistics.addresses.get(one.key, 1), statistics.addresses.get(other.key, 1))
            found.add("own" if level == "same" and shared <= 1 else level)
    return next(level for level in ("own", "same", "near", "different") if level in found)


@remembered(1 << 13)
def _places(a: Address, b: Address) -> str:
    if a.key == b.key:
        return "same"
    words = len(a.tokens & b.tokens) / max(1, min(len(a.tokens), len(b.tokens)))
    numbers = len(a.numbers & b.numbers) / max(1, min(len(a.numbers), len(b.numbers)))
    if numbers == 1.0 and a.numbers and b.numbers and words >= ALIKE:
        return "same"
    return "near" if words >= ALIKE and (numbers > 0 or not a.numbers or not b.numbers) else "different"
