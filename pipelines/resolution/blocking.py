"""Proposing pairs: two records are compared when they share a key.

Every key joins two facts (a name's sound and an employer, a number and an initial), because a single fact is shared
by too many in a large collection. A key that is crowded all the same is split by a second key (`refined`), the same
way for everybody; which keys are crowded is part of the frozen statistics.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from crawler.items import MentionType
from pipelines.resolution.contacts import title_key
from pipelines.resolution.folding import consonants, skeleton
from pipelines.resolution.names import PersonName, formals, sounds
from pipelines.resolution.preparation import Prepared

#: A block with more records is split by a second key.
CROWDED = 40
#: A block that stays larger than this is compared in a window of neighbours.
LARGEST = 200
WINDOW = 10


def keys(prepared: Prepared, crowded: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the sorted blocking keys of a record; those whose digest is in `crowded` come with a second key each."""
    plain = sorted(set(_person(prepared) if prepared.type is MentionType.PERSON else _organisation(prepared)))
    if not crowded:
        return tuple(plain)
    split: set[str] = set()
    for key in plain:
        split.update(refined(key, prepared) if digest(key) in crowded else (key,))
    return tuple(sorted(split))


def digest(key: str) -> str:
    """Return eight bytes in hex that stand for a key, so that no list of keys holds a personal value."""
    return blake2b(key.encode(), digest_size=8).hexdigest()


def crowded(prepared: Iterable[Prepared], limit: int = CROWDED) -> frozenset[str]:
    """Return the digests of the keys that more than `limit` records have."""
    counted = Counter(key for one in prepared for key in keys(one))
    return frozenset(digest(key) for key, count in counted.items() if count > limit)


def pairs(prepared: Sequence[Prepared], limit: int = LARGEST) -> set[tuple[int, int]]:
    """Return the proposed pairs as positions, the smaller first: for tests, training and small collections.

    A block that is larger than `limit` after the split is one of equal content; each of its records is paired with the
    next few in the order of their ids.
    """
    crowd = crowded(prepared)
    blocks: defaultdict[str, list[int]] = defaultdict(list)
    for place in sorted(range(len(prepared)), key=lambda n: prepared[n].id):
        for key in keys(prepared[place], crowd):
            blocks[key].append(place)
    found: set[tuple[int, int]] = set()
    for members in blocks.values():
        reach = len(members) if len(members) <= limit else WINDOW
        for n, a in enumerate(members):
            found.update((min(a, b), max(a, b)) for b in members[n + 1 : n + 1 + reach])
    return found


def refined(key: str, prepared: Prepared) -> list[str]:
    """Return the key joined with each second fact that it does not hold already."""
    seconds = [
        *(f"o{token}" for firm in prepared.organisations for token in _telling(firm.tokens)),
        *(f"t{number.digits}" for number in prepared.telephones),
        *(f"m{box.key}" for box in prepared.mailboxes),
        *(f"p{page.key}" for page in prepared.profiles),
        *(f"a{place.key}" for place in prepared.addresses),
        *(f"g{name.given[:1]}{sounds(name)}" for name in prepared.names),
    ]
    return sorted({f"{key}|{second}" for second in seconds})


def _telling(tokens: tuple[str, ...]) -> list[str]:
    """The longest word of a name and its first, which a variant of the name most likely keeps."""
    return sorted({tokens[0][:5], max(tokens, key=lambda word: (len(word), word))[:5]}) if tokens else []


def _person(one: Prepared) -> list[str]:
    found = [f"m:{box.key}" for box in one.mailboxes if not box.generic]
    found += [f"l:{box.local}" for box in one.mailboxes if not box.generic and len(box.tokens) > 1]
    found += [f"p:{page.key}" for page in one.profiles]
    found += [f"q:{''.join(page.tokens)}" for page in one.profiles if len(page.tokens) > 1]
    for name in one.names:
        for reading in (name, *name.likely_turned()):
            found += _by_name(reading)
            found += _by_place(reading, one)
    return found


def _by_name(name: PersonName) -> list[str]:
    """Full names in any order, nicknames resolved; a name of an initial only is proposed by the other keys."""
    if len(name.given) < 2 or not name.surname:
        return []
    found = []
    ends = {sounds(name), *(skeleton(part) for part in name.surname if len(part) > 2)}
    for formal in formals(name.given):
        found += ["n:" + "+".join(sorted((skeleton(formal), end))) for end in ends]
        found += [f"v:{formal}+{part[:2]}" for part in name.surname]
    return found


def _by_place(name: PersonName, one: Prepared) -> list[str]:
    """A piece of the name with a piece of the workplace."""
    ends = {skeleton(part)[:5] for part in (*name.surname, *name.middles[-1:]) if len(part) > 1}
    tails = {part[-4:] for part in name.surname if len(part) > 4}
    starts = {formal[0] for formal in formals(name.given)} if name.given else set()
    starts |= {word[:1] for word in name.middles[:2]}
    places = [f"t{number.digits}" for number in one.telephones]
    places += [f"a{'+'.join(sorted(place.numbers)[:2])}" for place in one.addresses if place.numbers]
    places += [f"d{box.domain}" for box in one.mailboxes]
    places += [f"o{token}" for firm in one.organisations for token in _telling(firm.tokens)]
    places += [f"o{firm.acronym or firm.initials}" for firm in one.organisations if len(firm.initials) > 1]
    found = [f"s:{end}@{place}" for place in places for end in ends]
    if len(name.given) > 1:
        marks = {"", *(title_key(title) for title in one.titles), name.family[:1]} - {""}
        found += [f"g:{name.given[:4]}{mark}@{place}" for place in places if place[0] in "do" for mark in marks]
        found += [f"g:{name.given[:4]}@{place}" for place in places if place[0] in "ta"]
    heads = {part[:3] for part in name.surname}
    found += [f"h:{start}{head}@{place}" for start in starts for head in heads for place in places]
    found += [f"i:{start}{end}" for start in starts for end in ends]
    found += [f"c:{start}{consonants(part)}" for start in starts for part in name.surname if consonants(part)]
    return found + [f"j:{start}{tail}" for start in starts for tail in tails]


def _organisation(one: Prepared) -> list[str]:
    found = [f"m:{box.key}" for box in one.mailboxes]
    found += [f"d:{box.domain}" for box in one.mailboxes]
    found += [f"t:{number.digits}" for number in one.telephones]
    found += [f"p:{page.key}" for page in one.profiles]
    for firm in one.organisations:
        found.append(f"k:{firm.key}")
        found.append(f"w:{firm.acronym or firm.initials}")
        words = sorted(firm.tokens, key=lambda word: (-len(word), word))[:2]
        found += [f"f:{skeleton(word)}" for word in words if len(word) > 3]
        found.append(f"j:{skeleton(''.join(firm.tokens))[:12]}")
    return found
