"""Which rules read a page: a page that has not changed is read again when they have."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from crawler.items import Source

_ROOT = Path(__file__).parents[2]
#: What decides which values of a page reach the store, and how they are written there.
_RULES = (
    "crawler/extraction",
    "crawler/lexicon",
    "crawler/page.py",
    "crawler/encodings.py",
    "crawler/items.py",
    "pipelines/values",
    "pipelines/sensitive",
    "pipelines/validate.py",
    "pipelines/minimise.py",
    "pipelines/suppress.py",
    "pipelines/master/statements.py",
)


def reader(source: Source, *settings: object) -> str:
    """Return a fingerprint, 32 hex digits, of the rules and of what a source and some settings tell them."""
    told = (source.kind, source.publisher, source.country, source.language, source.render, *settings)
    return sha256(f"{_rules()}\x1f{told!r}".encode()).hexdigest()[:32]


@cache
def _rules() -> str:
    """Hash the files of the rules, as they were when this process first asked: code, word lists and models."""
    hasher = sha256()
    for name in _RULES:
        place = _ROOT / name
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file() and file.suffix != ".pyc":
                hasher.update(f"{file.relative_to(_ROOT)}\x1f".encode())
                hasher.update(file.read_bytes())
    return hasher.hexdigest()
