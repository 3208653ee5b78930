"""Words before and after a name: which to keep, which to drop, and in which spelling."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crawler import lexicon
from crawler.remembering import REPEATS
from pipelines.values.text import fold

KEPT_BEFORE = ("academic", "professional")
#: Class of a dropped word → the rule that is counted.
DROPPED = {
    "courtesy": "courtesy-title",
    "nobility": "nobility-title",
    "religious": "religious-title",
    "order": "religious-order",
}
_SEPARATORS = re.compile(r"[.\-/]+")


@cache
def _table(kind: str, language: str) -> frozenset[str]:
    """Folded words of a class; of one language (and `mul`), or of all when none is named."""
    return frozenset(fold(word) for word in lexicon.words("honorifics", kind, language))


@cache
def _neutral() -> dict[str, str]:
    return {fold(form): kept for kept, forms in lexicon.topic("honorifics")["neutral"].items() for form in forms}


@lru_cache(maxsize=REPEATS)
def kind_before(token: str, language: str, *, room: bool) -> str:
    """Return the class of a word before a name, or "" when it is part of the name.

    `language` is a primary tag or empty. `room` says that at least two words of the name remain behind it: "Don
    Pedro García" loses a word that "Don Pedro" keeps, because Don and Baron are also names.
    """
    word = fold(token)
    if (word in _table("ambiguous", "mul") or len(word) < 2) and not (
        (_own(word, language) and room) or _own_courtesy(word, language)
    ):
        return ""
    for kind in (*KEPT_BEFORE, "courtesy", "nobility", "religious"):
        if word in _table(kind, language) or (len(word) > 1 and word in _table(kind, "")):
            return kind
    parts = [part for part in _SEPARATORS.split(token.casefold()) if part]
    known = _table("academic", "") | _table("professional", "")
    return "academic" if len(parts) > 1 and all(part in known for part in parts) else ""


def _own(word: str, language: str) -> bool:
    return bool(language) and any(
        word in _table(kind, language) for kind in (*KEPT_BEFORE, "courtesy", "nobility", "religious")
    )


def _own_courtesy(word: str, language: str) -> bool:
    """Pan and M. are what every man is called in Polish and French, even before a family name alone."""
    return bool(language) and word in _table("courtesy", language) and language in {"pl", "fr", "nl"}


@lru_cache(maxsize=REPEATS)
def kind_after(token: str, *, listed: bool) -> str:
    """Return the class of a word after a name ("postnominal", "generation", "order", "courtesy") or "".

    `listed` says that a comma stood before it. Without one, only the spelling of an abbreviation counts (two capitals,
    as in PhD), so that Mr Ma keeps his name.
    """
    word = fold(token)
    if word in _table("generation", "") and (listed or len(word) < 4):
        return "generation"
    spelled = sum(letter.isupper() for letter in token) > 1 or "." in token.rstrip(".")
    if not (listed or spelled):
        return ""
    for kind in ("order", "postnominal"):
        if word in _table(kind, ""):
            return kind
    if listed and word in _table("academic", ""):
        return "postnominal"
    if listed and word in _table("courtesy", "") and word not in _table("ambiguous", "mul"):
        return "courtesy"
    return ""


def neutral(token: str) -> str:
    """Return an honorific in the spelling that states no gender: "Dott.ssa" and "Dott." become one."""
    return _neutral().get(fold(token), token.strip(",;"))
