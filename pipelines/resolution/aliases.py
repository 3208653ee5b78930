"""Names that mean one organisation: learnt from what organisations share, settled before people are compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pipelines.resolution.organisations import Organisation
from pipelines.resolution.preparation import Prepared


def learn(prepared: Iterable[Prepared]) -> dict[str, str]:
    """Return organisation keys that have a better one.

    An acronym is an alias when, at one mail domain, telephone number or address, a single name has those initials. A
    name is an alias of a longer one there that holds all its words. The longest name stands for all, ties by spelling.
    """
    shared: defaultdict[str, set[Organisation]] = defaultdict(set)
    for one in prepared:
        for tie in _ties(one):
            shared[tie].update(one.organisations)
    parents: dict[str, str] = {}
    for _, firms in sorted(shared.items()):
        _join(sorted(firms, key=lambda firm: (len(firm.tokens), firm.key, firm.acronym)), parents)
    return {key: _root(key, parents) for key in sorted(parents) if _root(key, parents) != key}


def _ties(one: Prepared) -> list[str]:
    return [
        *(f"d:{box.domain}" for box in one.mailboxes),
        *(f"t:{number.digits}" for number in one.telephones),
        *(f"a:{place.key}" for place in one.addresses if place.numbers),
    ]


def _join(firms: list[Organisation], parents: dict[str, str]) -> None:
    for index, short in enumerate(firms):
        longer = [firm for firm in firms[index + 1 :] if _means(short, firm)]
        keys = sorted({_root(firm.key, parents) for firm in longer})
        if len(keys) == 1 and keys[0] != _root(short.key, parents):
            parents[_root(short.key, parents)] = keys[0]


def _means(short: Organisation, long: Organisation) -> bool:
    if short.acronym and len(short.acronym) > 1:
        return short.acronym in (long.initials, "".join(word[0] for word in long.tokens))
    return len(short.tokens) > 1 and set(short.tokens) < set(long.tokens)


def _root(key: str, parents: dict[str, str]) -> str:
    seen = {key}
    while key in parents and parents[key] not in seen:
        key = parents[key]
        seen.add(key)
    return key
