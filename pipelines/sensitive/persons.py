"""Nouns that say what somebody is, where a job title should stand: "cancer survivor", "quinquagénaire", "trotse opa".

No language tells jobs from persons by their form ("Berater", "Alkoholiker"), so these are looked up. It is done only
where nothing says that the phrase is a job, and word by word: one pattern of two thousand words would cost a hundred
times as much.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from crawler import lexicon
from pipelines.sensitive.categories import Category
from pipelines.sensitive.tripwire import spelled

_WORD = re.compile(r"[^\W_]+(?:['’./-][^\W_]+)*")
FEWEST_LETTERS = 3  # of a beginning or an ending with an open place beside it


@dataclass(slots=True, frozen=True)
class _Words:
    """Single words by where they stand: whole ones, beginnings and endings."""

    whole: Mapping[str, Category]
    beginnings: Mapping[str, Category]
    endings: Mapping[str, Category]

    def category(self, word: str) -> Category | None:
        """Return the category of a case-folded word, or None."""
        if found := self.whole.get(word):
            return found
        for place in range(FEWEST_LETTERS, len(word) + 1):
            if found := self.beginnings.get(word[:place]) or self.endings.get(word[-place:]):
                return found
        return None


def _gathered(*, last: bool) -> _Words:
    said = {
        word.removesuffix("$"): category
        for category in Category
        for word in lexicon.words("persons", category.value)
        if " " not in word and word.endswith("$") is last
    }
    return _Words(
        {word: category for word, category in said.items() if "*" not in word},
        {word[:-1]: category for word, category in said.items() if word.endswith("*")},
        {word[1:]: category for word, category in said.items() if word.startswith("*")},
    )


@cache
def _anywhere() -> _Words:
    return _gathered(last=False)


@cache
def _at_the_end() -> _Words:
    return _gathered(last=True)


@cache
def _phrases(category: Category) -> tuple[str, ...]:
    return tuple(word for word in lexicon.words("persons", category.value) if " " in word)


@cache
def _phrase(category: Category) -> re.Pattern[str]:
    return spelled(_phrases(category))


@cache
def _any_phrase() -> re.Pattern[str]:
    return spelled(phrase for category in Category for phrase in _phrases(category))


@cache
def _like_jobs() -> re.Pattern[str]:
    """Those that look like a job, by a word in them or by their form: "paciente experto", "Gastarbeiter"."""
    return spelled(lexicon.words("persons", "like_job"))


def without_mistaken(clause: str) -> str:
    """Return a clause without what looks like a job and is none, to look for a job in the rest."""
    return _like_jobs().sub(" ", clause)


def mistaken(text: str) -> list[tuple[int, int]]:
    """Return the places of what looks like a job in a text and is none."""
    return [found.span() for found in _like_jobs().finditer(text)]


def said_of(clause: str) -> set[Category]:
    """Return what the nouns of a clause without the head of a job title say of somebody, in any language."""
    words = [found.group().casefold() for found in _WORD.finditer(clause)]
    said = {category for word in words if (category := _anywhere().category(word))}
    if words and (category := _at_the_end().category(words[-1])):
        said.add(category)
    if len(words) > 1 and _any_phrase().search(clause):
        said |= {category for category in Category if _phrase(category).search(clause)}
    return said


def avows(clause: str) -> bool:
    """Return whether a clause holds a word with which people describe themselves, or what they own or owe."""
    words = [found.group().casefold() for found in _WORD.finditer(clause)]
    begun = any(
        word[:place] in _avowed_beginnings() for word in words for place in range(FEWEST_LETTERS, len(word) + 1)
    )
    return begun or any(word in _avowed() for word in words) or (bool(words) and f"{words[-1]}$" in _avowed())


@cache
def _avowed() -> frozenset[str]:
    return lexicon.words("persons", "avowal") | lexicon.words("persons", "fortune")


@cache
def _avowed_beginnings() -> frozenset[str]:
    return frozenset(word[:-1] for word in _avowed() if word.endswith("*"))
