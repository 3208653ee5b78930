"""What a response says about its own use: X-Robots-Tag, robots meta, TDM reservations, "no AI" marks.

The words that come out are three: `noindex` (store nothing), `nofollow` (follow no link), `noarchive` (keep no copy).
Where signals disagree, the strictest wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lxml import etree
from lxml import html as lxml_html

NOINDEX, NOFOLLOW, NOARCHIVE = "noindex", "nofollow", "noarchive"
#: What each word of a robots directive asks for. A reservation of text and data mining, and the marks against training,
#: are addressed to machines that build data from pages: this is one, so nothing is stored.
_MEANING: dict[str, frozenset[str]] = {
    "noindex": frozenset({NOINDEX}),
    "nofollow": frozenset({NOFOLLOW}),
    "noarchive": frozenset({NOARCHIVE}),
    "nocache": frozenset({NOARCHIVE}),
    "nosnippet": frozenset({NOARCHIVE}),
    "none": frozenset({NOINDEX, NOFOLLOW}),
    "noai": frozenset({NOINDEX, NOARCHIVE}),
    "noml": frozenset({NOINDEX, NOARCHIVE}),
    "notrain": frozenset({NOINDEX, NOARCHIVE}),
}
RESERVED = frozenset({NOINDEX, NOARCHIVE})
#: Words with a value of their own: not the name of an agent before a colon.
_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
#: A meta element that may count, in any encoding that has ASCII; `&` might spell a name in another way.
_MENTIONS = re.compile(rb"<meta\b[^<]*?(?:robots|tdm-reservation|cardfile|&)", re.IGNORECASE)
_AGENT = re.compile(r"\s*([a-z0-9_-]+)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_EXPIRY = re.compile(r"unavailable_after\s*:\s*(.+?)\s*(?:,\s*[a-z-]+\s*)*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signals:
    """The directives of one response, and the signals that gave them ("X-Robots-Tag: noindex")."""

    directives: frozenset[str] = frozenset()
    seen: tuple[str, ...] = ()

    def __or__(self, other: Signals) -> Signals:
        return Signals(self.directives | other.directives, tuple(dict.fromkeys(self.seen + other.seen)))


def from_headers(headers: Iterable[tuple[str, str]], agent: str, now: datetime) -> Signals:
    """Read response headers; `headers` are (name, value) pairs in order, `agent` our product token, lower case.

    An X-Robots-Tag that names another agent does not bind us; one that names us or nobody does.
    """
    found = Signals()
    for name, value in headers:
        lowered = name.lower()
        if lowered == "x-robots-tag":
            found |= _named("X-Robots-Tag", _for_us(value, agent), now)
        elif lowered == "tdm-reservation" and value.strip() == "1":
            found |= Signals(RESERVED, ("tdm-reservation: 1",))
    return found


def from_html(body: bytes, encoding: str, agent: str, now: datetime) -> Signals:
    """Read the meta elements of an HTML document, wherever they stand: a misplaced refusal is one all the same."""
    found = Signals()
    for name, content in _metas(body, encoding):
        if name in {"robots", agent}:
            found |= _named(f"meta {name}", content, now)
        elif name == "tdm-reservation" and content.strip() == "1":
            found |= Signals(RESERVED, ("meta tdm-reservation: 1",))
    return found


def _metas(body: bytes, encoding: str) -> Iterator[tuple[str, str]]:
    if not _MENTIONS.search(body) and not encoding.lower().startswith(("utf-16", "utf-32")):
        return  # parsing costs half a millisecond a page, and most pages say nothing
    parser = lxml_html.HTMLParser(encoding=encoding, huge_tree=False)
    try:
        root = lxml_html.document_fromstring(body, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):  # an empty document has nothing to say
        return
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or meta.get("http-equiv") or "").strip().lower()
        yield name.replace("x-robots-tag", "robots"), meta.get("content") or ""


def _named(place: str, directives: str, now: datetime) -> Signals:
    """Read a list of directives. Only words that we know enter the receipt: the rest is text of the page."""
    words = [word for word in re.split(r"[,;\s]+", directives.lower()) if word in _MEANING]
    wanted = frozenset[str]().union(*(_MEANING[word] for word in words))
    if (expiry := _EXPIRY.search(directives)) and _is_past(expiry[1], now):
        words.append("unavailable_after")
        wanted |= {NOINDEX}
    return Signals(wanted, (f"{place}: {', '.join(dict.fromkeys(words))}",) if wanted else ())


def _for_us(value: str, agent: str) -> str:
    """The part of an X-Robots-Tag that speaks to `agent` or to all; a name holds until the next name."""
    speaks_to_us = True
    kept = []
    for part in value.split(","):
        found = _AGENT.match(part)
        if found and found[1].lower() not in _VALUED:
            speaks_to_us = found[1].lower() in {agent, "*", "robots"}
            part = found[2]  # noqa: PLW2901 - the name is read, its directive is left
        if speaks_to_us:
            kept.append(part)
    return ",".join(kept)


def _is_past(text: str, now: datetime) -> bool:
    """Tell whether a date (RFC 822, RFC 850 or ISO 8601) lies behind us; what cannot be read counts as past."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
        except (ValueError, TypeError, IndexError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) <= now
    return True
