"""What is written where an employer stands, and says how somebody stands to the work instead: "retired", "she/her"."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.extraction.meaning import word_class
from crawler.lexicon import fold
from crawler.remembering import REPEATS

#: No phrase of the lexicon is longer; a page may bring a text by the megabyte.
_LONGEST = 60
_EDGES = " \t.,;:!*()[]{}<>\"'“”„«»–—-"
#: "m/f/d", "(H/F)", "m|w|d": which sexes an advertisement or a form means.
_SEXES = re.compile(r"[mfwdvhx](?:\s?[/|*]\s?[mfwdvhx]){1,3}")
_LABELLED = re.compile(r"(?P<label>[^:=]{4,24})\s?(?::|=|$)")
_SEX = re.compile(r"\(\s?[mfwdvhx]\s?\)", re.IGNORECASE)
_APART = re.compile(r"\s?[/|,]\s?")


@lru_cache(maxsize=REPEATS)
def is_status(text: str) -> bool:
    """Tell whether a text says that work has ended, is paused, done for a time or for oneself, and nothing else."""
    return _bare(text) in word_class("standing", "status")


@lru_cache(maxsize=REPEATS)
def is_pronoun(text: str) -> bool:
    """Tell whether a text is nothing but pronouns in a pair or behind a label, or the signs of sexes: "m/f/d".

    A pronoun alone may be a firm's name, and so may an M without brackets.
    """
    bare = _bare(text)
    labelled = _LABELLED.match(bare)
    if labelled and labelled["label"].strip() in word_class("standing", "pronoun_label"):
        return True
    said = _APART.split(bare)
    paired = len(said) > 1 and all(word in word_class("standing", "pronoun") for word in said)
    return paired or bool(_SEXES.fullmatch(bare) or _SEX.fullmatch(text.strip()))


def _bare(text: str) -> str:
    return fold(text.strip(_EDGES)) if len(text) <= _LONGEST else ""
