"""The names of a collection taken apart: names are nearly all different, the words that they are made of are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from pipelines.resolution.distinct import Codebook, Places, distinct
from pipelines.resolution.names import PersonName

T = TypeVar("T")


class NameParts:
    """The distinct names among the values of a column, and the words of each as numbers.

    `held` are the values, `people` the names, `place` where each stands among them. `listed` are the names of every
    value, one value after the other: `sizes` says how many each has, `values` whose they are. `given` and `family`
    number the given names `givens` and the surnames `families` (their parts joined) of the people.
    """

    def __init__(self, values: Sequence[tuple[PersonName, ...]]) -> None:
        numbered: Codebook = Codebook()
        self.held = values
        self.sizes = np.array([len(value) for value in values], dtype=np.int64)
        self.listed = np.array([numbered[name] for value in values for name in value], dtype=np.int64)
        self.values = np.repeat(np.arange(len(values)), self.sizes)
        self.place: dict[PersonName, int] = numbered
        self.people: list[PersonName] = list(numbered)
        self.given, self.givens = self.numbered(lambda name: name.given)
        self.family, self.families = self.numbered(lambda name: name.family)

    def numbered(self, part: Callable[[PersonName], T]) -> tuple[Places, list[T]]:
        """Return which of its distinct values a part of every name has, and these."""
        found: Codebook = Codebook()
        return np.array([found[part(name)] for name in self.people], dtype=np.int64), list(found)

    def told(self, rule: Callable[[PersonName], str], *parts: Places) -> tuple[Places, list[str]]:
        """Return what a rule says of every name, asked once per distinct combination of the parts that it looks at."""
        rows, which = distinct(*parts)
        any_of = np.zeros(len(rows[0]), dtype=np.int64)
        any_of[which] = np.arange(len(which))
        texts: Codebook = Codebook()
        codes = [texts[rule(self.people[place])] for place in any_of.tolist()]
        return np.array(codes, dtype=np.int64)[which], list(texts)
