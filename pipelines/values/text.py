"""White space, look-alikes and invisible characters: the first step of every reader."""

from __future__ import annotations

import unicodedata

_INVISIBLE = dict.fromkeys(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xAD, 0xFEFF, *range(0x09), 0x7F]
)


def tidy(text: str) -> str:
    """Return the text in NFC on one line, without invisible characters and with single spaces."""
    if not (text.isascii() and text.isprintable()):  # most are both, and then nothing in them can be invisible
        text = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    return " ".join(text.split())


def fold(word: str) -> str:
    """Return a word as the lexicons are asked for it: case-folded, without full stops."""
    return word.casefold().replace(".", "").strip(" ,;")
