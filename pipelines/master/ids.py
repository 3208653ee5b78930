"""Identities made of content, so that the same reading has the same id in any order, process or run."""

from __future__ import annotations

import hashlib
import unicodedata

from crawler.items import MentionType


def content_id(*parts: str) -> str:
    """Return 128 bits of SHA-256 over the parts as 32 hex digits; the parts are kept apart by a control character."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def name_key(name: str) -> str:
    """Return a name folded for identity: compatibility-decomposed, without marks, case-folded, single spaces."""
    if not name.isascii():
        decomposed = unicodedata.normalize("NFKD", name)
        name = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(name.casefold().split())


def mention_id(source_id: str, url: str, kind: MentionType, name: str, ordinal: int = 0) -> str:
    """Return the id of what one document says under one name; `ordinal` tells namesakes on one page apart."""
    return content_id("mention", source_id, url, kind, name_key(name), str(ordinal))


def employer_id(source_id: str, url: str, works_for: str) -> str:
    """Return the id of the organisation mention that an employer's name in a document stands for."""
    return mention_id(source_id, url, MentionType.ORGANISATION, works_for)
