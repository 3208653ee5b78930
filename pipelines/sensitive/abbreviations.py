"""Names of fields cut down to their consonants, as databases of eight letters a column taught people to write them."""

from __future__ import annotations

import re
from functools import cache

from crawler import lexicon
from pipelines.sensitive.categories import Category

_VOWELS = re.compile(r"[aeiouy]")
MOST_BEHIND = 3  # letters behind the skeleton of the beginning of a word: "ctznshp" goes on from "ctzn"
FEWEST_LETTERS = 4  # of a skeleton: three consonants are those of too many words


@cache
def _skeletons() -> dict[str, Category]:
    """The consonants of every sensitive word of five or more letters: "gndr", "ctzn"."""
    found: dict[str, Category] = {}
    for category in Category:
        for word in lexicon.words("fields", category.value):
            bare = word.strip("=*")
            if len(bare) > 4 and bare.isalpha() and len(short := _VOWELS.sub("", bare)) >= FEWEST_LETTERS:
                found.setdefault(short, category)
    return found


def abbreviated(words: list[str]) -> Category | None:
    """Return the category of the first word without vowels that shortens a sensitive word, or begins like one."""
    shorts = (word for word in words if len(word) >= FEWEST_LETTERS and word.isascii() and not _VOWELS.search(word))
    heads = (
        short[:length]
        for short in shorts
        for length in range(len(short), max(FEWEST_LETTERS, len(short) - MOST_BEHIND) - 1, -1)
    )
    return next((_skeletons()[head] for head in heads if head in _skeletons()), None)
