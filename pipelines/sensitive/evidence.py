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
_GAP = re.compile(r"[\w'’-]+|[^\w\s]")
_MARKS = frozenset(",;:|/()–—-·•&.\"'")


@lru_cache(maxsize=64)
def _glue(language: str) -> frozenset[str]:
    return lexicon.words("glue", "glue", language)


def rebuild(text: str, pieces: Iterable[str], language: str = "") -> str:
    """Return the text with everything but the pieces and the glue between them replaced by "…".

    White space and case do not matter when a piece is looked for. `language` is a BCP 47 tag and chooses the glue list;
    without one, all lists are used.
    """
    line = " ".join(text.split())
    return rebuild_places(line, _places(line, pieces), language)


def _places(line: str, pieces: Iterable[str]) -> list[tuple[int, int]]:
    """Find whole-word places of the pieces, the longest first, without overlap.

    Plain searching costs a tenth of a pattern made for each mention.
    """
    lowered = line.lower()
    if len(lowered) != len(line):  # a letter like "İ" grows when it is lowered; places would shift
        lowered = line
    found: list[tuple[int, int]] = []
    for piece in sorted({" ".join(piece.split()) for piece in pieces}, key=lambda piece: (-len(piece), piece)):
        sought = piece.lower() if lowered is not line else piece
        at = lowered.find(sought) if sought else -1
        while at >= 0:
            end = at + len(sought)
            if _whole(line, at, end) and not any(start < end and at < stop for start, stop in found):
                found.append((at, end))
            at = lowered.find(sought, end)
    return sorted(found)


def _whole(line: str, start: int, end: int) -> bool:
    return not (_wordy(line[start - 1 : start]) or _wordy(line[end : end + 1]))


def _wordy(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


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
