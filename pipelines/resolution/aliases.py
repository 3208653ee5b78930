"""What organisations' names mean beside their words: learnt from what their people share, settled before people are.

Three things are learnt. An alias is another name of one organisation (an acronym, a shorter form). An affiliate is one
that has people of the same full names, more than chance and job changes explain ("Senate" and "Legislature"). An
employer is the organisation behind a mail domain, a switchboard or an address, for people who do not name theirs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

from crawler.lexicon import words
from pipelines.resolution.contacts import Address, Mailbox, Telephone
from pipelines.resolution.names import PersonName
from pipelines.resolution.organisations import Organisation
from pipelines.resolution.preparation import Prepared

#: So many people of one name in both, and such a share of the smaller one's people, make two names affiliates.
_SHARED_PEOPLE, _SHARED_PART = 3, 0.15
#: What has more names than these says nothing of any two.
MOST_SHARED = 6
#: Such a part of the people behind a tie must name one employer.
_MAJORITY = 0.6


def ties(one: Prepared) -> list[str]:
    """Return what ties a record to a workplace: mail domain (no free mail), telephone number, address with a number."""
    return [*domain_ties(one.mailboxes), *number_ties(one.telephones), *place_ties(one.addresses)]


def domain_ties(mailboxes: Iterable[Mailbox]) -> list[str]:
    """Return the ties of mailboxes."""
    return [f"d:{box.domain}" for box in mailboxes if box.domain not in words("mailboxes", "free")]


def number_ties(telephones: Iterable[Telephone]) -> list[str]:
    """Return the ties of telephone numbers."""
    return [f"t:{number.digits}" for number in telephones]


def place_ties(addresses: Iterable[Address]) -> list[str]:
    """Return the ties of addresses."""
    return [f"a:{place.key}" for place in addresses if place.numbers]


def aliases(prepared: Iterable[Prepared]) -> dict[str, str]:
    """Return organisation keys that have a better one."""
    shared: defaultdict[str, set[Organisation]] = defaultdict(set)
    for one in prepared:
        for tie in ties(one):
            shared[tie].update(one.organisations)
    return joined(shared)


def joined(shared: Mapping[str, set[Organisation]]) -> dict[str, str]:
    """Return organisation keys that have a better one, from the names at each tie.

    At one tie a name is an alias when a single other name there has those initials or holds all its words. The name of
    the most words stands for all, ties by spelling.
    """
    parents: dict[str, str] = {}
    for _, firms in sorted(shared.items()):
        _join(sorted(firms, key=lambda firm: (len(firm.tokens), firm.key, firm.acronym)), parents)
    return {key: _root(key, parents) for key in sorted(parents) if _root(key, parents) != key}


def _join(firms: list[Organisation], parents: dict[str, str]) -> None:
    for index, short in enumerate(firms):
        keys = sorted({_root(firm.key, parents) for firm in firms[index + 1 :] if _means(short, firm)})
        if len(keys) == 1 and keys[0] != _root(short.key, parents):
            parents[_root(short.key, parents)] = keys[0]


def _means(short: Organisation, long: Organisation) -> bool:
    if len(short.acronym) > 1:
        return short.acronym in {long.initials, "".join(word[0] for word in long.tokens)}
    return len(short.tokens) > 1 and set(short.tokens) < set(long.tokens)


def _root(key: str, parents: Mapping[str, str]) -> str:
    seen = {key}
    while key in parents and parents[key] not in seen:
        key = parents[key]
        seen.add(key)
    return key


def affiliates(people: Iterable[Prepared], canonical: Mapping[str, str]) -> list[str]:
    """Return the affiliated pairs of canonical keys as `pair_key`."""
    firms_of: defaultdict[str, set[str]] = defaultdict(set)
    for one in people:
        for name in one.names:
            if full := full_name(name):
                firms_of[full].update(canonical.get(firm.key, firm.key) for firm in one.organisations)
    sizes = Counter(key for keys in firms_of.values() for key in keys)
    shared = Counter(
        pair for keys in firms_of.values() if 1 < len(keys) <= MOST_SHARED for pair in combinations(sorted(keys), 2)
    )
    return affiliated(sizes, shared)


def affiliated(sizes: Mapping[str, int], shared: Mapping[tuple[str, str], int]) -> list[str]:
    """Return the affiliated pairs, from how many full names each key has and how many each two share."""
    return sorted(
        pair_key(*pair)
        for pair, count in shared.items()
        if count >= _SHARED_PEOPLE and count >= _SHARED_PART * min(sizes[pair[0]], sizes[pair[1]])
    )


def groups(affiliated: Iterable[str]) -> dict[str, str]:
    """Return for every affiliated key the key of its group: the smallest that affiliation leads to."""
    parents: dict[str, str] = {}
    for pair in sorted(affiliated):
        one, other = (_root(key, parents) for key in pair.split("|"))
        if one != other:
            parents[max(one, other)] = min(one, other)
    return {key: _root(key, parents) for key in sorted(parents)}


def employers(people: Iterable[Prepared], canonical: Mapping[str, str]) -> dict[str, str]:
    """Return the canonical key behind every tie of two or more surnames that one employer has the majority of."""
    firms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    surnames: defaultdict[str, set[str]] = defaultdict(set)
    for one in people:
        keys = {canonical.get(firm.key, firm.key) for firm in one.organisations}
        for tie in ties(one):
            firms[tie].update(keys)
            surnames[tie].update(name.family for name in one.names)
    return majorities({tie: counted for tie, counted in firms.items() if len(surnames[tie]) > 1 and counted})


def majorities(firms: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    """Return the key that has the majority at each tie, where there is one."""
    found: dict[str, str] = {}
    for tie, counted in sorted(firms.items()):
        key, count = min(counted.items(), key=lambda item: (-item[1], item[0]))
        if count >= _MAJORITY * sum(counted.values()):
            found[tie] = key
    return found


def akin_titles(people: Iterable[Prepared], canonical: Mapping[str, str]) -> list[str]:
    """Return pairs of job titles that stand beside one full name at one workplace more often than chance explains."""
    titles_of: defaultdict[str, set[str]] = defaultdict(set)
    for one in people:
        firms = [canonical.get(firm.key, firm.key) for firm in one.organisations]
        for full in filter(None, map(full_name, one.names)):
            for firm in firms:
                titles_of[f"{full}@{firm}"].update(" ".join(sorted(title)) for title in one.titles)
    sizes = Counter(key for keys in titles_of.values() for key in keys)
    shared = Counter(
        pair for keys in titles_of.values() if 1 < len(keys) <= MOST_SHARED for pair in combinations(sorted(keys), 2)
    )
    return akin(sizes, shared, len(titles_of))


def akin(sizes: Mapping[str, int], shared: Mapping[tuple[str, str], int], jobs: int) -> list[str]:
    """Return the akin pairs, from at how many jobs each title stands, how many each two share, and all jobs."""
    whole = max(1, jobs)
    return sorted(
        pair_key(*pair)
        for pair, count in shared.items()
        if count >= _SHARED_PEOPLE and count >= 3 * sizes[pair[0]] * sizes[pair[1]] / whole
    )


def full_name(name: PersonName) -> str:
    """Return given name and surname when both are written out, else ""."""
    return f"{name.given} {name.family}" if len(name.given) > 1 and len(name.family) > 1 else ""


def pair_key(a: str, b: str) -> str:
    """Return the key of an unordered pair of keys."""
    return "|".join(sorted((a, b)))
