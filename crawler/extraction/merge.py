"""Readings of one person on one page, united; different mentions of one name, told apart."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from crawler.extraction.names import strip_titles
from crawler.items import Mention, MentionType, Property
from crawler.lexicon import fold
from crawler.remembering import REPEATS

#: People of one name on one page that are kept apart; a list with more is no list of people.
_MAX_NAMESAKES = 20


@lru_cache(maxsize=REPEATS)
def name_key(name: str) -> tuple[str, ...]:
    """Return what two spellings of one name share: the folded words without titles and initials, in no order."""
    plain, _ = strip_titles(re.sub(r"\([^)]*\)", " ", name))
    found = [word.strip(".,'\"“”„‘’") for word in fold(plain).replace(",", " ").split()]
    long = sorted(word for word in found if len(word) > 1)
    return tuple(long if len(long) > 1 else sorted(word for word in found if word))


def _contradict(one: Mention, other: Mention) -> bool:
    """Tell whether two mentions of one name are two people: both have addresses, and none in common."""
    left, right = ({value.text.casefold() for value in mention.all(Property.EMAIL)} for mention in (one, other))
    return bool(left and right and not left & right)


def unite(found: list[Mention]) -> list[Mention]:
    """Return the mentions with those of one person united, in document order, the first reading leading.

    A job that a later reading states stays a job of its own (`employment`) where the earlier one had another title.
    """
    kept: list[Mention] = []
    by_key: dict[tuple[MentionType, tuple[str, ...]], list[Mention]] = {}
    for mention in found:
        key = (mention.type, name_key(mention.text(Property.NAME)))
        same = next(
            (one for one in by_key.get(key, [])[-_MAX_NAMESAKES:] if key[1] and not _contradict(one, mention)), None
        )
        if same is None:
            kept.append(mention)
            by_key.setdefault(key, []).append(mention)
            continue
        _absorb(same, mention)
    seen: Counter[str] = Counter()
    for mention in kept:
        name = " ".join(name_key(mention.text(Property.NAME)))
        mention.ordinal = seen[name]
        seen[name] += 1
    return kept


def _absorb(same: Mention, other: Mention) -> None:
    for prop, value in other:
        known = {one.text.casefold() for one in same.all(prop)}
        if prop is Property.NAME or value.text.casefold() in known:
            continue
        if prop is Property.WORKS_FOR and same.all(prop):
            continue
        same.add(prop, value)
    if other.context and other.context not in same.context:
        same._keep_in_memory(f"{same.context}\n{other.context}"[:8000])
    same.confidence = max(same.confidence, other.confidence)
