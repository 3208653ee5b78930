"""The second line: a lexicon per category and language over what is about to be stored."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crawler import lexicon
from pipelines.sensitive.categories import Category


@cache
def pattern(kind: str, language: str = "") -> re.Pattern[str]:
    """Return one pattern for a class of the lexicon; `*` at the end of a word stands for any ending."""
    words = sorted(lexicon.words("sensitive", kind, language), key=lambda word: (-len(word), word))
    spelled = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in words]
    return re.compile(rf"(?<![\w])(?:{'|'.join(spelled)})(?![\w])", re.IGNORECASE) if spelled else re.compile(r"(?!)")


@lru_cache(maxsize=8192)
def categories(text: str, language: str = "") -> tuple[Category, ...]:
    """Return the categories whose words stand in the text; of one language, or of all when none is named."""
    return tuple(category for category in Category if pattern(category.value, language).search(text))
