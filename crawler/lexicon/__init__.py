"""What words mean, as data per language.

One TOML file a topic, one table a language (BCP 47 primary tag; `mul` holds what every language shares), each a mapping
of a class to its words:

    [nl]
    academic = ["dr", "drs", "ir"]

Both `crawler.extraction`, which recognises, and `pipelines.values`, which normalises, read these files.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


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
