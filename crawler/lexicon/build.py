"""Build `names.tsv.z`, the compact list of words that occur in people's names.

Run `python -m crawler.lexicon.build [DICTIONARIES]` with the sources installed (`pip install rigour==2.6.1
faker==40.54.0 zstandard`); nothing at run time needs them. Sources:

- the name parts that rigour (MIT) derives from Wikidata (CC0): some 300,000 words in Latin, Cyrillic and Greek script,
  given and family names alike, rare ones included;
- the localised given and family names that Faker (MIT) bundles: the common ones of some ninety countries;
- the word lists of Debian's wamerican, wspanish (public domain), wdutch (BSD) and wpolish (Apache-2.0) in
  `/usr/share/dict`: which of those words are ordinary words as well.

Each line is a folded word (`crawler.lexicon.fold`) and the sum of `GIVEN`, `FAMILY`, `RARE` and `ORDINARY`. Nothing
else about a name is kept: no frequency, no country, and on purpose no gender.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import sys
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path

from crawler.lexicon import FAMILY, GIVEN, ORDINARY, RARE, fold

_FRAME = b"\x28\xb5\x2f\xfd"  # every zstd frame begins so; rigour keeps its data in its extension module
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")  # names in scripts without capitals are told by their shape
_TARGET = Path(__file__).with_name("names.tsv.z")


def _rigour_lines() -> Iterator[str]:
    import zstandard  # noqa: PLC0415 - only this script needs it

    spec = importlib.util.find_spec("rigour._core")
    if spec is None or spec.origin is None:
        raise SystemExit("rigour is not installed; run: pip install rigour==2.6.1 faker==40.54.0 zstandard")
    module = Path(spec.origin).read_bytes()
    for found in re.finditer(re.escape(_FRAME), module):
        try:
            data = zstandard.ZstdDecompressor().decompressobj().decompress(module[found.start() :])
        except zstandard.ZstdError:
            continue
        text = data.decode("utf-8", "ignore")
        if re.match(r"[^\n]{1,400} => Q\d+", text):
            yield from text.splitlines()


def _rare() -> Iterator[str]:
    for line in _rigour_lines():
        forms, _, _ = line.rpartition(" => ")
        yield from (fold(form.strip()) for form in forms.split(","))


def _common() -> Iterator[tuple[str, int]]:
    persons = importlib.import_module("faker.providers.person")
    for module in pkgutil.iter_modules(persons.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for attribute in dir(provider):
            kind = GIVEN if "first_name" in attribute else FAMILY if "last_name" in attribute else 0
            names = getattr(provider, attribute)
            if kind and (isinstance(names, list | tuple) or hasattr(names, "keys")):
                yield from ((fold(word), kind) for name in names for word in str(name).split())


def _ordinary(folder: Path) -> Iterator[str]:
    for name in ("american-english", "spanish", "dutch", "polish"):
        text = (folder / name).read_text("utf-8")
        yield from (fold(word) for word in text.splitlines() if word.islower() and word.isalpha() and len(word) > 2)


def _usable(word: str) -> bool:
    plain = word.replace("-", "").replace("'", "")
    return len(plain) > 1 and plain.isalpha() and unicodedata.name(plain[0], "").startswith(_SCRIPTS)


def build(dictionaries: Path) -> dict[str, int]:
    """Return every name word with its classes; `dictionaries` is the folder of Debian's word lists."""
    names: dict[str, int] = {}
    for word in _rare():
        if _usable(word):
            names[word] = names.get(word, 0) | RARE
    for word, kind in _common():
        if _usable(word):
            names[word] = names.get(word, 0) | kind
    for word in _ordinary(dictionaries):
        if word in names:
            names[word] |= ORDINARY
    return names


if __name__ == "__main__":
    lines = sorted(f"{word}\t{kind}" for word, kind in build(Path(*sys.argv[1:] or ["/usr/share/dict"])).items())
    _TARGET.write_bytes(zlib.compress("\n".join(lines).encode("utf-8"), 9))
