"""The tripwire over what is about to be stored: no rule should have let it pass, so a hit is a fault of ours.

Every property has its reader, and the readers decide by what may pass. This runs behind them with the lexicon, over all
of them, the evidence too, and a test fails where a bundled page makes it trip.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from crawler import lexicon
from crawler.items import MentionType, Property
from crawler.remembering import REPEATS
from pipelines.sensitive.categories import Category
from pipelines.sensitive.contacts import cue, private_place
from pipelines.sensitive.tripwire import categories
from pipelines.sensitive.words import personal

_WORD = re.compile(r"[^\W\d_]{3,}")
_NAMES = frozenset({Property.NAME, Property.GIVEN_NAME, Property.FAMILY_NAME})
_HONORIFICS = frozenset({Property.HONORIFIC_PREFIX, Property.HONORIFIC_SUFFIX})
_ADDRESSES = frozenset({Property.URL, Property.SAME_AS})


def trip(kind: MentionType, prop: Property, text: str, names: Set[str]) -> Category | None:
    """Return the category of a word in a value that no value of this property may hold, or None.

    `names` are the folded words of the mention's own names, which may be any: "Christian", "Gay", "Casado".
    """
    if prop in _ADDRESSES:
        return _address(text, names)
    if prop is Property.EMAIL:
        return _slug(text.rpartition("@")[0], names) if kind is MentionType.PERSON else None
    if prop is Property.WORK_LOCATION:
        return _place(text)
    if kind is MentionType.PERSON and prop in _NAMES:
        return _name(text)
    if prop in _HONORIFICS:
        return _honorific(text)
    return _statement(text) if kind is MentionType.ORGANISATION else None


def trip_evidence(evidence: str, kept: Set[str]) -> Category | None:
    """Return the category of a word in evidence that is no word of a kept value, or None; `kept` are folded words."""
    return next((found for word in _words(evidence) if word not in kept and (found := _category(word))), None)


def words_of(text: str) -> frozenset[str]:
    """Return the folded words of a text."""
    return frozenset(_words(text))


@lru_cache(maxsize=REPEATS)
def _words(text: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in _WORD.findall(text))


@lru_cache(maxsize=REPEATS)
def _category(word: str) -> Category | None:
    return next(iter(categories(word)), None) if personal(word, "") else None


@lru_cache(maxsize=REPEATS)
def _name(text: str) -> Category | None:
    """A name may be any word with a capital; one written small that says what somebody is stands behind a name."""
    small = (word for word in text.split() if word.islower() and not lexicon.name_class(lexicon.fold(word)))
    return next((found for word in small if (found := _category(word.strip(".,;()")))), None)


@lru_cache(maxsize=REPEATS)
def _honorific(text: str) -> Category | None:
    bare = {word.replace(".", "") for word in text.casefold().split()}
    if bare & lexicon.words("honorifics", "courtesy") - lexicon.words("honorifics", "academic"):
        return Category.GENDER
    return Category.RELIGION if bare & lexicon.words("honorifics", "order") else None


@lru_cache(maxsize=REPEATS)
def _place(text: str) -> Category | None:
    """A place of work has streets and houses; a pronoun or a relative written small lives there."""
    small = " ".join(word for word in text.split() if word.islower())
    if private_place(text) or (small and cue("family").search(small)):
        return Category.HOME
    return None


@lru_cache(maxsize=REPEATS)
def _statement(text: str) -> Category | None:
    """An organisation may be of any kind; a sentence about somebody is none: "Jane Roe, widow", "she is a member"."""
    small = [word.strip(".,;:()").casefold() for word in text.split() if word.islower()]
    spoken = lexicon.words("private", "pronoun", "en") | lexicon.words("private", "copula", "en")
    return Category.FAMILY if len(set(small) & spoken) > 1 else None


def _address(url: str, names: Set[str]) -> Category | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return _slug(unquote(parts.path + " " + parts.query + " " + parts.fragment), names)


def _slug(text: str, names: Set[str]) -> Category | None:
    """Look at the words of a path or mailbox; a field of work excuses the word before it ("jewish-studies")."""
    found = _words(text.replace("_", " ").replace("-", " "))
    topics = lexicon.words("sensitive", "topic")
    for word, following in zip(found, (*found[1:], ""), strict=False):
        known = word in names or lexicon.fold(word) in names or following in topics
        if not known and (category := _category(word)) and not lexicon.name_class(lexicon.fold(word)) & lexicon.GIVEN:
            return category
    return None
