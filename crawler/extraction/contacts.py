"""E-mail addresses, telephone numbers and links in a line, known by their shape and label."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from crawler.extraction.decode import addresses
from crawler.extraction.lines import Line, squeeze
from crawler.lexicon import fold, words

EMAIL, TELEPHONE, FAX, LINK = "email", "telephone", "fax", "link"

_EMAIL = re.compile(r"[\w.+'’-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PHONE = re.compile(
    r"(?<![\w.@/=#-])(?:\+|00)?\s?(?:\(\s?\+?\d{1,5}\s?\)|\d)(?:[\s\u00a0./·•()‐‑–—-]{0,3}\d){5,14}(?:\s?(?:ext\.?|x|int\.?|poste|ramal|app\.|wew\.|доб\.)\s?\d{1,5})?(?![\w@])",
    re.IGNORECASE,
)
# What parts two numbers on one line. Many write " - " or "/" within a number too, so each side must be a whole one.
_BETWEEN = re.compile(
    r"(?<=\d)(?:\s*[/|;,]\s*|\s+[-–—]\s+|\s+(?:or|oder|of|ou|o|lub|of|или|and|und|en|et|y|e|i|и)\s+)(?=[+(]?\d)"
)
_WHOLE, _LONGEST = 8, 30  # digits of a number with its area code; characters of the longest
_LAST = re.compile(r"[+(]?\d(?:[\s./()-]{0,2}\d)*$")
# Numbers of eight digits as Scandinavians group them: no price and no year is written so.
_EIGHT = re.compile(r"[2-9]\d(?: \d\d){3}|[2-9]\d\d \d\d \d{3}")
_DIGITS = re.compile(r"\d")  # what is looked for first, because it takes a tenth of the time
_DUMMY = re.compile(r"(\d)\1{5}|1234567|0123456|7654321")  # what templates print
_DATE = re.compile(
    # Two more digits behind a full stop make it a French number: 01.23.45.67.89.
    r"^(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?!\.\d\d\b)|\d{4}[./-]\d{1,2}[./-]\d{1,2}|(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d)\b"
)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]{4,300}", re.IGNORECASE)
_LABEL = re.compile(
    r"([^\W\d_][^\s:：()|]*(?:[ .][^\W\d_][^\s:：()|]*){0,3}|[☎✆📞☏📱✉📧📠])\s*[.:：]{0,2}\s*[\[(]?\s*$"
)


@dataclass(slots=True)
class Contact:
    """A means of contact in a line: its kind, the value as text, where it stands, and the label before it.

    `before` is the line up to it: in "private: 06 … or j@…" the word that matters stands before another value.
    """

    kind: str
    text: str
    start: int
    end: int
    label: str = ""
    explicit: bool = False
    before: str = ""


@cache
def _labels() -> dict[str, str]:
    kinds = {"telephone": TELEPHONE, "mobile": TELEPHONE, "fax": FAX, "email": EMAIL, "private": "private"}
    return {fold(word).strip("."): kind for name, kind in kinds.items() for word in words("cues", name)}


def label_kind(label: str) -> str:
    """Return what a label announces ("telephone", "fax", "email", "private"), or an empty string."""
    folded = fold(label).strip(" .:：([")
    return _labels().get(folded) or _labels().get(folded.split()[-1] if folded else "", "")


def _label(line: Line, start: int) -> str:
    found = _LABEL.search(line.text[max(0, start - 40) : start])
    return found.group(1).strip() if found else ""


def _dialled(text: str) -> str:
    """Return a telephone number as it is written, with dots and dashes that only typographers use made plain."""
    return re.sub(r"\s*[·•‐‑–—]\s*", " ", text).strip(" .-")


def _phone_like(text: str, label: str) -> bool:
    digits = re.sub(r"\D", "", re.sub(r"(?i)(?:ext|x|int|poste|ramal).*$", "", text))
    if not 7 <= len(digits) <= 15 or _DATE.match(text.strip()) or len(set(digits)) < 3:
        return False
    if _DUMMY.search(digits) or fold(label).strip(" .:") in words("cues", "number"):
        return False
    if label_kind(label) in {TELEPHONE, FAX}:
        return True
    if text.lstrip().startswith(("+", "00", "(")) or _EIGHT.fullmatch(text.strip()):
        return True
    groups = re.findall(r"\d+", text)
    if text.lstrip().startswith("0"):
        return len(digits) >= 8
    return (
        len(groups) >= 2
        and len(digits) >= 9
        and max(map(len, groups)) <= 7
        and not re.search(r"\b(?:19|20)\d\d\b", text)
    )


def _is_whole(found: re.Match[str] | None) -> bool:
    return found is not None and len(_DIGITS.findall(found.group())) >= _WHOLE


def _numbers(text: str) -> Iterator[re.Match[str]]:
    """Yield what looks like a telephone number; two on one line are told apart where both are whole."""
    for cut in _BETWEEN.finditer(text):
        left = _LAST.search(text[max(0, cut.start() - _LONGEST) : cut.start()])
        if _is_whole(left) and _is_whole(_PHONE.match(text, cut.end())):
            text = f"{text[: cut.start()]}{'|' * (cut.end() - cut.start())}{text[cut.end() :]}"
    return _PHONE.finditer(text)


def contacts(line: Line) -> list[Contact]:
    """Return the means of contact in a line, by position; link targets stand where their text does."""
    found: list[Contact] = list(_linked(line))
    text = line.text
    taken = [(one.start, one.end) for one in found]

    def free(start: int, end: int) -> bool:
        return all(end <= left or start >= right for left, right in taken)

    for address, start, end in addresses(text):
        if any(one.kind == EMAIL and one.text.casefold() == address.casefold() for one in found):
            taken.append((start, end))
        elif free(start, end):
            found.append(Contact(EMAIL, address, start, end, _label(line, start)))
            taken.append((start, end))
    for match in _URL.finditer(text) if "://" in text or "www." in text.lower() else ():
        if free(*match.span()):
            found.append(Contact(LINK, match.group().rstrip(".,;>"), *match.span()))
            taken.append(match.span())
    for match in _numbers(text) if _DIGITS.search(text) else ():
        label = _label(line, match.start())
        if free(*match.span()) and _phone_like(match.group(), label):
            kind = FAX if label_kind(label) == FAX else TELEPHONE
            found.append(Contact(kind, _dialled(match.group()), *match.span(), label))
            taken.append(match.span())
    for one in found:
        one.before = text[max(0, one.start - 100) : one.start]
    return sorted(found, key=lambda one: one.start)


def _linked(line: Line) -> list[Contact]:
    found: dict[tuple[str, str], Contact] = {}
    for atom in line.atoms:
        if not atom.href:
            continue
        href = atom.href.strip()
        scheme, _, rest = href.partition(":")
        start, end = atom.start, atom.start + len(atom.text.rstrip())
        label = _label(line, start)
        if scheme.lower() == "mailto":
            for address in unquote(rest).split("?")[0].split(","):
                if _EMAIL.fullmatch(address.strip()):
                    kind, value = EMAIL, address.strip()
                    found.setdefault((kind, value), Contact(kind, value, start, end, label, True))
        elif scheme.lower() in {"tel", "callto", "fax"}:
            shown = squeeze(atom.text)
            value = shown if len(re.sub(r"\D", "", shown)) >= 7 else unquote(rest).strip()
            kind = FAX if label_kind(label) == FAX or scheme.lower() == "fax" else TELEPHONE
            if len(re.sub(r"\D", "", value)) >= 5:
                found.setdefault((kind, value), Contact(kind, value, start, end, label, True))
    return list(found.values())
