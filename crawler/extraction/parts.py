"""A line cut into its parts, each with what it may be: name, job title, organisation, label, contact, other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from crawler.extraction.contacts import Contact, contacts, label_kind
from crawler.extraction.lines import Line, squeeze
from crawler.extraction.meaning import (
    HANS,
    han_endings,
    is_private,
    legal_forms,
    organisation_score,
    title_score,
    tokens,
    word_class,
)
from crawler.extraction.names import NOTHING, NameReading, read_name
from crawler.lexicon import FAMILY, GIVEN, fold, name_class
from crawler.remembering import REPEATS

_SEPARATOR = re.compile(
    # What any of them begins with is asked for first: most letters of a line end there. The hyphen is one behind a
    # patronymic, whose title begins with a small letter.
    r"(?=[\s|•·●▪►»›→–—―\-*:：;；(（\[【)）\]】,，、.])(?:\s*(?:[|•●▪►»›→]|(?<!l)·|·(?!l))+\s*|\s*[–—―]\s*|\s+[-‐]+\s+|(?<=ич)-(?=(?-i:[а-яё]{3}))|(?<=вна)-(?=(?-i:[а-яё]{3}))|^[-*•–]\s*|\s*[:：;；]\s+|\s*[:：]$|[：；]|\s*[(（\[【]\s*|\s*[)）\]】]\s*|\s*[,，、]\s*|\s+/\s+|\t|\s+@\s+|"
    r"[.,]?\s+(?=(?:tel|tél|fax|phone|mob|mobil|e-?mail|fon|telefon|telefono|teléfono|telefone|puh|tlf|тел|факс|моб)\b[.:\s])|"
    r"\s+(?=(?:电话|手机|邮箱|电子邮件|传真|电邮|電話|メール|ファックス|携帯|住所)\s?[:：])|\s{3,})",
    re.IGNORECASE,
)
_NICKNAME = re.compile(r"(?<=[\w.]) \([^\W\d_][\w.'’-]{1,14}\)(?= [^\W\da-zß-öø-ÿа-яё_])")
_HAN_NAME = re.compile(r"[\u3400-\u9fff々]{1,4} ?[\u3040-\u30ff\u3400-\u9fff々]{1,4}")
_KANA = re.compile(r"[\u3040-\u30ff]{2,8}[ ・]?[\u3040-\u30ff]{1,8}")
_AND = re.compile(r"\s+(?:and|und|en|et|e|y|i|ed|och|og|и|&)\s+")


@dataclass(slots=True)
class Part:
    """A piece of a line: its text, place and the separator before it, and how it reads.

    `kind` is "name", "title", "organisation", "label", "contact", "address" or "other"; `score` is the probability
    where the kind is a reading, not a shape.
    """

    kind: str
    text: str
    start: int
    end: int
    before: str = ""
    tag: str = ""
    score: float = 0.0
    name: NameReading = NOTHING
    contact: Contact | None = None
    href: str = ""


# The titles, labels and menus of a site stand on each of its pages.
@lru_cache(maxsize=REPEATS)
def _kind(text: str) -> tuple[str, float, NameReading]:
    if _is_label(text):
        return "label", 0.9, NOTHING
    name, title, organisation = read_name(text), title_score(text), organisation_score(text)
    margin = 0.25 if name.known > 1 else 0.1
    if name.score >= 0.5 and name.score >= max(title, organisation) - margin and not (title >= 0.85 and name.known < 2):
        return "name", name.score, name
    headed = title >= 0.5 and tokens(text)[:1] and tokens(text)[0] in word_class("roles", "head")
    if organisation and not headed and (organisation > title or (organisation >= 0.85 and title <= 0.6) or title < 0.5):
        return "organisation", organisation, name
    return ("title", title, name) if title >= 0.5 else ("other", name.score, name)


def _is_label(text: str) -> bool:
    """Tell whether a text is a label; the initial that ends a name is none: "Jane T." beside "T" for telephone."""
    folded = fold(text).strip(" .:")
    before, _, last = folded.rpartition(" ")
    return folded in _labels() or ((not before or len(last) > 1) and bool(label_kind(text)))


@cache
def _labels() -> frozenset[str]:
    kinds = ("name", "title", "organisation", "address", "web", "contact")
    return frozenset().union(*(word_class("cues", kind) for kind in kinds))


def _pieces(line: Line, taken: list[Contact]) -> list[tuple[int, int, str, str]]:
    """Return start, end, separator before and tag of the pieces between text nodes, separators and contacts."""
    cuts: list[tuple[int, int, str]] = [(one.start, one.end, "@") for one in taken]
    nicknames = [found.span() for found in _NICKNAME.finditer(line.text)] if "(" in line.text else []
    for found in _SEPARATOR.finditer(line.text):
        if any(start <= found.start() <= end for start, end in nicknames):
            continue
        if not any(start < found.end() and found.start() < end for start, end, _ in cuts[: len(taken)]):
            cuts.append((found.start(), found.end(), found.group().strip() or " "))
    previous = None
    for atom in line.atoms:
        if previous is not None and atom.element is not previous.element:
            cuts.append((atom.start, atom.start, "<"))
        previous = atom
    pieces, at, mark = [], 0, ""
    for start, end, sign in sorted(cuts, key=lambda cut: (cut[0], cut[1])):
        if start > at and line.text[at:start].strip():
            pieces.append((at, start, mark, ""))
            mark = sign
        elif not mark or sign != "<":
            mark = sign
        at = max(at, end)
    if line.text[at:].strip():
        pieces.append((at, len(line.text), mark, ""))
    return pieces


def parts(line: Line) -> list[Part]:
    """Return the parts of a line in order, contacts among them.

    The text is cut at separators and where the markup changes; neighbouring pieces that only make sense together
    (a name in two spans, "Surname, Given", a title with a comma in it) are joined again.
    """
    taken = contacts(line)
    pieces = [
        Part("other", squeeze(line.text[start:end]).strip(" .,;:·|*"), start, end, mark)
        for start, end, mark, _ in _pieces(line, taken)
    ]
    pieces = [piece for piece in pieces if piece.text]
    if taken:
        _without_marks(pieces, taken)
    if HANS.search(line.text):
        pieces = [half for piece in pieces for half in _han_halves(piece)]
    pieces = [half for piece in _join_names(line, pieces) for half in _halves(piece)]
    pieces = [half for piece in pieces for half in (_public_half(piece) if piece.text.count(" ") > 1 else (piece,))]
    for piece in pieces:
        if piece.score == 0:
            piece.kind, piece.score, piece.name = _kind(piece.text)
        piece.href = _href(line, piece)
    _with_readings(pieces)
    if "(" in line.text or "（" in line.text:
        pieces = _with_nicknames(pieces)
    _with_labels(pieces)
    pieces = _join_titles(line, pieces)
    joined = [*pieces, *(Part("contact", one.text, one.start, one.end, contact=one, score=0.95) for one in taken)]
    return sorted(joined, key=lambda part: part.start)


def _without_marks(pieces: list[Part], taken: list[Contact]) -> None:
    """Take from a piece the letter that marks the number or address behind it: "Jane Roe T +44 …"."""
    starts = [one.start for one in taken]
    for piece in pieces:
        text, space, mark = piece.text.rpartition(" ")
        if space and len(mark) == 1 and label_kind(mark) and any(0 <= start - piece.end <= 2 for start in starts):
            piece.text = text.rstrip(" .,;:|")


def _with_nicknames(pieces: list[Part]) -> list[Part]:
    """Return the pieces with what somebody is called, in brackets behind the name, as part of it: "Jane Roe (Ann)"."""
    kept: list[Part] = []
    for piece in pieces:
        last = kept[-1] if kept else None
        called = piece.before in {"(", "（"} and " " not in piece.text and name_class(fold(piece.text)) & GIVEN
        if last is not None and last.kind == "name" and called:
            last.end = piece.end
        else:
            kept.append(piece)
    return kept


def _href(line: Line, part: Part) -> str:
    for atom in line.atoms:
        if atom.href and atom.start < part.end and part.start < atom.start + len(atom.text):
            return atom.href
    return ""


def _join_names(line: Line, pieces: list[Part]) -> list[Part]:
    joined: list[Part] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is not None and piece.before == "," and fold(piece.text).replace(".", "") in legal_forms():
            together = squeeze(line.text[last.start : piece.end]).strip(" ,;:·|*")
            joined[-1] = Part("other", together, last.start, piece.end, last.before)
            continue
        if (
            last is not None
            and piece.before in {"<", ","}
            and piece.start - last.end <= 3
            and len(last.text) < 40
            and len(piece.text) < 40
        ):
            together = squeeze(line.text[last.start : piece.end]).strip(" .,;:·|*")
            if _better_together(last, piece, together):
                joined[-1] = Part("other", together, last.start, piece.end, last.before)
                continue
        joined.append(piece)
    return joined


def _better_together(last: Part, piece: Part, together: str) -> bool:
    whole = read_name(together)
    if whole.score < 0.6 or title_score(piece.text) >= 0.85 or title_score(last.text) >= 0.85:
        return False
    one, other = read_name(last.text), read_name(piece.text)
    if one.words >= 2 and one.score >= 0.1:
        return False
    if piece.before == "<" and other.score >= 0.7 and other.words > 1 and not _of_a_name(last.text):
        return False  # <em>Mooring</em><b>Jane Holloway</b>
    if piece.before == ",":
        return (
            one.score < 0.5
            and other.score < 0.5
            and len(last.text.split()) <= 2
            and len(piece.text.split()) <= 3
            and whole.known >= 2
        )
    grown = len(piece.text.split()) == 1 and whole.words > one.words and whole.score >= one.score - 0.1
    return one.score < 0.5 or (other.score < 0.5 and grown)


def _of_a_name(text: str) -> bool:
    """Tell whether a text can be the beginning of a name whose rest is a name as well: "MERRIWEATHER", "Ada"."""
    return text.isupper() or all(name_class(fold(word)) & (GIVEN | FAMILY) for word in text.split())


@cache
def _han_heads() -> frozenset[str]:
    """Return the titles that may follow a name at once; of a laboratory or an office, the name is that of the place."""
    return frozenset(han_endings("roles", "head")) - frozenset(han_endings("cues", "organisation_word"))


def _han_halves(piece: Part) -> list[Part]:
    """Return a title and the name beside it, as Japanese and Chinese write them without a mark, as two parts."""
    name, _, title = piece.text.rpartition(" ")
    cuts = [(name, title)] if name and title_score(title) >= 0.85 else []
    cuts += [(piece.text[:size], piece.text[size:]) for size in (3, 2) if piece.text[size:] in _han_heads()]
    for name, title in cuts:
        if HANS.match(title) and read_name(name).score >= 0.7:
            middle = piece.end - len(title)
            return [
                Part("other", name, piece.start, middle, piece.before),
                Part("other", title, middle, piece.end, " "),
            ]
    title, space, name = piece.text.partition(" ")
    if not space or title_score(title) < 0.8 or not _HAN_NAME.fullmatch(name):
        return [piece]
    middle = piece.start + len(title)
    named = Part("name", name, middle, piece.end, " ", score=0.85, name=NameReading(name, 0.85, True, 2, 2))
    return [Part("other", title, piece.start, middle, piece.before), named]


def _with_readings(pieces: list[Part]) -> None:
    """Believe a Japanese name that its reading in kana follows: 真島 淳（マシマ ジュン）."""
    for piece, after in pairwise(pieces):
        if _HAN_NAME.fullmatch(piece.text) and after.before in {"(", "（"} and _KANA.fullmatch(after.text):
            piece.kind, piece.score, piece.name = "name", 0.95, NameReading(piece.text, 0.95, True, 2, 2)
            after.kind, after.score = "label", 0.9


def _with_labels(pieces: list[Part]) -> None:
    """Take a field of work for a label where it announces something else than a name: "Research: Ocean currents"."""
    for piece, after in pairwise(pieces):
        unit = piece.kind == "title" and piece.score <= 0.5
        if unit and after.before in {":", "："} and after.kind != "name" and after.name.score < 0.2:
            piece.kind, after.kind = "label", "other" if after.kind == "organisation" else after.kind


def _public_half(piece: Part) -> list[Part]:
    """Return the office of a text that goes on with what a person is in private: "Secretary and parent"."""
    found = list(_AND.finditer(piece.text))
    if not found or not is_private(piece.text):
        return [piece]
    for one in reversed(found):
        left, right = piece.text[: one.start()], piece.text[one.end() :]
        if is_private(right) and not is_private(left) and title_score(left) >= 0.75:
            return [Part("other", left, piece.start, piece.start + one.start(), piece.before)]
    return [piece]


def _title_and_name(piece: Part) -> list[Part]:
    """Return "Obmann Karl Huber" and "Jean Dupont Directeur" as title and name, and anything else as it is."""
    found = piece.text.split()
    if not 3 <= len(found) <= 9 or title_score(piece.text) < 0.75:
        return [piece]
    for size in (4, 3, 2):
        for cut in (len(found) - size, size):
            left, right = " ".join(found[:cut]), " ".join(found[cut:])
            title, name = (left, right) if cut == len(found) - size else (right, left)
            reading = read_name(name)
            joined = cut == len(found) - size and fold(found[cut - 1]) in word_class(
                "cues", "of"
            )  # "guides of Westmark"
            sure = reading.score >= 0.8 and reading.known >= 2 and title_score(name) < 0.5 and not joined
            if cut > 0 and sure and title_score(title) >= 0.75:
                middle = piece.start + piece.text.find(right, len(left))
                return [
                    Part("other", left, piece.start, middle, piece.before),
                    Part("other", right, middle, piece.end, " "),
                ]
    return [piece]


def split_pair(part: Part) -> list[Part]:
    """Return "Jane Roe and John Doe" as two parts where each half can be a name, and anything else as it is."""
    found = _AND.search(part.text) if part.kind in {"other", "name"} else None
    if found is None:
        return [part]
    left, right = part.text[: found.start()], part.text[found.end() :]
    one, other = read_name(left), read_name(right)
    if min(one.score, other.score) < 0.2 or min(one.words, other.words) < 2:
        return [part]
    middle = part.start + found.start()
    return [
        Part("other", left, part.start, middle, part.before, name=one),
        Part("other", right, middle, part.end, ",", name=other),
    ]


def _halves(piece: Part) -> list[Part]:
    """Return two names joined by "and" as two parts, and anything else as it is."""
    found = _AND.search(piece.text)
    if found is None or len(piece.text) > 90:
        return _title_and_name(piece)
    left, right = piece.text[: found.start()], piece.text[found.end() :]
    one, other = read_name(left), read_name(right)
    unlike = min(one.score, other.score) < 0.35 or max(one.score, other.score) < 0.6
    if unlike or min(one.words, other.words) < 2 or one.known + other.known < 2:
        return _title_and_name(piece)
    middle = piece.start + found.start()
    return [Part("other", left, piece.start, middle, piece.before), Part("other", right, middle, piece.end, ",")]


def _join_titles(line: Line, pieces: list[Part]) -> list[Part]:
    joined: list[Part] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.kind == "title"
            and piece.before in {",", "/", "，", "、"}
            and piece.kind in {"other", "title"}
        ):
            short = len(piece.text) <= 60 and piece.name.score < 0.4
            if short and (piece.kind == "title" or title_score(piece.text)) and not re.match(r"\d", piece.text):
                together = squeeze(line.text[last.start : piece.end]).strip(" .,;:·|*")
                joined[-1] = Part(
                    "title", together, last.start, piece.end, last.before, score=max(last.score, piece.score)
                )
                continue
        joined.append(piece)
    return joined
