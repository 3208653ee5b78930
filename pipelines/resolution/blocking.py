"""Proposing pairs: two records are compared when they share a key.

Nearly every key joins two facts (a name's sound and an employer, a number and an initial), because a single fact is
shared by too many in a large collection. A key that is crowded all the same is split by a second fact of another kind
(`refined`), the same way for everybody; which keys are crowded is part of the frozen statistics.

A key is made of pieces that depend on one property each (`name_pieces`, `spots`, …), so that a batch (`candidates`)
works every piece out once per distinct value and joins their numbers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from hashlib import md5

from crawler.items import MentionType
from pipelines.resolution.contacts import Address, Mailbox, Profile, Telephone, title_key
from pipelines.resolution.folding import skeleton
from pipelines.resolution.name_pieces import name_pieces, name_seconds
from pipelines.resolution.organisations import Organisation
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.remembering import remembered

#: A block with more records is split by a second fact; one of a kind that matches parts of names, or words of
#: employers, sooner. Measured on 12,000 and 50,000 mentions: from 40 down to these limits the pairs fall by a third,
#: the true pairs kept by .002; employers' words among them cost none of 12,000.
CROWDED = 20
CROWDED_PARTS = 12
PARTS = "vicjo"
#: Keys that begin so are a piece of a name joined with a spot.
JOINED = "shg"
#: A block that stays larger than this is compared in a window of neighbours.
LARGEST = 20
WINDOW = 2
#: The kinds of second facts that do not split a kind of key, because they say what the key says already, or no more
#: than another key does ("u" for "o": a given name at an employer's word is a key as it is).
HELD: dict[str, str] = {
    "n": "gu", "v": "gu", "i": "gu", "c": "gu", "j": "gu",
    "o": "ou", "t": "t", "a": "a", "d": "", "m": "m", "l": "", "p": "p", "q": "p",
}  # fmt: skip


def keys(prepared: Prepared, crowded: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the sorted blocking keys of a record; those whose digest is in `crowded` are split by a second fact."""
    return tuple(sorted(kinded(prepared, crowded)))


def kinded(prepared: Prepared, crowded: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the blocking keys of a record, each with its kind (`kinds_of`, `refined`)."""
    plain = dict(sorted(kinds_of(prepared)))
    if not crowded:
        return plain
    split: dict[str, str] = {}
    for key, kind in plain.items():
        split.update(refined(key, kind, prepared) if digest(key) in crowded else {key: kind})
    return split


def kinds_of(prepared: Prepared) -> set[tuple[str, str]]:
    """Return the keys of a record, each with its kind: its first letter, or the kind of spot that it ends in."""
    return set(_person(prepared) if prepared.type is MentionType.PERSON else _organisation(prepared))


def digest(key: str) -> str:
    """Return eight bytes in hex that stand for a key, so that no list of keys holds a personal value."""
    piece, joined, spot = key.partition("@") if key[0] in JOINED else (key, "", "")
    return f"{number(piece) ^ number(spot) if joined else number(piece):016x}"


@remembered(1 << 12)
def number(text: str) -> int:
    """Return `eight_bytes` as a number; those of two joined pieces differ in every bit."""
    return int.from_bytes(eight_bytes(text), "little")


def eight_bytes(text: str) -> bytes:
    """Return what stands for a key, or a piece of one, the least significant byte first.

    MD5, because it is quick; nothing hangs on it being hard to invert a key that is no secret.
    """
    return md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()[8:]


def find_crowded(
    prepared: Iterable[Prepared], limit: int = CROWDED, limit_of_parts: int = CROWDED_PARTS
) -> frozenset[str]:
    """Return the digests of the keys that more than `limit` records have, or `limit_of_parts` for kinds in `PARTS`."""
    counted = Counter(key for one in prepared for key in kinds_of(one))
    return frozenset(
        digest(key) for (key, kind), count in counted.items() if count > (limit_of_parts if kind in PARTS else limit)
    )


def pairs(
    prepared: Sequence[Prepared], limit: int = LARGEST, crowded: frozenset[str] | None = None
) -> set[tuple[int, int]]:
    """Return the proposed pairs as positions, the smaller first: for tests, training and small collections.

    A block that is larger than `limit` after the split is one of equal content; each of its records is paired with the
    next few in the order of their ids. `crowded` are the digests of the keys to split, counted here when not given.
    """
    crowd = find_crowded(prepared) if crowded is None else crowded
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


def refined(key: str, kind: str, prepared: Prepared) -> dict[str, str]:
    """Return the key's digest joined with each second fact that the key does not hold already, each with its kind.

    The kind of such a key is that of what it was split from and that of the fact: "v|o".
    """
    start, held = digest(key), HELD.get(kind.rpartition("|")[2], "")
    return {f"{start}|{second}": f"{kind}|{second[0]}" for second in seconds(prepared) if second[0] not in held}


def seconds(one: Prepared) -> list[str]:
    """Return the facts that split a crowded key; the first letter says their kind."""
    return [
        *firm_spots(one.organisations),
        *telephone_spots(one.telephones),
        *(f"m{box.key}" for box in one.mailboxes),
        *(f"p{page.key}" for page in one.profiles),
        *(f"a{place.key}" for place in one.addresses),
        *name_seconds(one.names),
    ]


def _telling(tokens: tuple[str, ...]) -> list[str]:
    """The longest word of a name and its first, which a variant of the name most likely keeps."""
    return sorted({tokens[0][:5], max(tokens, key=lambda word: (len(word), word))[:5]}) if tokens else []


def _person(one: Prepared) -> list[tuple[str, str]]:
    pieces = name_pieces(one.names)
    found = [(key, key[0]) for key in (*mailbox_keys(one.mailboxes), *profile_keys(one.profiles), *pieces.whole)]
    marked = [*pieces.marked, *(f"{piece}{title_key(title)}" for piece in pieces.direct for title in one.titles)]
    for spot in spots(one):
        chosen = pieces.direct if spot[0] in "ta" else marked
        found += [(f"{piece}@{spot}", spot[0]) for piece in (*pieces.anywhere, *chosen)]
    return found


def mailbox_keys(mailboxes: tuple[Mailbox, ...]) -> list[str]:
    """Return the whole address (m) and a telling local part (l) of personal mailboxes."""
    own = [box for box in mailboxes if not box.generic]
    return [f"m:{box.key}" for box in own] + [f"l:{box.local}" for box in own if len(box.tokens) > 1]


def profile_keys(profiles: tuple[Profile, ...]) -> list[str]:
    """Return the whole address of a profile (p) and the words of its slug (q)."""
    return [f"p:{page.key}" for page in profiles] + [
        f"q:{''.join(page.tokens)}" for page in profiles if len(page.tokens) > 1
    ]


def spots(one: Prepared) -> list[str]:
    """Return what a record says of its workplace; the first letter says which kind: t, a, d or o."""
    return [
        *telephone_spots(one.telephones),
        *address_spots(one.addresses),
        *domain_spots(one.mailboxes),
        *firm_spots(one.organisations),
    ]


def telephone_spots(telephones: tuple[Telephone, ...]) -> list[str]:
    """Return the numbers."""
    return [f"t{number.digits}" for number in telephones]


def address_spots(addresses: tuple[Address, ...]) -> list[str]:
    """Return the first two numbers of each address that has one."""
    return [f"a{'+'.join(sorted(place.numbers)[:2])}" for place in addresses if place.numbers]


def domain_spots(mailboxes: tuple[Mailbox, ...]) -> list[str]:
    """Return the mail domains."""
    return [f"d{box.domain}" for box in mailboxes]


def firm_spots(organisations: tuple[Organisation, ...]) -> list[str]:
    """Return the telling words and the initials of each employer."""
    words = [f"o{token}" for firm in organisations for token in _telling(firm.tokens)]
    return words + [f"o{firm.acronym or firm.initials}" for firm in organisations if len(firm.initials) > 1]


def _organisation(one: Prepared) -> list[tuple[str, str]]:
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
    return [(key, _OF_FIRMS.get(key[0], key[0])) for key in found]


#: An organisation's keys by name are not split by its name.
_OF_FIRMS = {"k": "o", "w": "o", "f": "o", "j": "o"}
