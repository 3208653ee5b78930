"""Text folded for comparison: one script, one case, no marks, no invisible characters."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

from pipelines.resolution.remembering import remembered

#: No name, title or address is longer; the rest of a longer text would only cost time (an attack, or a parsing fault).
LONGEST = 240
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_WORD = re.compile(r"[^\W_]+(?:['’ʼ`´][^\W_]+)*")
#: Latin letters that Greek and Cyrillic ones are drawn like; used only inside words that mix scripts.
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТХУаеѕіјорсухԁһѵԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοντ", "ABESIJKMHOPCTXYaesijopcyxdhvqwABEZHIKMNOPTYXovt"
)
_OCR = str.maketrans(
    {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "6": "b", "7": "t", "8": "b", "9": "g", "|": "l"}
)
_SPELLINGS = (
    ("sch", "s"), ("sh", "s"), ("ch", "k"), ("ck", "k"), ("ph", "f"), ("th", "t"), ("gh", "g"), ("kh", "k"),
    ("zh", "s"), ("tz", "z"), ("ts", "z"), ("cz", "s"), ("ks", "x"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("ie", "i"),
    ("ei", "i"), ("ey", "i"), ("ay", "ai"), ("ae", "a"), ("oe", "o"), ("ue", "u"), ("qu", "k"), ("c", "k"), ("q", "k"),
    ("y", "i"), ("j", "i"), ("w", "v"), ("z", "s"), ("h", ""),
)  # fmt: skip
_REPEATED = re.compile(r"(.)\1+")


def clean(text: str) -> str:
    """Return a text in NFKC without control, format and unassigned characters, its white space single, cut at
    `LONGEST`.

    A format character separates nothing (a right-to-left mark inside a name), a control character does (a tab).
    """
    text = unicodedata.normalize("NFKC", text[: 4 * LONGEST])
    if not text.isprintable():
        text = "".join(_visible(char) for char in text)
    return " ".join(text.split())[:LONGEST]


def _visible(char: str) -> str:
    if unicodedata.category(char) not in _INVISIBLE:
        return char
    return " " if unicodedata.category(char) == "Cc" else ""


@remembered(1 << 14)
def fold(text: str) -> str:
    """Return a word or text in lower-case ASCII letters: transliterated, without marks, look-alike letters undone.

    Looks at each word alone: a Cyrillic letter among Latin ones is a disguise, a Cyrillic word is Cyrillic. German
    umlauts lose their dots here as in most files; `skeleton` makes "ue" and "u" equal.
    """
    if text.isascii():
        return text.lower()
    return " ".join(_fold_word(word) for word in text.split())


def _fold_word(word: str) -> str:
    letters = [char for char in word if char.isalpha()]
    latin = sum(char < "ɐ" or "Ḁ" <= char <= "ỿ" for char in letters)
    if 0 < latin < len(letters):
        word = word.translate(_LOOKALIKES)
    return anyascii(word).lower()


def words(text: str) -> list[str]:
    """Return the folded words of a cleaned text; apostrophes stay inside words and vanish."""
    return [word for raw in _WORD.findall(text) for word in _letters(fold(raw)).split()]


def _letters(text: str) -> str:
    return "".join(char if char.isalnum() or char == " " else "" if char in "'`\"" else " " for char in text)


def unscanned(word: str) -> str:
    """Return a folded word with the digits that scanning puts for letters turned back, unless it is a number."""
    if word.isalpha() or not any(char.isalpha() for char in word):
        return word
    return word.translate(_OCR)


_VOWELS = str.maketrans("", "", "aeiou")


@remembered(1 << 14)
def consonants(word: str) -> str:
    """Return the skeleton of a folded word without vowels: what is left where a file lost its accented letters.

    "Yıldırım" comes out of such a file as "Yldrm", "Müller" as "Mller". Fewer than three letters are no evidence: "".
    """
    left = skeleton(word).translate(_VOWELS)
    return left if len(left) > 2 else ""


@remembered(1 << 14)
def skeleton(word: str) -> str:
    """Return how a folded word sounds, roughly and in any language: spelling variants and doubled letters made equal.

    Coarse on purpose: it proposes candidates and accepts transliterations ("Qaddafi", "Gaddafi" stay apart, "Yusuf",
    "Youssouf" meet); what it makes equal still has to be told apart by other evidence.
    """
    word = unscanned(word)
    for long, short in _SPELLINGS:
        word = word.replace(long, short)
    return _REPEATED.sub(r"\1", word)
