"""E-mail addresses in a text, plain or written so that a harvester misses them.

An address is found from its sign outwards: the @, a word for it in brackets, a word for it alone. So the time is linear
in the text, whatever stands in it. Words are data: `crawler/lexicon/obfuscation.toml`.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from crawler.lexicon import words
from crawler.remembering import REPEATS

#: Characters looked at on either side of a sign: the longest address that RFC 5321 allows, spelt out.
_LEFT, _RIGHT = 100, 300
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_ATOM = r"[\w+'’-]{1,64}"
_ENTITIES = re.compile(r"(?:&#(?:\d{2,6}|x[0-9a-f]{2,6});){6,400}", re.IGNORECASE)
_HAS_SIGN = re.compile(r"@|&#0*64;|&#x0*40;|&commat;|%40|\\u0040|\\x40", re.IGNORECASE)
_TOP_LEVEL = re.compile(r"[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59}", re.IGNORECASE)
_EMPTY_BRACKETS = re.compile(r"[\[({<][\])}>]")
_TIDY = re.compile(r"([._-])[._-]+|^[._-]+|[._-]+$")
#: Words between brackets that are too short to be meant when spaces stand around them: "Docs (en) www.firma.example".
_SHORT = 2


class Found(NamedTuple):
    """An address as it is meant, and where it stands in the text."""

    address: str
    start: int
    end: int


def _either(found: frozenset[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(found, key=lambda word: (-len(word), word)))


@cache
def _dot() -> tuple[str, str]:
    """Return the patterns of a full stop that is disguised, and of one that may also be plain."""
    spelt = words("obfuscation", "dot")
    disguised = (
        rf"\s*[\[({{<|*_]{{1,2}}\s*(?:{_either(spelt)})\s*[\])}}>|*_]{{1,2}}\s*"
        rf"|\s+(?:{_either(spelt - {'.'})})\s+|\s+\.\s+(?=\w)|&#0*46;|&#x0*2e;|&period;"
    )
    return f"(?:{disguised})", rf"(?:{disguised}|\.)"


@cache
def _signs(language: str) -> re.Pattern[str]:
    bracketed = words("obfuscation", "at")
    bare = words("obfuscation", "bare_at", language) | words("obfuscation", "bare_at", "en")
    sign = _either(words("obfuscation", "sign")).replace("|", "")
    return re.compile(
        # What any of them begins with is asked for first: most letters of a text end there.
        rf"(?=[@&%\\\s_\[({{<«|*{sign}])"
        rf"(?:(?P<plain>@|&#0*64;|&#x0*40;|&commat;|%40|\\u0040|\\x40)"
        rf"|(?P<sign>[{sign}])"
        rf"|(?P<open>\s*[\[({{<«|*]{{1,2}}\s*)(?P<word>{_either(bracketed)})(?P<close>\s*[\])}}>»|*]{{1,2}}\s*)"
        rf"|(?P<bare>(?:\s+|_)(?:{_either(bare)})(?:\s+|_)))",
        re.IGNORECASE,
    )


@cache
def _sides() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    disguised, either = _dot()
    return (
        re.compile(rf"(?<![\w+'’-]){_ATOM}(?:{either}{_ATOM}){{0,5}}$", re.IGNORECASE),
        re.compile(rf"{_LABEL}(?:{either}{_LABEL}){{1,6}}", re.IGNORECASE),
        re.compile(disguised, re.IGNORECASE),
    )


@cache
def _labelled() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_either(words('obfuscation', 'label'))})\s*[:：]?\s*$", re.IGNORECASE)


@cache
def _guards() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a guard word set apart from its neighbours, and of one glued to them in capitals."""
    guards = words("obfuscation", "guard")
    apart = re.compile(rf"(?<![^\W_])(?:{_either(guards)})(?![^\W_])", re.IGNORECASE)
    return apart, re.compile(_either(frozenset(word.upper() for word in guards if len(word) > 5)))


def unguarded(address: str) -> str:
    """Return an address without guard words (`jane@NOSPAM.firma.example`); unchanged when none is in it.

    A word that is glued to its neighbours is taken out only when it is in capitals and they are not: "spamlab.example"
    is somebody's domain.
    """
    local, _, domain = address.partition("@")
    return f"{_unguarded(local, 1)}@{_unguarded(domain, 2)}"


# The addresses of a page share their domain.
@lru_cache(maxsize=REPEATS)
def _unguarded(part: str, keep: int) -> str:
    """Return one side of an address without guard words, as it is where fewer than `keep` labels would be left."""
    apart, glued = _guards()
    stripped = apart.sub("", part)
    if not stripped.isupper():
        stripped = glued.sub("", stripped)
    stripped = _TIDY.sub(r"\1", _EMPTY_BRACKETS.sub("", stripped))
    return stripped if stripped and len(stripped.split(".")) >= keep else part


def addresses(text: str, language: str = "") -> list[Found]:
    """Return the addresses of a text in its order, each as it is meant, with the span that spells it.

    Reads plain addresses; @ and full stop as words in brackets, in any language of the lexicon; as bare words when
    what stands around says that an address is meant, in `language` (BCP 47) and English; as HTML entities that were
    escaped once too often; with guard words, which are taken out.
    """
    if "&#" in text and (entities := _ENTITIES.search(text)) and "@" in html.unescape(entities[0]):
        return _from_entities(text)
    found: list[Found] = []
    for sign in _signs(language.lower().split("-")[0]).finditer(text):
        one = _around(text, sign)
        if one is not None and (not found or one.start >= found[-1].end):
            found.append(one)
    return found


def _from_entities(text: str) -> list[Found]:
    """Return addresses that are written as numeric entities from end to end."""
    return [
        Found(inner[0].address, run.start(), run.end())
        for run in _ENTITIES.finditer(text)
        if (inner := addresses(html.unescape(run[0])))
    ]


def _around(text: str, sign: re.Match[str]) -> Found | None:
    before, after, disguised = _sides()
    left_from = max(0, sign.start() - _LEFT)
    spaced = bool(sign["plain"]) and text[sign.start() - 1 : sign.start()] == " " == text[sign.end() : sign.end() + 1]
    local = before.search(text[left_from : sign.start() - spaced])
    domain = after.match(text, sign.end() + spaced, sign.end() + _RIGHT)
    if local is None or domain is None:
        return None
    host = _cut(domain[0])
    name = disguised.sub(".", local[0])
    led = text[: left_from + local.start()]
    alone = sign["bare"] and not led.strip() and not text[domain.end() :].strip() and _is_mailbox(local[0])
    if not host or not (alone or _meant(sign, spaced, led, local[0], domain[0])):
        return None
    spelt = domain[0] if host == disguised.sub(".", domain[0]) else ""
    end = domain.start() + (len(spelt) if spelt else len(host))
    address = unguarded(f"{name.strip(chr(39) + '’')}@{host}")
    return Found(address, left_from + local.start(), end)


@lru_cache(maxsize=REPEATS)
def _cut(domain: str) -> str:
    """Return the host name that a spelt domain begins with: its labels up to the last that can be a top level.

    A label in title case after two in lower case begins the next sentence: "jane@firma.example.Next".
    """
    _, _, disguised = _sides()
    labels = disguised.sub(".", domain).split(".")
    while len(labels) > 2 and labels[-1][:1].isupper() and labels[-2].islower():
        labels.pop()
    while len(labels) > 1 and not _TOP_LEVEL.fullmatch(labels[-1]):
        labels.pop()
    return ".".join(labels) if len(labels) > 1 and labels[-1].lower() not in words("obfuscation", "extension") else ""


def _is_mailbox(local: str) -> bool:
    """Tell whether a word that stands alone before "at" and a host can be a mailbox: "jholloway", not "Shop"."""
    return local.islower() and local not in words("ordinary", "ordinary")


def _meant(sign: re.Match[str], spaced: bool, before: str, local: str, domain: str) -> bool:
    """Say whether this sign joins an address: a plain or bracketed one does, a bare word needs another hint."""
    if sign["sign"]:
        return True
    if sign["word"]:
        short = len(sign["word"]) <= _SHORT and sign["word"].lower() not in ("at", "ät", "æt")
        return not (short and (sign["open"][:1].isspace() or sign["close"][-1:].isspace()))
    if sign["plain"] and not spaced:
        return True
    _, _, disguised = _sides()
    hinted = bool(disguised.search(domain)) or bool(_labelled().search(before[-40:]))
    return hinted or "." in local or "_" in local or (sign["bare"] or "").strip().isupper()


def reversed_address(text: str) -> str:
    """Return the address that a text spells backwards, as CSS with a reversed direction shows it; else nothing."""
    found = addresses(text.strip()[::-1])
    return found[0].address if len(found) == 1 else ""


def hidden_address(text: str, *, rotated: bool = False) -> str:
    """Return the address that an attribute's value holds: plain, spelt, percent-encoded, base64 or backwards.

    `rotated` says that the value is in ROT13, which nothing in the value itself can tell.
    """
    if len(text) > _RIGHT * 2:
        return ""
    if rotated and (found := addresses(text)):  # the sign itself was disguised after the letters were rotated
        return codecs.encode(found[0].address, "rot13")
    plain = unquote(html.unescape(codecs.encode(text, "rot13") if rotated else text)).strip()
    plain = plain.removeprefix("mailto:").partition("?")[0]
    if found := addresses(plain):
        return found[0].address
    # Base64 of chance text can spell an address too, so it must be nothing else.
    revealed = _base64(plain).removeprefix("mailto:")
    if (found := addresses(revealed)) and found[0].end - found[0].start == len(revealed):
        return found[0].address
    return reversed_address(plain)


def _base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
