"""How far many pairs of contact points agree at once: the levels of `workplace` and `contact_levels`, with NumPy.

A property is decided here for pairs of single values; a pair that the numbers do not decide is asked of the scalar
rule, which stays the only definition of a level.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import contact_levels, workplace
from pipelines.resolution.collection import Ints
from pipelines.resolution.contacts import Address, Mailbox, Profile, Telephone
from pipelines.resolution.distinct import Codebook, Codes, asked, unordered
from pipelines.resolution.shared_words import Sets
from pipelines.resolution.statistics import Statistics

#: Every level of any property, so that a level fits a byte.
LEVELS = (
    "unknown", "same", "affiliated", "similar", "related", "different", "implied", "other-implied", "extension",
    "direct", "few", "shared", "other-extension", "own", "near", "generic", "spelling", "same-local", "other", "domain",
    "elsewhere", "akin",
)  # fmt: skip
CODE = {level: code for code, level in enumerate(LEVELS)}
#: Stands for a pair that has to be asked.
ASK = 255
Bools = NDArray[np.bool_]
Rule = Callable[[Any, Any, Statistics], str]


class Levels:
    """The levels of one property between the values of a column: unknown unless both sides have one."""

    rule: Rule

    def __init__(self, values: Sequence[tuple[Any, ...]], statistics: Statistics) -> None:
        self._values = values
        self._statistics = statistics
        self.single = np.array([len(value) == 1 for value in values], dtype=np.bool_)

    def of(self, a: Ints, b: Ints) -> Codes:
        """Return the level codes of values by their codes; code 0 is the empty value."""
        found = np.zeros(len(a), dtype=np.uint8)
        both = np.flatnonzero((a > 0) & (b > 0))
        one, other = a[both], b[both]
        levels = np.full(len(both), ASK, dtype=np.uint8)
        single = np.flatnonzero(self.single[one] & self.single[other])
        levels[single] = self.decide(one[single], other[single])
        ask = np.flatnonzero(levels == ASK)
        low, high = np.minimum(one[ask], other[ask]), np.maximum(one[ask], other[ask])
        levels[ask] = asked(self._code, self._values, self._values, low, high)
        found[both] = levels
        return found

    def decide(self, a: Ints, b: Ints) -> Codes:
        """Return the levels of pairs of single values, `ASK` where numbers do not tell."""
        return np.full(len(a), ASK, dtype=np.uint8)

    def _code(self, one: Any, other: Any) -> int:
        return CODE[type(self).rule(one, other, self._statistics)]

    def _firsts(self) -> list[Any]:
        """Return the value of every single one, None for the others."""
        return [value[0] if len(value) == 1 else None for value in self._values]


class TitleLevels(Levels):
    """Of job titles: there are few, so all are asked."""

    rule = staticmethod(contact_levels.title_level)


class TelephoneLevels(Levels):
    """Of telephone numbers: other digits are another number."""

    rule = staticmethod(workplace.telephone_level)

    def __init__(self, values: Sequence[tuple[Telephone, ...]], statistics: Statistics) -> None:
        super().__init__(values, statistics)
        digits = Codebook()
        self._digits = np.array([digits[one.digits] if one else -1 for one in self._firsts()], dtype=np.int64)

    def decide(self, a: Ints, b: Ints) -> Codes:
        """Ask about equal digits alone."""
        return np.where(self._digits[a] == self._digits[b], ASK, CODE["different"]).astype(np.uint8)


class ProfileLevels(Levels):
    """Of profiles: another site says nothing."""

    rule = staticmethod(contact_levels.profile_level)

    def __init__(self, values: Sequence[tuple[Profile, ...]], statistics: Statistics) -> None:
        super().__init__(values, statistics)
        sites, firsts = Codebook(), self._firsts()
        self._sites = np.array([sites[one.site] if one else -1 for one in firsts], dtype=np.int64)
        self._worded = np.array([bool(one and one.tokens) for one in firsts], dtype=np.bool_)
        keys = Codebook()
        self._keys = np.array([keys[one.key] if one else -1 for one in firsts], dtype=np.int64)

    def decide(self, a: Ints, b: Ints) -> Codes:
        """Ask about equal profiles alone."""
        other = (self._sites[a] == self._sites[b]) & self._worded[a] & self._worded[b]
        found = np.where(other, CODE["other"], CODE["unknown"]).astype(np.uint8)
        found[self._keys[a] == self._keys[b]] = ASK
        return found


class MailboxLevels(Levels):
    """Of mailboxes: two domains, or one without a personal mailbox, are told by numbers."""

    rule = staticmethod(contact_levels.mailbox_level)

    def __init__(self, values: Sequence[tuple[Mailbox, ...]], statistics: Statistics) -> None:
        super().__init__(values, statistics)
        domains, locals_, firsts = Codebook(), Codebook(), self._firsts()
        self._domains = np.array([domains[one.domain] if one else -1 for one in firsts], dtype=np.int64)
        self._locals = np.array([locals_[one.local] if one else -1 for one in firsts], dtype=np.int64)
        self._generic = np.array([bool(one and one.generic) for one in firsts], dtype=np.bool_)

    def decide(self, a: Ints, b: Ints) -> Codes:
        """Ask about equal mailboxes, equal local parts, and two personal ones of a domain."""
        generic = self._generic[a] | self._generic[b]
        one_domain, one_local = self._domains[a] == self._domains[b], self._locals[a] == self._locals[b]
        found = np.where(generic, CODE["unknown"], CODE["elsewhere"]).astype(np.uint8)
        found[one_domain] = np.where(generic[one_domain], CODE["domain"], ASK)
        found[one_local & (one_domain | ~generic)] = ASK
        return found


class AddressLevels(Levels):
    """Of addresses: shares of common words and numbers."""

    rule = staticmethod(workplace.address_level)

    def __init__(self, values: Sequence[tuple[Address, ...]], statistics: Statistics) -> None:
        super().__init__(values, statistics)
        firsts, keys = self._firsts(), Codebook()
        self._keys = np.array([keys[one.key] if one else -1 for one in firsts], dtype=np.int64)
        shared = [statistics.addresses.get(one.key, 1) if one else 0 for one in firsts]
        self._shared = np.array(shared, dtype=np.int64)
        self._words = Sets([one.tokens if one else () for one in firsts])
        self._numbers = Sets([one.numbers if one else () for one in firsts])

    def decide(self, a: Ints, b: Ints) -> Codes:
        """Decide all pairs."""
        rows, which = unordered(a, b)
        a, b = rows[0].astype(np.int32), rows[1].astype(np.int32)
        words, numbers = self._words.share(a, b), self._numbers.share(a, b)
        counted = (self._numbers.sizes[a] > 0) & (self._numbers.sizes[b] > 0)
        found = np.full(len(a), CODE["different"], dtype=np.uint8)
        alike = words >= workplace.ALIKE
        found[alike & ((numbers > 0) | ~counted)] = CODE["near"]
        same = (self._keys[a] == self._keys[b]) | (alike & counted & (numbers == 1.0))
        found[same] = CODE["same"]
        found[same & (np.maximum(self._shared[a], self._shared[b]) <= 1)] = CODE["own"]
        return found[which]
