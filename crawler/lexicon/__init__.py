"""What words mean, as data per language.

One TOML file a topic, one table a language (BCP 47 primary tag; `mul` holds what every language shares), each a mapping
of a class to its words:

    [nl]
    academic = ["dr", "drs", "ir"]

Both `crawler.extraction`, which recognises, and `pipelines.values`, which normalises, read these files.
"""

from __future__ import annotations

import tomllib
import unicodedata
import zlib
from bisect import bisect_left
from functools import cache, lru_cache
from importlib import resources

from crawler.remembering import REPEATS

#: Classes of a name word, added up: a common given name, a common family name, known to Wikidata as part of some name,
#: an ordinary word of some language as well.
GIVEN, FAMILY, RARE, ORDINARY = 1, 2, 4, 8

#: Letters that Unicode does not decompose but people write without their stroke.
_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "’": "'", "ё": "е"})


@cache
def topic(name: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return a topic as language → class → words, as written in its file."""
    text = resources.files(__name__).joinpath(f"{name}.toml").read_text("utf-8")
    return {
        language: {kind: tuple(words) for kind, words in table.items()}
        for language, table in tomllib.loads(text).items()
    }


@cache
def words(name: str, kind: str, language: str = "") -> frozenset[str]:
    """Return the case-folded words of one class: of one language and `mul`, or of all languages when none is named."""
    tables = topic(name)
    chosen = [tables[key] for key in (language, "mul") if key in tables] if language else list(tables.values())
    return frozenset(word.casefold() for table in chosen for word in table.get(kind, ()))


@lru_cache(maxsize=REPEATS)
def fold(word: str) -> str:
    """Return a word without case, diacritics and strokes, so that Łukasz and LUKASZ meet."""
    folded = word.casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded.translate(_STROKES))
        folded = "".join(char for char in decomposed if not unicodedata.combining(char))
    return folded


@cache
def _names() -> list[str]:
    packed = resources.files(__name__).joinpath("names.tsv.z").read_bytes()
    return zlib.decompress(packed).decode("utf-8").split("\n")


@lru_cache(maxsize=REPEATS)
def name_class(folded: str) -> int:
    """Return the sum of the classes of a folded word, 0 when it is in no name that `build` knows.

    The list is searched by bisection: building a dictionary of 300,000 words would cost every start 150 ms.
    """
    names, line = _names(), f"{folded}\t"
    place = bisect_left(names, line)
    return int(names[place][len(line) :]) if place < len(names) and names[place].startswith(line) else 0
