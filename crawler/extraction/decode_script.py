"""Addresses that an inline script would put together, found without running it.

Only string arithmetic is followed: literals, joined names, `+`, `[…].join`, `fromCharCode`, `unescape`, `atob`,
`reverse`. Whatever else stands in a script is passed over, so nothing that it says can act here.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from crawler.extraction.decode import Found, addresses

#: Longer scripts are programs, not disguises: the one of a content system for one address has under 2,000 characters.
MAX_SCRIPT = 20_000
_MAX_STRING = 4_000
_MAX_STRINGS = 1_000
#: Nested calls that are followed; a real disguise has three.
_MAX_DEPTH = 20

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|`(?:[^`\\$]|\\.)*+`)"""
    r"""|(?P<comment>//[^\n]*|/\*.*?\*/)"""
    r"""|(?P<name>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)"""
    r"""|(?P<number>\d+)"""
    r"""|(?P<method>\.\s*[A-Za-z]+)"""
    r"""|(?P<sign>\+=|==+|[-+=;,()\[\]{}])""",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u\{?([0-9a-fA-F]{4})\}?|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
#: What a script must show before it is looked at, in lower case: a disguise writes into the page or opens a window for
#: mail, and something in it can become the sign of an address.
_ACTS = ("mail", "document.write", "innerhtml", ".href", "textcontent", "innertext", "insertadjacent")
_SIGNS = ("@", "&#64;", "&#x40;", "%40", "\\x40", "\\u0040", "fromcharcode", "atob(", "unescape(")
_MAILER = re.compile(r"mail\w{0,20}\(")
_TARGET = re.compile(r"""(?:getElementById|querySelector)\s*\(\s*["']#?([\w:-]{1,80})["']""")
_HOST = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_LOCAL = re.compile(r"[\w.+-]{1,64}")

Token = tuple[str, str]


def _unescape(literal: str) -> str:
    def plain(escape: re.Match[str]) -> str:
        code = escape[1] or escape[2]
        return chr(int(code, 16)) if code else _PLAIN_ESCAPES.get(escape[3], escape[3])

    return _ESCAPE.sub(plain, literal[1:-1])


def _tokens(script: str) -> Iterator[Token]:
    for token in _TOKEN.finditer(script):
        kind = token.lastgroup or ""
        if kind != "comment":
            yield kind, _unescape(token[0]) if kind == "string" else token[0].replace(" ", "")


class _Reader:
    """Walks the tokens once and keeps every string that comes out of an expression."""

    def __init__(self, script: str) -> None:
        self._tokens = list(_tokens(script))
        self._at = 0
        self._names: dict[str, list[str]] = {}
        self.strings: list[str] = []

    def read(self) -> list[str]:
        """Return the strings of all expressions, in order."""
        while self._at < len(self._tokens):
            before = self._at
            self._statement()
            self._at = max(self._at, before + 1)
        return self.strings

    def _peek(self, ahead: int = 0) -> Token:
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else ("end", "")

    def _statement(self) -> None:
        kind, name = self._peek()
        _, sign = self._peek(1)
        if kind == "name" and sign in ("=", "+="):
            self._at += 2
            parts = self._expression(0)
            if sign == "+=":
                parts = ["".join([*self._names.get(name, []), *parts])]
            self._names[name] = [part[:_MAX_STRING] for part in parts[:50]]
        elif kind in ("string", "name") or name in ("[", "("):
            self._expression(0)

    def _expression(self, depth: int) -> list[str]:
        """Read terms joined by plus signs; returns one string, or the members of a single array."""
        parts = self._term(depth)
        while self._peek()[1] == "+" and self._peek()[0] == "sign":
            self._at += 1
            parts = ["".join(parts)[:_MAX_STRING] + "".join(self._term(depth))[:_MAX_STRING]]
        if len(parts) == 1:  # the members of an array, or of an unknown call, belong together only when joined
            self._keep(parts[0])
        return parts

    def _keep(self, text: str) -> None:
        if text and len(self.strings) < _MAX_STRINGS:
            self.strings.append(text[:_MAX_STRING])

    def _term(self, depth: int) -> list[str]:
        kind, text = self._peek()
        self._at += 1
        if depth > _MAX_DEPTH:
            return []
        if kind in ("string", "number"):
            parts = [text]
        elif kind == "name":
            parts = self._call(text, depth)
        elif text in ("[", "("):
            parts = self._list("]" if text == "[" else ")", depth)
        else:
            self._at -= 1
            return []
        return self._methods(parts, depth)

    def _list(self, end: str, depth: int) -> list[str]:
        members: list[str] = []
        while self._peek()[0] != "end" and self._peek()[1] not in (end, ";"):
            before = self._at
            members.append("".join(self._expression(depth + 1)))
            if self._at == before or self._peek()[1] == ",":
                self._at += 1
        self._at += 1
        return members

    def _call(self, name: str, depth: int) -> list[str]:
        if self._peek()[1] != "(":
            owner, _, method = name.rpartition(".")
            return self._names.get(name) or (self._names.get(owner, []) if method else [])
        self._at += 1
        arguments = self._list(")", depth)
        owner, _, function = name.rpartition(".")
        if owner in self._names:
            return _apply(function, self._names[owner], arguments)
        return _function(function or name, arguments)

    def _methods(self, parts: list[str], depth: int) -> list[str]:
        while self._peek()[0] == "method" and self._peek(1)[1] == "(":
            function = self._peek()[1].lstrip(". ")
            self._at += 2
            parts = _apply(function, parts, self._list(")", depth))
        return parts


def _apply(function: str, parts: list[str], arguments: list[str]) -> list[str]:
    """Apply a method of a string or an array."""
    if function == "join":
        return [(arguments[0] if arguments else ",").join(parts)]
    if function == "reverse":
        return parts[::-1]
    if function == "split":
        text = "".join(parts)
        return list(text) if not arguments or not arguments[0] else text.split(arguments[0])
    if function == "concat":
        return ["".join([*parts, *arguments])]
    if function == "replace" and len(arguments) == 2:
        return ["".join(parts).replace(arguments[0], arguments[1])]
    return parts


def _function(name: str, arguments: list[str]) -> list[str]:
    """Apply a function; of an unknown one the arguments are what remains."""
    text = "".join(arguments)
    if name == "fromCharCode":
        return ["".join(chr(int(one)) for one in arguments if one.isdigit() and len(one) < 6)]
    if name in ("unescape", "decodeURIComponent", "decodeURI"):
        return [unquote(text)]
    if name == "atob":
        try:
            return [base64.b64decode(text, validate=True).decode("utf-8")]
        except (binascii.Error, ValueError):
            return []
    if "mail" in name.lower() and len(arguments) >= 2:
        return _mailer(arguments)
    return arguments


def _mailer(arguments: list[str]) -> list[str]:
    """Join the arguments of a function that is named after mail: mailbox, host and perhaps the top level."""
    local, host = arguments[0], arguments[1]
    if "." not in host and len(arguments) > 2:
        host = f"{host}.{arguments[2].lstrip('.')}"
    return [f"{local}@{host}"] if _LOCAL.fullmatch(local) and _HOST.fullmatch(host) else arguments


def script_addresses(script: str) -> list[str]:
    """Return the addresses that a script puts together, each once; none for a script that touches no page or mail."""
    if not _promising(script):
        return []
    found: dict[str, None] = {}
    for text in _Reader(script).read():
        # The longest string is the finished one: a part of an address may look like an address.
        for one in _spelt(text):
            found[one.address] = None
    return [one for one in found if not any(other != one and one in other for other in found)]


def _promising(script: str) -> bool:
    if len(script) > MAX_SCRIPT:
        return False
    folded = script.lower()
    signed = any(sign in folded for sign in _SIGNS) or bool(_MAILER.search(folded))
    return signed and any(act in folded for act in _ACTS)


def _spelt(text: str) -> list[Found]:
    plain = unquote(html.unescape(text)) if "&" in text or "%" in text else text
    return addresses(plain) if "@" in plain else []


def target(script: str) -> str:
    """Return the id of the element that a script writes to, or an empty string."""
    found = _TARGET.search(script)
    return found[1] if found else ""
