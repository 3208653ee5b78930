"""Facts of many records as numbers: lists of texts per distinct value, spread over the records that have the value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.resolution.distinct import Codebook, Places, distinct_sorted, members
from pipelines.resolution.name_parts import NameParts


class Facts(NamedTuple):
    """One kind of fact: which record (sorted) says which of `texts`; a record says a thing as often as it is listed."""

    record: Places
    fact: Places
    texts: list[Any]

    def of(self, chosen: NDArray[np.bool_]) -> Facts:
        """Return the facts of some records, said by the place of each record."""
        kept = chosen[self.record]
        return Facts(self.record[kept], self.fact[kept], self.texts)

    def counts(self) -> dict[Any, int]:
        """Return how many records say each text; single ones are left out."""
        return self._counted(_once(self.record, self.fact)[1])

    def renamed(self, names: Callable[[Any], Any]) -> Facts:
        """Return the same with every text replaced; texts that become one are one fact, said once by a record."""
        texts = Codebook()
        codes = np.array([texts[names(text)] for text in self.texts], dtype=np.int64)
        record, fact = _once(self.record, codes[self.fact]) if len(codes) else (self.record, self.fact)
        return Facts(record, fact, list(texts))

    def per(self, others: Facts) -> dict[Any, int]:
        """Return how many distinct other facts stand beside each text in a record; those with one are left out."""
        return self._counted(self.beside(others)[0])

    def beside(self, others: Facts) -> tuple[Places, Places]:
        """Return the distinct pairs of a fact and another that stand in one record, sorted."""
        mine, theirs = self.crossed(others)
        return _once(self.fact[mine], others.fact[theirs])

    def crossed(self, others: Facts) -> tuple[Places, Places]:
        """Return all pairs of rows of both that are of one record."""
        size = max(int(rows.record[-1]) + 1 if len(rows.record) else 0 for rows in (self, others))
        return members(np.bincount(others.record, minlength=size), self.record)

    def with_others(self, others: Facts) -> tuple[Facts, Places, Places]:
        """Return the pairs of two kinds as facts of their own (numbered, without text), and what each is a pair of."""
        mine, theirs = self.crossed(others)
        wide = max(1, len(others.texts))
        unique, codes = np.unique(self.fact[mine] * wide + others.fact[theirs], return_inverse=True)
        made = Facts(self.record[mine], codes.astype(np.int64), list(range(len(unique))))
        return made, unique // wide, unique % wide

    def _counted(self, facts: Places) -> dict[Any, int]:
        counted = np.bincount(facts, minlength=len(self.texts))
        many = np.flatnonzero(counted > 1)
        texts = self.texts
        return dict(
            sorted((texts[code], count) for code, count in zip(many.tolist(), counted[many].tolist(), strict=True))
        )


def _once(left: Places, right: Places) -> tuple[Places, Places]:
    wide = int(right.max()) + 1 if len(right) else 1
    unique = distinct_sorted(left * wide + right)
    return unique // wide, unique % wide


def facts(values: Sequence[Any], codes: NDArray[np.int32], listed: Callable[[Any], Iterable[Any]]) -> Facts:
    """Return what `listed` finds in the value that each record has; each value that is used is looked at once."""
    used = np.bincount(codes, minlength=len(values)) > 0
    texts = Codebook()
    flat: list[int] = []
    sizes = np.zeros(len(values), dtype=np.int64)
    for code in np.flatnonzero(used).tolist():
        before = len(flat)
        flat += [texts[text] for text in listed(values[code])]
        sizes[code] = len(flat) - before
    record, place = members(sizes, codes)
    return Facts(record, np.array(flat, dtype=np.int64)[place], list(texts))


def facts_of_names(
    names: NameParts, codes: NDArray[np.int32], parts: Places, texts: list[str], *, empty: bool = False
) -> Facts:
    """Return what the names in the value that each record has say: one of `texts` per name, by its number in `parts`.

    An empty text is left out unless `empty` texts are wanted.
    """
    said = np.array([empty or bool(text) for text in texts], dtype=np.bool_)[parts[names.listed]]
    sizes = np.bincount(names.values[said], minlength=len(names.sizes))
    record, place = members(sizes, codes)
    return Facts(record, parts[names.listed[said]][place], texts)


def together(*kinds: Facts) -> Facts:
    """Return several kinds of facts as one kind; their texts differ."""
    starts = np.cumsum([0, *(len(kind.texts) for kind in kinds)])
    record = np.concatenate([kind.record for kind in kinds])
    fact = np.concatenate([kind.fact + start for kind, start in zip(kinds, starts, strict=False)])
    order = np.argsort(record, kind="stable")
    return Facts(record[order], fact[order], [text for kind in kinds for text in kind.texts])
