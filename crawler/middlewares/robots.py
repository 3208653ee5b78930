"""robots.txt as RFC 9309 has it, and which line decided.

Protego matches paths; the groups and the answer to a failed fetch are read here, because Protego applies a group whose
name is only the beginning of ours, and because what a status means decides whether a crawl fails open or closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256

from protego import Protego
from w3lib.encoding import http_content_type_encoding

#: RFC 9309, 2.5: at least 500 kibibytes must be read. What is longer is refused, not cut: the rest could forbid.
MAX_BYTES = 512 * 1024
#: RFC 9309, 2.3.1.2: redirects to follow.
MAX_REDIRECTS = 5
#: Files that are kept in parts beside their text: those of the hosts that are being read. A rule in parts takes a
#: hundred times the room of its line, and a crawl of many sites keeps the file of each for a day.
_OPEN = 128
_LINE = re.compile(r"\r\n|\r|\n")
_AGENT = re.compile(r"(?:user-agent|useragent|user agent)(?:\s*:|\s)\s*(.*)", re.IGNORECASE)
_RULE = re.compile(r"(allow|d[iu]s{1,2}al{1,2}[oa]w|diasllow)(?:\s*:|\s)\s*(.*)", re.IGNORECASE)
#: 4xx answers that mean "later", not "there is none": timed out, too early, too many.
_LATER = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a robots.txt says about one URL: allowed or not, and the line that decided ("line 3: Disallow: /a")."""

    allowed: bool
    rule: str


@dataclass(frozen=True)
class _Rule:
    number: int
    text: str
    pattern: str
    allows: bool

    def matches(self, url: str) -> bool:
        return not self._matcher.can_fetch(url, "*")

    @cached_property
    def _matcher(self) -> Protego:
        return Protego.parse(f"User-agent: *\nDisallow: {self.pattern}")


@dataclass(frozen=True, slots=True)
class _Group:
    """What one file says to one agent: its lines with their numbers, the rules among them, and what matches paths."""

    lines: tuple[tuple[int, str], ...]
    rules: tuple[_Rule, ...]
    matcher: Protego


@dataclass(frozen=True, slots=True)
class Robots:
    """The robots.txt of one origin, as fetched.

    `status` is the HTTP status (0 when there was no answer). `unreachable` is the reason why nothing may be fetched
    ("status 503", "timeout", …), empty when the rules are known. `digest` is the SHA-256 of the file in hex, empty
    when a 4xx answer means that there is none.
    """

    url: str
    status: int
    digest: str = ""
    text: str = ""
    unreachable: str = ""
    agent: str = "cardfile"

    def verdict(self, url: str) -> Verdict:
        """Return whether a URL may be fetched, and the longest rule that says so; Allow wins a tie (2.2.2)."""
        if self.unreachable:
            return Verdict(False, f"robots.txt unreachable ({self.unreachable})")
        group = _group(self.text, self.agent)
        if not group.rules:
            return Verdict(True, "no rule applies" if self.digest else f"no robots.txt (status {self.status})")
        allowed = group.matcher.can_fetch(url, "*")
        for rule in group.rules:
            if rule.allows is allowed and rule.matches(url):
                return Verdict(allowed, f"line {rule.number}: {rule.text}")
        return Verdict(allowed, "no rule applies" if allowed else "a rule of the group")

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The URLs of the sitemaps that the file names, as written (sitemaps.org); they belong to no group."""
        lines = (line.strip().partition(":") for line in _LINE.split(self.text))
        return tuple(dict.fromkeys(url.strip() for name, _, url in lines if name.strip().casefold() == "sitemap"))

    @property
    def delay(self) -> float:
        """Seconds between two requests that `Crawl-delay` or `Request-rate` ask for, the longer of both; 0 for none."""
        group = _group(self.text, self.agent)
        if self.unreachable or not group.lines:
            return 0.0
        rate = group.matcher.request_rate("*")
        return max(group.matcher.crawl_delay("*") or 0.0, rate.seconds / rate.requests if rate else 0.0)


@lru_cache(maxsize=_OPEN)
def _group(text: str, agent: str) -> _Group:
    lines = _lines(text, agent)
    rules = [
        _Rule(number, line, found[2].strip(), found[1].lower() == "allow")
        for number, line in lines
        if (found := _RULE.match(line)) and found[2].strip()
    ]
    rules.sort(key=lambda rule: (-len(rule.pattern), not rule.allows))
    return _Group(lines, tuple(rules), Protego.parse("\n".join(["User-agent: *", *(line for _, line in lines)])))


def _lines(text: str, agent: str) -> tuple[tuple[int, str], ...]:
    """Return the lines of the groups that name an agent; of the groups for all (`*`) when none does."""
    groups: dict[str, list[tuple[int, str]]] = {}
    current: list[str] = []
    open_header = False
    for number, raw in enumerate(_LINE.split(text), start=1):
        line = raw.partition("#")[0].strip()
        if found := _AGENT.match(line):
            if not open_header:
                current = []
            current.append(_product(found[1]))
            open_header = True
            groups.setdefault(current[-1], [])
        elif line:
            # RFC 9309, 2.2.4: records of other kinds (Sitemap, Crawl-delay) do not end a list of agents.
            open_header = open_header and not _RULE.match(line)
            for name in current:
                groups[name].append((number, line))
    return tuple(groups.get(agent, groups.get("*", [])))


def read(url: str, status: int, body: bytes, content_type: str = "") -> Robots:
    """Read the answer to a request for robots.txt; see `docs/site-rights.md` for the table.

    2xx: the rules of the file. 4xx: there are none, but for 408, 425 and 429, which say "later". Everything else, and a
    file that is too long or is not text in its declared encoding (UTF-8 by default): unreachable, nothing is fetched.
    """
    if 400 <= status < 500 and status not in _LATER:
        return Robots(url, status)
    if not 200 <= status < 300 or status == 206:
        return Robots(url, status, unreachable=f"status {status}")
    if len(body) > MAX_BYTES:
        return Robots(url, status, unreachable="too long")
    try:
        text = body.decode(http_content_type_encoding(content_type) or "utf-8").removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError):
        return Robots(url, status, unreachable="undecodable")
    if "\x00" in text:
        return Robots(url, status, unreachable="undecodable")
    return Robots(url, status, digest=sha256(body).hexdigest(), text=text)


def _product(value: str) -> str:
    """The product token of a User-agent line, lower case: letters, `-` and `_` (RFC 9309, 2.2.1), or `*`."""
    value = value.strip().lower()
    if value.startswith("*"):
        return "*"
    token = re.match(r"[a-z_-]*", value)
    return token[0] if token else ""
