"""How many words, or how much weight of words, many pairs of sets have in common, as sparse matrices."""

from __future__ import annotations

from collections.abc import Collection, Sequence

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

    def common(self, a: Ints, b: Ints) -> csr_matrix:
        """Return the words that each pair has in common, a row each; times a number per word it is their sum."""
        return self.table[a].multiply(self.table[b]).tocsr()

    def share(self, a: Ints, b: Ints) -> Floats:
        """Return the common words as a part of the smaller set."""
        return summed(self.common(a, b)) / np.maximum(1, np.minimum(self.sizes[a], self.sizes[b]))


def incidence(flat: Sequence[int], sizes: NDArray[np.int64], width: int) -> csr_matrix:
    """Return a table with a one for every number in `flat`, of which each row has as many as `sizes` says."""
    places = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    listed = np.array(flat, dtype=np.int64)
    return csr_matrix((np.ones(len(listed)), listed, places), shape=(len(sizes), max(1, width)))


def summed(table: csr_matrix) -> Floats:
    """Return the sum of each row."""
    found: Floats = table @ np.ones(table.shape[1])
    return found
