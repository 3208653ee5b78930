"""The categories that a dropped piece of text is counted under.

What may pass decides what is dropped (`pieces`, `evidence`); this only names it for the audit, from words and shapes,
and may name nothing where a statement was made in words of its own.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crawler import lexicon
from crawler.remembering import REPEATS
from pipelines.sensitive.categories import Category
from pipelines.sensitive.contacts import cue
from pipelines.sensitive.identifiers import identifiers
from pipelines.sensitive.tripwire import body, categories, pattern, spelled

_PRONOUNS = re.compile(r"\b\w{2,6}/\w{2,6}\b")
_BARE_AGE = re.compile(r"(?<=[(,])\s?(?:[a-z]{1,2}\. ?)?[1-9]\d(?=[),])")
_NUMBER = re.compile(r"\b[1-9]\d\b")
_DIALLED = re.compile(r"(?:\+|\b0)\d[\d\s()/.-]{6,}\d|@")
#: Classes of cue words that name a category by themselves.
_CUES = {Category.FAMILY: "family", Category.BIRTH: "birth", Category.HOME: "home"}


def told(text: str, kept: str, language: str = "") -> tuple[Category, ...]:
    """Return the categories that the text names and what is kept of it does not, in a fixed order."""
    return tuple(sorted(_named(text, language) - _named(kept, language)))


@lru_cache(maxsize=REPEATS)
def _named(text: str, language: str) -> frozenset[Category]:
    found = set(categories(text, language)) | {category for category in Category if _words(category).search(text)}
    found |= {category for category, kind in _CUES.items() if cue(kind, language).search(text)}
    if (cue("age", language).search(text) and _NUMBER.search(text)) or _BARE_AGE.search(text):
        found.add(Category.AGE)
    if _pronouns(text):
        found.add(Category.GENDER)
    if identifiers(text) or cue("identifier", language).search(text):
        found.add(Category.IDENTIFIER)
    if cue("private", language).search(text) and _DIALLED.search(text):
        found = (found | {Category.PRIVATE_CONTACT}) - {Category.HOME}  # "home: +44 …" is a number, not a place
    if pattern("demonym", language).search(text) and not found & {Category.NATIONALITY, Category.ORIGIN}:
        found.add(Category.ORIGIN)
    revealed = body(text)
    if revealed and cue("membership", language).search(text):
        found.add(revealed[1])
    return frozenset(found)


@cache
def _words(category: Category) -> re.Pattern[str]:
    return spelled(lexicon.words("statements", category.value))


def _pronouns(text: str) -> bool:
    """Whether a pair such as "she/her" stands in the text."""
    return any(cue("pronoun").fullmatch(pair.group()) for pair in _PRONOUNS.finditer(text))
