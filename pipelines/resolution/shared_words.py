"""How many words, or how much weight of words, many pairs of sets have in common, as sparse matrices."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pipelines.resolution.collection import Ints
from pipelines.resolution.distinct import Codebook

Floats = NDArray[np.float64]


class Sets:
    """Sets of words, a row each; `words` numbers the words, `sizes` counts those of each set."""

    def __init__(self, sets: Sequence[Collection[str]]) -> None:
        self.words = Codebook()
        flat = [self.words[word] for each in sets for word in sorted(set(each))]
        self.sizes = np.array([len(set(each)) for each in sets], dtype=np.int64)
        self.table = incidence(flat, self.sizes, len(self.words))

    def common(self, a: Ints, b: Ints) -> Floats:
        """Return how many words each pair has in common."""
        return products(self.table, self.table, a, b)

    def share(self, a: Ints, b: Ints) -> Floats:
        """Return the common words as a part of the smaller set."""
        return self.common(a, b) / np.maximum(1, np.minimum(self.sizes[a], self.sizes[b]))

    def weighed(self, weights: Iterable[float]) -> csr_matrix:
        """Return the table with each word's weight in place of one."""
        made = self.table.copy()
        made.data = np.array(list(weights), dtype=np.float64)[made.indices] if made.nnz else made.data
        return made


def incidence(flat: Sequence[int], sizes: NDArray[np.int64], width: int) -> csr_matrix:
    """Return a table with a one for every number in `flat`, of which each row has as many as `sizes` says."""
    places = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    listed = np.array(flat, dtype=np.int64)
    return csr_matrix((np.ones(len(listed)), listed, places), shape=(len(sizes), max(1, width)))


def products(left: csr_matrix, right: csr_matrix, a: Ints, b: Ints) -> Floats:
    """Return the inner product of row `a` of one table with row `b` of the other, pair by pair."""
    found: Floats = np.asarray(left[a].multiply(right[b]).sum(axis=1), dtype=np.float64).ravel()
    return found
