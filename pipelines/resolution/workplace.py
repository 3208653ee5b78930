"""How far two workplaces agree: organisation, telephone, address."""

from __future__ import annotations

from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from pipelines.resolution.aliases import pair_key
from pipelines.resolution.contacts import Address
from pipelines.resolution.organisations import Organisation, regions
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.statistics import Statistics


def spelled_by_domain(a: Prepared, b: Prepared) -> bool:
    """Tell whether a mail domain of a spells an organisation of b ("acmetools.example" and "Acme Tools Ltd")."""
    labels = {box.domain.split(".")[-2].replace("-", "") for box in a.mailboxes}
    return any(_spells(label, firm) for label in labels for firm in b.organisations)


def _spells(label: str, firm: Organisation) -> bool:
    joined = "".join(firm.tokens)
    if min(len(label), len(joined)) >= 5 and (joined.startswith(label) or label.startswith(joined)):
        return True
    return len(label) >= 3 and label in {firm.acronym, firm.initials}


_LEVELS = ("same", "affiliated", "similar", "related", "different")


def organisation_level(a: Prepared, b: Prepared, statistics: Statistics) -> str:
    """Return the best agreement of any two employers: same, affiliated, similar, related, different, unknown.

    Where a side names none, the employer behind its mail domain, number or address stands in: implied, other-implied.
    """
    if not a.organisations or not b.organisations:
        if spelled_by_domain(a, b) or spelled_by_domain(b, a):
            return "implied"
        one, other = statistics.firms_of(a), statistics.firms_of(b)
        if not one or not other:
            return "unknown"
        agree = set(one) & set(other) or any(pair_key(x, y) in statistics.affiliates for x in one for y in other)
        return "implied" if agree else "other-implied"
    levels = {_firms(one, other, statistics) for one in a.organisations for other in b.organisations}
    return next(level for level in _LEVELS if level in levels)


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
    if shared < 0.9 and set(a.tokens) - set(b.tokens) and set(b.tokens) - set(a.tokens) and not _one_slip(a, b):
        shared = min(shared, 0.7)  # each has a word of its own ("Acme (Spain)", "Acme (Norway)")
    return "similar" if shared >= 0.75 else "related" if shared >= 0.45 or _one_region(a, b) else "different"


def _one_region(a: Organisation, b: Organisation) -> bool:
    """Tell whether two names hold one region: bodies of one state are not strangers ("Senate", "Legislature")."""
    common = set(a.tokens) & set(b.tokens)
    return any(parts <= common for parts in _regions())


@cache
def _regions() -> frozenset[frozenset[str]]:
    return frozenset(frozenset(name.split()) for name in regions().values())


def acronym_of(short: Organisation, long: Organisation) -> bool:
    """Tell whether one name is written as the initials of the other."""
    return len(short.acronym) > 1 and short.acronym in (long.initials, "".join(word[0] for word in long.tokens))


def overlap(a: tuple[str, ...], b: tuple[str, ...], statistics: Statistics) -> float:
    """Return the share of words that agree, each weighed by how much it tells; a slip of one letter counts .8."""
    left, right = set(a), set(b)
    common = sum(statistics.weight_of_word(word) for word in left & right)
    for word in sorted(left - right):
        close = next((other for other in sorted(right - left) if _slip(word, other)), None)
        common += 0.8 * statistics.weight_of_word(close) if close else 0.0
    whole = min(sum(map(statistics.weight_of_word, left)), sum(map(statistics.weight_of_word, right)))
    larger = max(sum(map(statistics.weight_of_word, left)), sum(map(statistics.weight_of_word, right)))
    return common / (0.5 * whole + 0.5 * larger) if larger else 0.0


def _one_slip(a: Organisation, b: Organisation) -> bool:
    """Tell whether every word that only one name has is a slip of a word that only the other has."""
    left, right = set(a.tokens) - set(b.tokens), set(b.tokens) - set(a.tokens)
    few, many = sorted((left, right), key=len)
    return all(any(_slip(word, other) for other in many) for word in few)


@lru_cache(maxsize=1 << 17)
def _slip(a: str, b: str) -> bool:
    return min(len(a), len(b)) >= 4 and OSA.distance(a, b, score_cutoff=1) <= 1


def telephone_level(a: Prepared, b: Prepared, statistics: Statistics) -> str:
    """Return how the numbers agree: extension, direct, few, shared, other-extension, different, unknown."""
    if not a.telephones or not b.telephones:
        return "unknown"
    found = {
        _extension(one.extension, other.extension) or _degree(statistics.telephones.get(one.digits, 1))
        for one in a.telephones
        for other in b.telephones
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


def address_level(a: Prepared, b: Prepared, statistics: Statistics) -> str:
    """Return how the addresses agree: own (one surname there), same, near, different, unknown."""
    if not a.addresses or not b.addresses:
        return "unknown"
    found = set()
    for one in a.addresses:
        for other in b.addresses:
            level = _places(one, other)
            shared = max(statistics.addresses.get(one.key, 1), statistics.addresses.get(other.key, 1))
            found.add("own" if level == "same" and shared <= 1 else level)
    return next(level for level in ("own", "same", "near", "different") if level in found)


@lru_cache(maxsize=1 << 18)
def _places(a: Address, b: Address) -> str:
    if a.key == b.key:
        return "same"
    words = len(a.tokens & b.tokens) / max(1, min(len(a.tokens), len(b.tokens)))
    numbers = len(a.numbers & b.numbers) / max(1, min(len(a.numbers), len(b.numbers)))
    if numbers == 1.0 and a.numbers and b.numbers and words >= 0.6:
        return "same"
    return "near" if words >= 0.6 and (numbers > 0 or not a.numbers or not b.numbers) else "different"
