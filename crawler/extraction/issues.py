"""The name of a periodical without the issue that a heading or title names with it: "Warmtekring november"."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.extraction.meaning import word_class
from crawler.lexicon import fold
from crawler.remembering import REPEATS

_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"#?\d{1,4}(?:/\d{1,4})?")
_EDGES = " .,;:|·()[]–—-/"
#: An issue is told in a few words; a longer name is a sentence.
_LONGEST = 12


@lru_cache(maxsize=REPEATS)
def without_issue(name: str) -> str:
    """Return a name without the month, season or number of an issue at its end, or the month and year at its start.

    What stays whole: "4 en 5 mei", which is a date, a year alone ("Grid Forum 2026"), and "Groupe Mars", of which only
    the word for a firm would be left.
    """
    words = name.split()
    if not 1 < len(words) <= _LONGEST:
        return name
    end = _before_issue(words)
    start = 2 if len(words) > 2 and _is_month(words[0]) and _YEAR.fullmatch(_bare(words[1])) else 0
    kept = words[start:end]
    if len(kept) == len(words) or not kept or kept[-1][-1:].isdigit() or _says_only_what(kept):
        return name
    return " ".join(kept).strip(_EDGES)


def _before_issue(words: list[str]) -> int:
    """Return how many words stand before the issue; all of them where none is named."""
    end, named = len(words), False
    while end > 1:
        word, before = _bare(words[end - 1]), _bare(words[end - 2])
        if _NUMBER.fullmatch(word) and before in word_class("ordinary", "issue"):
            end, named = end - 2, True
        elif _is_month(words[end - 1]) or (word in word_class("ordinary", "season") and end < len(words)):
            end, named = end - 1, True
        elif _YEAR.fullmatch(word):
            end -= 1
        else:
            break
    return end if named else len(words)


def _is_month(word: str) -> bool:
    return _bare(word) in word_class("ordinary", "month")


def _says_only_what(words: list[str]) -> bool:
    return all(_bare(word) in word_class("cues", "organisation_word") for word in words)


def _bare(word: str) -> str:
    return fold(word.strip(_EDGES))
