"""Fields of work behind a title: in "Director, Infrastructure" the second half says what the first is about."""

from __future__ import annotations

from functools import cache, lru_cache

from crawler.extraction.meaning import tokens, word_class
from crawler.remembering import REPEATS

_JOINS = frozenset({",", "，", "–", "—", "-"})
#: Words of a field, those between them included: "Research and Development", "Sécurité des systèmes".
_LONGEST = 6


@cache
def _words() -> frozenset[str]:
    kinds = (("work_fields", "field"), ("roles", "unit"), ("roles", "scope"))
    return frozenset[str]().union(*(word_class(topic, kind) for topic, kind in kinds))


@lru_cache(maxsize=REPEATS)
def is_field(text: str) -> bool:
    """Tell whether a text is made of words for fields of work alone; whatever else stands in it may be a name."""
    found = tokens(text)
    told = [word for word in found if word not in word_class("glue", "glue")]
    return bool(told) and len(found) <= _LONGEST and all(word in _words() for word in told)


def goes_on(join: str) -> bool:
    """Tell whether what stands before a text lets it go on with a title."""
    return join in _JOINS
