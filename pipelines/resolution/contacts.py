"""Mailboxes, telephone numbers, addresses, profiles and titles as they are compared."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from crawler import lexicon
from pipelines.resolution.folding import LONGEST, clean, fold, skeleton, unscanned, words
from pipelines.resolution.organisations import regions
from pipelines.resolution.remembering import remembered

_AT = re.compile(
    r"\s*[(\[{<]?\s*(?:\bat\b|@|\(at\)|\bapenstaartje\b|\barroba\b|\bklammeraffe\b)\s*[)\]}>]?\s*", re.IGNORECASE
)
_DOT = re.compile(r"\s*[(\[{<]\s*(?:dot|punt|punkt|point|punto|\.)\s*[)\]}>]\s*|\s+dot\s+", re.IGNORECASE)
#: An address as nearly all are written; read at once, it gives what the long way gives.
_ADDRESS = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._+-]*)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_ALNUM = re.compile(r"[a-z0-9]+")
_EXTENSION = re.compile(r"(?i)(?:ext|extension|x|toestel|tst|durchwahl|poste|int|#)\.?:?\s*(\d{1,6})\s*$")
_ID_TAIL = re.compile(r"^(?=.*\d)[0-9a-f]{5,}$|^\d+$")
#: As many digits as tell subscribers apart and survive a missing country code or trunk zero.
_DIGITS = 9


class Mailbox(NamedTuple):
    """`local` and `domain` are folded; `tokens` the words of the local part; `generic` says that a team reads it."""

    local: str
    domain: str
    tokens: tuple[str, ...]
    generic: bool

    @property
    def key(self) -> str:
        """The whole address."""
        return f"{self.local}@{self.domain}"


class Telephone(NamedTuple):
    """`digits` are the last nine of the subscriber's number, `extension` what stood behind it."""

    digits: str
    extension: str = ""


class Address(NamedTuple):
    """`numbers` and `words` of a postal address, `postcode` its last long number; canonical, unordered."""

    numbers: frozenset[str]
    tokens: frozenset[str]
    key: str


class Profile(NamedTuple):
    """A page about one person: `site` with the directory it stands in, `slug` its last part, `tokens` its words."""

    site: str
    slug: str
    tokens: tuple[str, ...]

    @property
    def key(self) -> str:
        """The address without scheme, query and trailing slash."""
        return f"{self.site}/{self.slug}"


@cache
def _generic() -> frozenset[str]:
    return frozenset(fold(word) for word in lexicon.words("team_mailboxes", "local"))


@remembered(1 << 12)
def mailbox(text: str) -> Mailbox | None:
    """Return an address, plain or disguised ("jan (at) firma.example"), or None when it is none."""
    bare = _ADDRESS.fullmatch(text) if len(text) <= LONGEST else None
    local, domain = (bare[1].lower(), bare[2].lower()) if bare else _undisguised(text)
    if not local or "." not in domain:
        return None
    tokens = tuple([unscanned(word) for word in _ALNUM.findall(local.partition("+")[0])])
    plain = "".join(tokens)
    generic = bool(tokens) and (plain in _generic() or tokens[0].rstrip("0123456789") in _generic())
    return Mailbox(local, domain, tokens, generic)


def _undisguised(text: str) -> tuple[str, str]:
    """Return the folded local part and domain of an address that is written in any way."""
    text = clean(text).removeprefix("mailto:").split("?")[0].strip(" <>;,.")
    local, _, domain = _DOT.sub(".", _AT.sub("@", text, count=1) if "@" not in text else text).partition("@")
    return fold(local.strip()), fold(domain.strip(" .")).replace(" ", "")


@remembered(1 << 12)
def telephone(text: str) -> Telephone | None:
    """Return a number from E.164 or any national notation, or None when fewer than seven digits are left."""
    bare = text.removeprefix("+")
    digits, extension = (bare, "") if bare.isascii() and bare.isdecimal() else _dialled(text)
    if len(digits.lstrip("0")) < 7 or len(digits) > 18:
        return None
    return Telephone(digits[-_DIGITS:], extension)


def _dialled(text: str) -> tuple[str, str]:
    """Return the digits and the extension of a number that is written in any way."""
    text = clean(text).removeprefix("tel:")
    extension = _EXTENSION.search(text)
    digits = "".join(char for char in (text[: extension.start()] if extension else text) if char.isdigit())
    return digits, extension.group(1) if extension else ""


@cache
def _street_words() -> dict[str, str]:
    table = lexicon.topic("street_words")["mul"]
    return {fold(variant): canonical for canonical, listed in table.items() for variant in listed}


@cache
def _short_regions() -> dict[str, str]:
    return {short.lower(): name for short, name in regions().items()}


@remembered(1 << 12)
def address(text: str) -> Address | None:
    """Return the numbers and words of an address, or None when it has neither."""
    variants, shorts = _street_words(), _short_regions()
    parts = [variants.get(word, word) for word in words(clean(text).replace(";", " "))]
    parts = [part for word in parts for part in shorts.get(word, word).split()]
    numbers = frozenset(part for part in parts if part[0].isdigit())
    tokens = frozenset(part for part in parts if not part[0].isdigit())
    if not parts:
        return None
    return Address(numbers, tokens, " ".join(sorted(numbers | tokens)))


@remembered(1 << 12)
def profile(text: str) -> Profile | None:
    """Return the profile that a URL shows, or None for a site's front page and what is no URL."""
    text = clean(text)
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return None
    path = [fold(unquote(step)) for step in parts.path.split("/") if step]
    if "." not in host or not path:
        return None
    slug = path[-1].removesuffix(".html").removesuffix(".htm").removesuffix(".php").removesuffix(".aspx")
    if (
        not parts.query.startswith(("utm_", "ref=", "trk=", "source="))
        and parts.query
        and not any(map(str.isalpha, slug))
    ):
        slug = f"{slug}?{parts.query}"
    tokens = tuple(word for word in re.split(r"[^a-z0-9]+", slug) if word and not _ID_TAIL.match(word))
    return Profile("/".join((host, *path[:-1])), slug, tokens)


@cache
def _title_words() -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    table = lexicon.topic("title_words")["mul"]
    variants = {
        fold(variant): tuple(canonical.split())
        for canonical, listed in table.items()
        if canonical != "ignored"
        for variant in listed
    }
    return variants, frozenset(fold(word) for word in table["ignored"])


@remembered(1 << 12)
def title(text: str) -> frozenset[str]:
    """Return the canonical words of a job title; abbreviations and the order of words make no difference."""
    variants, ignored = _title_words()
    listed = [unscanned(word) for word in words(clean(text).replace("U.S.", "US").replace(".", " "))]
    return frozenset(part for word in listed if word not in ignored for part in variants.get(word, (word,)))


def title_key(title: frozenset[str]) -> str:
    """Return a job title's words as one string."""
    return " ".join(sorted(title))


def sounds(tokens: tuple[str, ...]) -> str:
    """Return the skeleton of joined words."""
    return skeleton("".join(tokens))
