"""The second line: a lexicon per category and language over what is about to be stored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from crawler import lexicon
from crawler.remembering import REPEATS
from pipelines.sensitive.categories import Category

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


@cache
def pattern(kind: str, language: str = "") -> re.Pattern[str]:
    """Return one pattern for a class of the lexicon; `*` at the end of a word stands for any ending."""
    return spelled(lexicon.words("sensitive", kind, language))


def spelled(words: Iterable[str]) -> re.Pattern[str]:
    """Return one pattern that finds any of the words whole, the longest first."""
    longest = sorted(words, key=lambda word: (-len(word), word))
    either = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in longest]
    return re.compile(rf"(?<![\w])(?:{'|'.join(either)})(?![\w])", re.IGNORECASE) if either else re.compile(r"(?!)")


#: Classes of organisations whose very nature tells what their people share.
BODIES = {"union": Category.UNION, "party": Category.POLITICS, "church": Category.RELIGION}


def body(text: str) -> tuple[re.Match[str], Category] | None:
    """Find the word that makes a name one of a union, a party or a church, and the category that it reveals."""
    found = ((pattern(kind).search(text), category) for kind, category in BODIES.items())
    return next(((match, category) for match, category in found if match), None)


@lru_cache(maxsize=REPEATS)
def secular(text: str) -> bool:
    """Whether an organisation of another kind has such a word in its name: "Church Street Bakery", "Party Supplies"."""
    words = {word.casefold() for word in _WORD.findall(text)}
    return bool(words & lexicon.words("sensitive", "secular"))


@lru_cache(maxsize=REPEATS)
def categories(text: str, language: str = "") -> tuple[Category, ...]:
    """Return the categories whose words stand in the text; of one language, or of all when none is named."""
    return tuple(category for category in Category if pattern(category.value, language).search(text))
