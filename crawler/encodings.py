"""Bytes to text, when what a page says about its encoding is missing or wrong.

Browsers believe the declaration; a contact with a garbled name is worth nothing, so we look at the bytes too. The
order: a byte order mark; UTF-8 when the bytes are valid UTF-8 with something beyond ASCII in it (text in another
encoding is hardly ever that by chance) or nearly so; what the header or the document declares, when the bytes fit;
what is usual for the language; Windows-1252, which always fits.
"""

from __future__ import annotations

import codecs
import re

from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding

# Legacy encodings by language, as the WHATWG Encoding Standard's table of locale defaults lists them.
_USUAL = {
    **dict.fromkeys(("pl", "cs", "sk", "hu", "sl", "hr", "bs", "ro", "sq"), ("cp1250", "iso8859-2")),
    **dict.fromkeys(("ru", "uk", "be", "bg", "sr", "mk"), ("cp1251", "koi8-r")),
    "el": ("cp1253",),
    "tr": ("cp1254",),
    "he": ("cp1255",),
    "ar": ("cp1256",),
    "et": ("cp1257",),
    "lt": ("cp1257",),
    "lv": ("cp1257",),
    "th": ("cp874",),
    "ja": ("euc_jp", "cp932"),
    "ko": ("cp949",),
    "zh": ("gb18030", "big5"),
}
# Encodings that a document may be in. Python knows others ("unicode_escape", "punycode", "utf-7", "base64") that run
# escapes, take quadratic time, or give no text.
_ALLOWED = re.compile(
    r"utf-8|utf-16(?:-[lb]e)?|iso8859-\d+|cp(?:125\d|437|850|852|866|874|932|949|950)|koi8-[rut]|mac-\w+|tis-620|latin-1"
    r"|gb2312|gbk|gb18030|hz|big5(?:hkscs)?|euc_(?:jp|kr)|shift_jis\w*|iso2022_\w+|johab|ascii"
)
_LANGUAGE = re.compile(rb"<html[^>]{0,500}?\slang=[\"']?([a-zA-Z]{2,3})", re.IGNORECASE)
_SNIFF = 4096


def _allowed(label: str | None) -> str:
    """Return Python's name of a declared encoding that a document may have, else an empty string."""
    try:
        name = codecs.lookup(resolve_encoding(label) or "").name if label else ""
    except (LookupError, ValueError, UnicodeError):
        return ""
    return name if _ALLOWED.fullmatch(name) else ""


def _attempt(body: bytes, encoding: str) -> str | None:
    """Decode strictly, but forgive a character that the size bound cut in two."""
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(body)
    except UnicodeError:
        return None


def _utf16_without_mark(body: bytes) -> str:
    """Return the byte order of markup in UTF-16 that has no mark: every other byte of its start is zero."""
    start = body[:64]
    if len(start) >= 8 and not any(start[1::2]) and all(start[::2]):
        return "utf-16-le"
    if len(start) >= 8 and not any(start[::2]) and all(start[1::2]):
        return "utf-16-be"
    return ""


def decode(body: bytes, media_type: str = "text/html", charset: str = "", language: str = "") -> str:
    """Return the text of a document.

    `charset` is the encoding that the header declares and `language` a BCP 47 tag; both may be empty or wrong. Never
    raises: in the worst case some characters become U+FFFD. Takes time linear in the length of `body`.
    """
    marked, mark = read_bom(body)
    if marked:
        return body[len(mark or b"") :].decode(marked, errors="replace")
    if order := _utf16_without_mark(body):
        return body.decode(order, errors="replace")
    declared = [_allowed(charset)]
    if "html" in media_type or "xml" in media_type:
        declared.append(_allowed(html_body_declared_encoding(body[:_SNIFF])))
    as_utf8 = _attempt(body, "utf-8")
    if as_utf8 is not None and (not body.isascii() or not any(name.startswith(("iso2022", "hz")) for name in declared)):
        return as_utf8
    if (mostly := _mostly_utf8(body)) is not None:
        return mostly
    tag = language or (found[1].decode("ascii") if (found := _LANGUAGE.search(body[:_SNIFF])) else "")
    for encoding in (*declared, *_USUAL.get(tag.lower().split("-")[0], ())):
        if encoding and (text := _attempt(body, encoding)) is not None:
            return text
    return body.decode("cp1252", errors="replace")


def _mostly_utf8(body: bytes) -> str | None:
    """Return UTF-8 text with a few broken bytes in it, as concatenated files have; None when most does not fit."""
    text = body.decode("utf-8", errors="replace")
    beyond_ascii = sum(1 for character in text if character > "\x7f")
    return text if text.count("\ufffd") * 10 < beyond_ascii else None
