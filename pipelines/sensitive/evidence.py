"""Evidence: a snippet rebuilt from validated values and glue, everything else "…".

A biography is read in memory and forgotten. What remains shows where the values stood and how they hung together, and
cannot hold anything else, in whatever words it was written: the snippet is not cleaned, it is made anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from crawler import lexicon

ELLIPSIS = "…"
MOST_GLUE = 4  # words; a longer run between two values is a clause of its own
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_GAP = re.compile(r"[\w'’-]+|[^\w\s]")
_MARKS = frozenset(",;:|/()–—-·•&.\"'")


@lru_cache(maxsize=64)
def _glue(language: str) -> frozenset[str]:
    return lexicon.words("glue", "glue", language)


@lru_cache(maxsize=2048)
def _pattern(pieces: tuple[str, ...]) -> re.Pattern[str] | None:
    """One pattern for all pieces, the longest first, any white space between their words."""
    spelled = sorted({piece for piece in pieces if piece.strip()}, key=lambda piece: (-len(piece), piece))
    if not spelled:
        return None
    alternatives = "|".join(r"\s+".join(re.escape(word) for word in piece.split()) for piece in spelled)
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)


def rebuild(text: str, pieces: Iterable[str], language: str = "") -> str:
    """Return the text with everything but the pieces and the glue between them replaced by "…".

    `language` is a BCP 47 tag and chooses the glue list; without one, all lists are used.
    """
    pattern = _pattern(tuple(pieces))
    return rebuild_places(text, [found.span() for found in pattern.finditer(text)] if pattern else [], language)


def rebuild_places(text: str, places: Sequence[tuple[int, int]], language: str = "") -> str:
    """Do the same for pieces that are given by their places, in order and without overlap."""
    if not places:
        return ELLIPSIS if text.strip() else ""
    tag = language.split("-", 1)[0].lower()
    glue = _glue(tag if tag in lexicon.topic("glue") else "")
    parts = [f"{ELLIPSIS} "] if text[: places[0][0]].strip() else []
    ends = [*(start for start, _ in places[1:]), len(text)]
    for number, ((start, end), following) in enumerate(zip(places, ends, strict=True), 1):
        parts.append(" ".join(text[start:end].split()))
        parts.append(_between(text[end:following], glue, last=number == len(places)))
    return "".join(parts).strip()


def _between(gap: str, glue: frozenset[str], *, last: bool) -> str:
    """Keep a gap that is nothing but glue; shorten any other to its ellipsis."""
    tokens = _GAP.findall(gap)
    if not tokens:
        return "" if last else " "
    if last:
        return "" if all(token in _MARKS for token in tokens) else f" {ELLIPSIS}"
    words = [token for token in tokens if token not in _MARKS]
    if len(words) <= MOST_GLUE and len(tokens) <= 2 * MOST_GLUE and all(word.casefold() in glue for word in words):
        return " ".join(gap.split()) if not gap.strip() else _spaced(gap)
    return f" {ELLIPSIS} "


def _spaced(gap: str) -> str:
    """The gap on one line, its outer spaces kept as single ones."""
    inner = " ".join(gap.split())
    return f"{' ' if gap[:1].isspace() else ''}{inner}{' ' if gap[-1:].isspace() else ''}"


def window(snippet: str, piece: str, width: int = 240) -> str:
    """Return the part of a rebuilt snippet around one piece, cut between words, at most about `width` characters."""
    if len(snippet) <= width:
        return snippet
    at = max(snippet.casefold().find(piece.casefold()), 0)
    start, end = max(0, at - width // 2), min(len(snippet), at + len(piece) + width // 2)
    start = snippet.find(" ", start) + 1 if start else 0
    end = snippet.rfind(" ", start, end) if end < len(snippet) else end
    return f"{ELLIPSIS + ' ' if start else ''}{snippet[start:end]}{' ' + ELLIPSIS if end < len(snippet) else ''}"
