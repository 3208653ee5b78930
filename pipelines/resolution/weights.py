"""The table of weights and the sentences that go with it."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Weights:
    """Bits per rule. `prior` holds the bits before any evidence, per type; `match` and `review` are probabilities.

    `learned` says when and from what (a hash) the table was learnt, and how it did out of fold; `version` is a hash of
    the rest. `workplace_cap` bounds the sum of the positive bits of the rules in `WORKPLACE`, so that one workplace is
    not counted five times.
    """

    version: str
    match: float
    review: float
    prior: dict[str, float]
    rules: dict[str, float]
    workplace_cap: float
    learned: dict[str, Any] = field(default_factory=dict)

    @property
    def match_bits(self) -> float:
        """The threshold of `match` in bits."""
        return math.log2(self.match / (1.0 - self.match))

    @cached_property
    def _at_work(self) -> frozenset[str]:
        return frozenset(rule for rule in self.rules if rule.partition(".")[0] in WORKPLACE)

    def contributions(self, found: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
        """Return every finding with its bits, the workplace's cap last where it was reached."""
        listed = [(rule, self.rules.get(rule, 0.0) * strength) for rule, strength in found]
        over = sum(bits for rule, bits in listed if bits > 0 and rule in self._at_work) - self.workplace_cap
        return [*listed, ("workplace.cap", -over)] if over > 0 else listed

    def bits(self, found: Iterable[tuple[str, float]]) -> float:
        """Return the bits of the findings, without the prior: the sum of `contributions`, in one pass."""
        total = at_work = 0.0
        rules, capped = self.rules, self._at_work
        for rule, strength in found:
            bits = rules.get(rule, 0.0) * strength
            total += bits
            if bits > 0 and rule in capped:
                at_work += bits
        return total - max(0.0, at_work - self.workplace_cap)


#: Rules that say where somebody works.
WORKPLACE = frozenset({"organisation", "telephone", "address", "workplace"})


def load(text: str) -> Weights:
    """Read a weights file (JSON)."""
    return Weights(**json.loads(text))


@cache
def _sentences() -> dict[str, dict[str, str]]:
    text = resources.files(__package__).joinpath("sentences.toml").read_text("utf-8")
    return tomllib.loads(text)


def sentence(rule: str, language: str = "en") -> str:
    """Return the plain sentence of a rule in English or Dutch ("en", "nl"); a rule without one is a KeyError."""
    return _sentences()[language][rule.removeprefix("firm-")]


WEIGHTS = load(resources.files(__package__).joinpath("weights.json").read_text("utf-8"))
