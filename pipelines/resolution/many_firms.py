"""How far many pairs of employers agree at once: the levels of `workplace.firms_level`, with NumPy and SciPy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.sparse import csr_matrix

from pipelines.resolution import workplace
from pipelines.resolution.collection import Ints
from pipelines.resolution.distinct import Codebook, Codes, unordered
from pipelines.resolution.many_contacts import ASK, CODE, Bools, Levels
from pipelines.resolution.organisations import Organisation
from pipelines.resolution.shared_words import Floats, Sets, incidence, summed
from pipelines.resolution.statistics import Statistics

#: A share of words this near to a line is asked, because adding up in another order may cross it.
_NEAR = 1e-9


class FirmLevels(Levels):
    """Of employers that both sides name; decides by canonical key, acronym and shared words.

    Asked are affiliates, words that may be slips of one another, names that hold regions, and shares on a line.
    """

    rule = staticmethod(workplace.firms_level)

    def __init__(self, values: Sequence[tuple[Organisation, ...]], statistics: Statistics) -> None:
        super().__init__(values, statistics)
        firms = [one or Organisation(()) for one in self._firsts()]
        keys, texts = Codebook(), Codebook({"": 0})
        affiliated = {key for pair in statistics.affiliates for key in pair.split("|")}
        canonical = [statistics.canonical(firm.key) for firm in firms]
        self._keys = np.array([keys[key] for key in canonical], dtype=np.int64)
        self._affiliated = np.array([key in affiliated for key in canonical], dtype=np.bool_)
        self._acronyms = np.array([texts[firm.acronym if len(firm.acronym) > 1 else ""] for firm in firms], np.int64)
        self._initials = np.array([texts[firm.initials] for firm in firms], dtype=np.int64)
        self._heads = np.array([texts["".join(word[0] for word in firm.tokens)] for firm in firms], dtype=np.int64)
        self._regional = np.array([workplace.holds_region(firm) for firm in firms], dtype=np.bool_)
        self._sets = Sets([firm.tokens for firm in firms])
        weights = [statistics.weight_of_word(word) for word in self._sets.words]
        self._weights = np.array(weights or [0.0], dtype=np.float64)
        self._sums: Floats = self._sets.table @ self._weights
        variants = _variants(self._sets.words)
        self._variants = self._sets.table @ variants
        self._own = summed(variants)

    def decide(self, a: Ints, b: Ints) -> Codes:
        """Decide what the numbers tell."""
        rows, which = unordered(a, b)
        a, b = rows[0].astype(np.int32), rows[1].astype(np.int32)
        found = self._by_words(a, b)
        found[self._acronym(a, b) | self._acronym(b, a)] = CODE["similar"]
        found[self._affiliated[a] & self._affiliated[b]] = ASK
        found[self._keys[a] == self._keys[b]] = CODE["same"]
        return found[which]

    def _acronym(self, short: Ints, long: Ints) -> Bools:
        written = self._acronyms[short]
        found: Bools = (written > 0) & ((written == self._initials[long]) | (written == self._heads[long]))
        return found

    def _by_words(self, a: Ints, b: Ints) -> Codes:
        both = self._sets.common(a, b)
        common, weight = summed(both), both @ self._weights
        sums = self._sums[a], self._sums[b]
        shared: Floats = weight / np.maximum(1e-300, 0.5 * np.minimum(*sums) + 0.5 * np.maximum(*sums))
        slips = summed(self._variants[a].multiply(self._variants[b])) > both @ self._own
        ask = slips | (self._regional[a] & self._regional[b])
        for line in (workplace.SIMILAR, workplace.RELATED, workplace.WHOLE):
            ask |= np.abs(shared - line) < _NEAR
        apart = (common < self._sets.sizes[a]) & (common < self._sets.sizes[b]) & (shared < workplace.WHOLE)
        shared[apart] = np.minimum(shared[apart], workplace.APART)
        found = np.full(len(a), CODE["different"], dtype=np.uint8)
        found[shared >= workplace.RELATED] = CODE["related"]
        found[shared >= workplace.SIMILAR] = CODE["similar"]
        found[ask] = ASK
        return found


def _variants(words: Iterable[str]) -> csr_matrix:
    """Return per word itself and what is left without each of its letters: words that share one may be slips."""
    texts = Codebook()
    listed = [
        {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))} if len(word) >= workplace.SLIPS else set()
        for word in words
    ]
    flat = [texts[text] for each in listed for text in sorted(each)]
    listed = listed or [set()]  # a table without a row cannot be multiplied
    return incidence(flat, np.array([len(each) for each in listed], dtype=np.int64), len(texts))
