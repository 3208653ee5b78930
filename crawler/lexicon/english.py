"""The ordinary words of English, for telling whether the name of a column can be read.

Run `python -m crawler.lexicon.english WORDS …` with the lists of Debian's wamerican and wbritish-small
(`american-english`, `british-english-small` in `/usr/share/dict`) to build `english.txt.z`; nothing at run time needs
them. Kept are words of four letters and more without a capital, less those that are another with a regular ending.

The list is made from SCOWL: "Copyright 2000-2011 by Kevin Atkinson. Permission to use, copy, modify, distribute and
sell these word lists, the associated scripts, the output created from the scripts, and its documentation for any
purpose is hereby granted without fee, provided that the above copyright notice appears in all copies and that both that
copyright notice and this permission notice appear in supporting documentation. Kevin Atkinson makes no representations
about the suitability of this array for any purpose. It is provided 'as is' without express or implied warranty."
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path

_NAME = "english.txt.z"
_WORD = re.compile(r"[a-z]{4,}")
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"))


def ordinary(word: str) -> bool:
    """Return whether a folded word, in any of its regular forms, is an ordinary one; none of under four letters is."""
    return word in _words() or any(base in _words() for base in _bases(word))


@cache
def _words() -> frozenset[str]:
    packed = resources.files("crawler.lexicon").joinpath(_NAME).read_bytes()
    return frozenset(zlib.decompress(packed).decode("ascii").split("\n"))


def _bases(word: str) -> Iterator[str]:
    for ending, base in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 2:
            yield word.removesuffix(ending) + base


def build(sources: Iterable[Path]) -> bytes:
    """Return the packed list made of files of one word a line."""
    lines = (line for source in sources for line in source.read_text("utf-8").split("\n"))
    words = {line for line in lines if _WORD.fullmatch(line)}
    kept = sorted(word for word in words if not any(base in words for base in _bases(word)))
    return zlib.compress("\n".join(kept).encode("ascii"), 9)


if __name__ == "__main__":
    Path(__file__).with_name(_NAME).write_bytes(build(map(Path, sys.argv[1:])))
