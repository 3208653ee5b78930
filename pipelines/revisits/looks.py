"""What a run saw of its pages: one look a page is kept to the end of the run, so each has to be small."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crawler.items import Capture, Permission
from crawler.memory import Look
from crawler.network import origin_of

_BLANK = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
#: Hex digits of the mark of a link (`crawler.memory.mark`).
_MARK = 16
#: In a form, for the robots.txt of the page's own origin.
_OWN = "/robots.txt"
#: The place of the form; when it was looked at and fetched, in microseconds; the bytes of hash, ETag, Last-Modified.
_HEAD = struct.Struct("<IqqBII")


class Looks(Mapping[str, Look]):
    """The last look at each page by its URL, put together anew when it is asked for.

    A look with its capture, receipt and links took some 1,000 bytes, of which most said the same as that of the page
    before. What pages share, as their source and their receipt, is kept once, as a form; what is a page's own is packed
    into one text of some 60 bytes and 8 for each link. A capture is that of the page itself: their URLs are the same.
    """

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._places: dict[Look, int] = {}
        self._forms: list[Look] = []

    def note(self, look: Look) -> None:
        """Keep a look; a later one at the same page takes its place."""
        seen = look.capture
        form = replace(look, url="", at=_BLANK, links=(), capture=_form(seen) if seen else None)
        place = self._places.setdefault(form, len(self._forms))
        if place == len(self._forms):
            self._forms.append(form)
        own = (
            (bytes.fromhex(seen.content_hash), seen.etag.encode(), seen.last_modified.encode()) if seen else (b"",) * 3
        )
        times = _ticks(look.at), _ticks(seen.fetched_at if seen else look.at)
        head = _HEAD.pack(place, *times, *map(len, own))
        self._kept[look.url] = b"".join((head, *own, bytes.fromhex("".join(look.links))))

    def __getitem__(self, url: str) -> Look:
        kept = self._kept[url]
        place, at, fetched_at, *sizes = _HEAD.unpack_from(kept)
        digest, etag, modified, links = _cut(kept[_HEAD.size :], sizes)
        form: Look = self._forms[place]
        seen = form.capture and replace(
            form.capture,
            url=url,
            fetched_at=_time(fetched_at),
            content_hash=digest.hex(),
            etag=etag.decode(),
            last_modified=modified.decode(),
            permission=_with_robots(form.capture.permission, _OWN, f"{origin_of(url)}{_OWN}"),
        )
        digits = links.hex()
        marks = tuple(digits[start : start + _MARK] for start in range(0, len(digits), _MARK))
        return replace(form, url=url, at=_time(at), links=marks, capture=seen)

    def drop(self, url: str) -> None:
        """Forget a page, as if this run had not looked at it."""
        self._kept.pop(url, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _form(seen: Capture) -> Capture:
    permission = _with_robots(seen.permission, f"{origin_of(seen.url)}{_OWN}", _OWN)
    return replace(seen, url="", fetched_at=_BLANK, content_hash="", etag="", last_modified="", permission=permission)


def _with_robots(permission: Permission, found: str, put: str) -> Permission:
    """Return a receipt that names one robots.txt in place of another; one that names neither stays."""
    return replace(permission, robots_url=put) if permission.robots_url == found else permission


def _ticks(moment: datetime) -> int:
    return (moment - _BLANK) // _TICK


def _time(ticks: int) -> datetime:
    return _BLANK + ticks * _TICK


def _cut(text: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """Yield the pieces of these sizes, and what is left."""
    start = 0
    for size in sizes:
        yield text[start : start + size]
        start += size
    yield text[start:]
