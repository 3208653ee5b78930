"""What is learnt from the whole collection: how common a name is, who shares a number, which names mean one
organisation.

Statistics are taken at one moment and frozen under a version, so that a pair scores the same whether its records came
in one batch or a year apart; taking them anew is a new version and re-scores everything. A value that one person
alone carries is never kept (no number, mailbox or address with a single surname), so the file is about groups.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from hashlib import blake2b
from typing import Any

from crawler.items import MentionType
from pipelines.resolution import aliases as learning
from pipelines.resolution import blocking
from pipelines.resolution.contacts import title_key
from pipelines.resolution.names import PersonName, sounds
from pipelines.resolution.organisations import Organisation
from pipelines.resolution.preparation import Prepared, prepare
from pipelines.resolution.record import Record

#: Bits of the commonest and of the rarest name that we tell apart; a name met once is not rarer in a larger collection.
_COMMON, _RARE = 3.0, 10.0
_SETS = ("affiliates", "akin", "crowded")
#: What an unknown name is worth before anything was learnt: one in about two hundred, as a middling surname.
_UNKNOWN = 7.5


@dataclass(frozen=True)
class Statistics:
    """Frequencies of one collection.

    `people` and `organisations` count records. `given` and `surnames` count records with a name, `namesakes` the
    distinct workplaces under one full name, `initials` the distinct given names behind one surname and initial.
    `telephones`, `mailboxes`, `addresses` and `profiles` count the distinct surnames that share a value. `words`
    counts organisations that use a word, `aliases` maps an organisation's key to the key that stands for all its
    names. `crowded` holds the digests of blocking keys that are too common to block on alone.
    """

    people: int = 0
    organisations: int = 0
    given: dict[str, int] = field(default_factory=dict, repr=False)
    surnames: dict[str, int] = field(default_factory=dict, repr=False)
    namesakes: dict[str, int] = field(default_factory=dict, repr=False)
    initials: dict[str, int] = field(default_factory=dict, repr=False)
    colleagues: dict[str, int] = field(default_factory=dict, repr=False)
    telephones: dict[str, int] = field(default_factory=dict, repr=False)
    mailboxes: dict[str, int] = field(default_factory=dict, repr=False)
    addresses: dict[str, int] = field(default_factory=dict, repr=False)
    profiles: dict[str, int] = field(default_factory=dict, repr=False)
    words: dict[str, int] = field(default_factory=dict, repr=False)
    aliases: dict[str, str] = field(default_factory=dict, repr=False)
    affiliates: frozenset[str] = field(default=frozenset(), repr=False)
    employers: dict[str, str] = field(default_factory=dict, repr=False)
    titles: dict[str, int] = field(default_factory=dict, repr=False)
    akin: frozenset[str] = field(default=frozenset(), repr=False)
    crowded: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def from_records(cls, records: Iterable[Record]) -> Statistics:
        """Learn from records; the order of the records makes no difference."""
        return cls.from_prepared([prepare(record) for record in records])

    @classmethod
    def from_prepared(cls, prepared: Iterable[Prepared], crowded: frozenset[str] | None = None) -> Statistics:
        """Learn from records that are prepared already; `crowded` spares counting the blocking keys again."""
        everything = prepared if isinstance(prepared, Sequence) else list(prepared)
        people = [one for one in everything if one.type is MentionType.PERSON]
        firms = {firm for one in everything for firm in one.organisations}
        known = learning.aliases(everything)
        affiliated = learning.affiliates(people, known)
        groups = learning.groups(affiliated)

        def workplaces(one: Prepared) -> list[str]:
            keys = [known.get(firm.key, firm.key) for firm in one.organisations]
            return [groups.get(key, key) for key in keys]

        def colleagues(one: Prepared) -> list[str]:
            return [f"{key}@{firm}" for key in _family_initials(one) for firm in workplaces(one)]

        return cls(
            people=len(people),
            organisations=len({firm.key for firm in firms}),
            given=_counts(_first_names(one) for one in people),
            surnames=_counts(_families(one) for one in people),
            namesakes=_distinct(people, _full_names, workplaces),
            initials=_distinct(people, _family_initials, _first_names),
            colleagues=_distinct(people, colleagues, _first_names),
            telephones=_distinct(people, lambda one: [number.digits for number in one.telephones], _sounds),
            mailboxes=_distinct(people, lambda one: [box.key for box in one.mailboxes], _sounds),
            addresses=_distinct(people, lambda one: [place.key for place in one.addresses], _sounds),
            profiles=_distinct(people, lambda one: [page.key for page in one.profiles], _sounds),
            words=words(firms),
            aliases=known,
            affiliates=frozenset(affiliated),
            employers=learning.employers(people, known),
            titles=_counts(map(title_key, one.titles) for one in people),
            akin=frozenset(learning.akin_titles(people, known)),
            crowded=blocking.find_crowded(everything) if crowded is None else crowded,
        )

    def to_json(self) -> str:
        """Return the statistics as one JSON object with sorted keys: equal statistics give equal bytes."""
        table: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        for name in _SETS:
            table[name] = sorted(table[name])
        return json.dumps(table, sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Statistics:
        """Read what `to_json` wrote; an unknown or missing key is a TypeError of the constructor."""
        table = json.loads(text)
        for name in _SETS:
            table[name] = frozenset(table[name])
        return cls(**table)

    @cached_property
    def version(self) -> str:
        """Twelve hex digits that name these statistics."""
        return blake2b(self.to_json().encode(), digest_size=6).hexdigest()

    @cached_property
    def memo(self) -> dict[tuple[Organisation, Organisation], str]:
        """Levels of pairs of employers that were compared already: each distinct pair is compared once."""
        return {}

    def rarity(self, name: PersonName) -> float:
        """Return how rare the surname is, in bits between `_COMMON` and `_RARE`."""
        return self.rarity_of_family(name.family)

    def rarity_of_family(self, family: str) -> float:
        """Return how rare a surname is, in bits."""
        return self._bits(self.surnames.get(family, 1))

    def rarest(self, *, initial: bool) -> float:
        """Return the most that the rarity of a surname counts, in bits.

        Behind an initial an unknown surname counts as a common one before anything was learnt, so that an initial and
        a surname alone are left to people: "J. Jansen" in a store of one Jansen may be any of them.
        """
        return _COMMON if initial and not self.people else _RARE

    def rarity_of_given(self, given: str) -> float:
        """Return how rare a given name is, in bits."""
        return self._bits(self.given.get(given, 1))

    def rarity_of_title(self, key: str) -> float:
        """Return how rare a job title is, in bits."""
        return self._bits(self.titles.get(key, 1))

    def _bits(self, count: int) -> float:
        if not self.people:
            return _UNKNOWN
        return min(_RARE, max(_COMMON, math.log2((self.people + 200) / (count + 1))))

    def canonical(self, key: str) -> str:
        """Return the key that stands for all names of an organisation."""
        return self.aliases.get(key, key)

    @cached_property
    def _groups(self) -> dict[str, str]:
        return learning.groups(self.affiliates)

    def groups_of(self, one: Prepared) -> set[str]:
        """Return the employers of a record with affiliates taken as one."""
        return self.grouped(self.firms_of(one))

    def grouped(self, firms: Iterable[str]) -> set[str]:
        """Return canonical keys with affiliates taken as one."""
        return {self._groups.get(key, key) for key in firms}

    def canonical_of(self, organisations: Iterable[Organisation]) -> tuple[str, ...]:
        """Return the canonical keys of named employers."""
        return tuple(self.canonical(firm.key) for firm in organisations)

    def firms_of(self, one: Prepared) -> tuple[str, ...]:
        """Return the canonical keys of the employers that a record names, else of those behind its ties."""
        if one.organisations:
            return self.canonical_of(one.organisations)
        return tuple(sorted({self.employers[tie] for tie in learning.ties(one) if tie in self.employers}))

    def weight_of_word(self, word: str) -> float:
        """Return how much a word of an organisation's name tells, in bits; a word never met tells most."""
        found = self._weighed.get(word)
        if found is None:
            bits = math.log2((self.organisations + 50) / (self.words.get(word, 0) + 1))
            found = self._weighed[word] = max(1.0, min(_RARE, bits))
        return found

    @cached_property
    def _weighed(self) -> dict[str, float]:
        return {}

    def reads_as_family(self, word: str) -> float:
        """Return how much more often a word stands as surname than as given name, as a ratio of smoothed counts."""
        return (self.surnames.get(word, 0) + 0.5) / (self.given.get(word, 0) + 0.5)


def _counts(lists: Iterable[Iterable[str]]) -> dict[str, int]:
    """Count in how many lists a value stands; single ones are left out, they are the default."""
    counted = Counter(value for listed in lists for value in set(listed))
    return {value: count for value, count in sorted(counted.items()) if count > 1}


def _distinct(
    people: Iterable[Prepared],
    values: Callable[[Prepared], Iterable[str]],
    per: Callable[[Prepared], Iterable[str]],
) -> dict[str, int]:
    """Count the distinct `per` of every value that has two or more."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in people:
        others = list(per(one))
        for value in values(one):
            found[value].update(others)
    return {value: len(others) for value, others in sorted(found.items()) if len(others) > 1}


def words(firms: Iterable[Organisation]) -> dict[str, int]:
    """Count in how many organisations' names each word stands."""
    return _counts(firm.tokens for firm in {firm.key: firm for firm in sorted(firms, key=str)}.values())


def first_name(name: PersonName) -> str:
    """Return the given name when it is written out, else ""."""
    return name.given if len(name.given) > 1 else ""


def family(name: PersonName) -> str:
    """Return the surname."""
    return name.family


def family_initial(name: PersonName) -> str:
    """Return the surname behind the first letter of the given name, "" when either is missing."""
    return f"{name.given[0]} {family}" if name.given and (family := name.family) else ""


def sound_of(name: PersonName) -> str:
    """Return the first letters of the surname's sound, so that a misspelt name is not a second person."""
    return sounds(name)[:3]


def _of_names(part: Callable[[PersonName], str]) -> Callable[[Prepared], list[str]]:
    return lambda one: list(filter(None, map(part, one.names)))


_first_names, _families, _full_names, _family_initials = map(
    _of_names, (first_name, family, learning.full_name, family_initial)
)


def _sounds(one: Prepared) -> list[str]:
    return list(map(sound_of, one.names))
