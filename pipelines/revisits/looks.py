"""What a run saw of its pages: one look a page is kept to the end of the run, so each has to be small."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from crawler.items import Capture
from crawler.memory import Look

_BLANK = datetime.min.replace(tzinfo=UTC)
#: Hex digits of the mark of a link (`crawler.memory.mark`).
_MARK = 16
_NONE = ("", "")


class _Kept(NamedTuple):
    """What is a page's own; `form` is the look without it, which many pages of a site share."""

    form: Look
    at: datetime
    links: bytes
    fetched_at: datetime
    content_hash: bytes
    validators: tuple[str, str]
    robots_url: str


class Looks(Mapping[str, Look]):
    """The last look at each page by its URL, put together anew when it is asked for.

    A look with its capture, receipt and links took some 1,000 bytes, of which most said the same as that of the page
    before; so does this, less what it shares: some 350. A capture is that of the page itself: their URLs are the same.
    """

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._forms: dict[Look, Look] = {}

    def note(self, look: Look) -> None:
        """Keep a look; a later one at the same page takes its place."""
        seen = look.capture
        form = replace(look, url="", at=_BLANK, links=(), capture=_form(seen) if seen else None)
        self._kept[look.url] = _Kept(
            self._forms.setdefault(form, form),
            look.at,
            bytes.fromhex("".join(look.links)),
            seen.fetched_at if seen else look.at,
            bytes.fromhex(seen.content_hash) if seen else b"",
            (seen.etag, seen.last_modified) if seen and (seen.etag or seen.last_modified) else _NONE,
            seen.permission.robots_url if seen else "",
        )

    def __getitem__(self, url: str) -> Look:
        kept = self._kept[url]
        seen = kept.form.capture and replace(
            kept.form.capture,
            url=url,
            fetched_at=kept.fetched_at,
            content_hash=kept.content_hash.hex(),
            etag=kept.validators[0],
            last_modified=kept.validators[1],
            permission=replace(kept.form.capture.permission, robots_url=kept.robots_url),
        )
        digits = kept.links.hex()
        links = tuple(digits[start : start + _MARK] for start in range(0, len(digits), _MARK))
        return replace(kept.form, url=url, at=kept.at, links=links, capture=seen)

    def drop(self, url: str) -> None:
        """Forget a page, as if this run had not looked at it."""
        self._kept.pop(url, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _form(seen: Capture) -> Capture:
    permission = replace(seen.permission, robots_url="")
    return replace(seen, url="", fetched_at=_BLANK, content_hash="", etag="", last_modified="", permission=permission)
