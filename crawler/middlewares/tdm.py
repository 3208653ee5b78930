"""The TDM Reservation Protocol (W3C community group report, 2024): `/.well-known/tdmrep.json`.

The file is a list of objects with `location` (a path pattern as in robots.txt), `tdm-reservation` (1 or 0) and perhaps
`tdm-policy`. A policy offers terms to negotiate; a crawler that does not negotiate reads it as a reservation.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from protego import Protego

PATH = "/.well-known/tdmrep.json"


@dataclass(frozen=True)
class Reservations:
    """The reservations of one origin: `known` is False when the file could not be fetched and may hold some."""

    origin: str = ""
    paths: tuple[tuple[str, bool], ...] = ()
    known: bool = True

    def signal(self, url: str) -> str:
        """Return why mining this URL is reserved, or an empty string. The longest matching location decides."""
        if not self.known:
            return "tdmrep.json unreachable"
        if not self.paths:
            return ""
        lines = [f"{'Disallow' if reserved else 'Allow'}: {path}" for path, reserved in self.paths]
        allowed = Protego.parse("\n".join(["User-agent: *", *lines])).can_fetch(url, "*")
        return "" if allowed else "tdmrep.json: tdm-reservation 1"


NONE = Reservations()
UNKNOWN = Reservations(known=False)


def read(origin: str, status: int, body: bytes) -> Reservations:
    """Read the answer to a request for tdmrep.json.

    2xx with a JSON list: its reservations. 4xx but for 429, and a page instead of a list, as many sites answer for any
    path: there are none. Other answers: unknown, which counts as reserved.
    """
    if 400 <= status < 500 and status != 429:
        return NONE
    if not 200 <= status < 300:
        return UNKNOWN
    try:
        entries = json.loads(body)
    except (ValueError, RecursionError):
        return NONE
    if not isinstance(entries, list):
        return NONE
    paths = tuple(
        (_one_line(str(entry["location"])), str(entry["tdm-reservation"]) == "1")
        for entry in entries
        if isinstance(entry, dict) and entry.get("location") and "tdm-reservation" in entry
    )
    return Reservations(origin, paths)


def _one_line(location: str) -> str:
    """A location as a robots.txt path: on one line, from the root."""
    path = "".join(location.split())
    return path if path.startswith(("/", "*")) else f"/{path}"
