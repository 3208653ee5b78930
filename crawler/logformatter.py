"""Log lines without personal values.

Scrapy prints whole items when they are dropped and whole URLs everywhere, and a URL can be somebody's name. Here an
item is never printed, and a URL is cut to its host and a short fingerprint, the same in every line about that page.
"""

from __future__ import annotations

import hashlib
import logging
import re
import traceback
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from crawler.errors import CardfileError

_URL = re.compile(r"\b(https?)://([^/\s\"'<>?#]+)([^\s\"'<>]*)", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+")


def scrub(text: str) -> str:
    """Return a text with each URL cut to host and fingerprint, and each e-mail address to an ellipsis."""
    return _ADDRESS.sub("…@…", _URL.sub(_shortened, text))


def _shortened(match: re.Match[str]) -> str:
    host = match[2].rpartition("@")[2]
    if match[3] in {"", "/", "/robots.txt"}:
        return f"{match[1]}://{host}{match[3]}"
    return f"{match[1]}://{host}/…{hashlib.sha256(match[0].encode()).hexdigest()[:8]}"


class ScrubbingFilter(logging.Filter):
    """Cleans every record of a handler, its traceback included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the message (and the text of an exception) by its scrubbed form; always lets the record pass."""
        record.msg, record.args = scrub(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = scrub(trace(record.exc_info[1]))
        return True


def trace(error: BaseException | None) -> str:
    """Return the traceback of an error: where it happened and its type, not what it says.

    Code that fails on a value tends to quote it ("invalid literal …"). Our own errors never do, so they are quoted.
    """
    told: list[str] = []
    while error is not None:
        said = str(error) if isinstance(error, CardfileError) else "what it says is withheld, for it may quote a page"
        told.append(f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__}: {said}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nraised over:\n".join(told)


class ValueFreeLogFormatter(LogFormatter):
    """Says what happened to an item by its reason, never by its contents."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        """Return a debug line naming the item's class only."""
        return {"level": logging.DEBUG, "msg": "Kept a %(kind)s", "args": {"kind": type(item).__name__}}

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Return a debug line with the rule that dropped the item."""
        args = {"kind": type(item).__name__, "reason": exception}
        return {"level": logging.DEBUG, "msg": "Dropped a %(kind)s: %(reason)s", "args": args}

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Return an error line with the kind of error; its message might quote the item."""
        args = {"kind": type(item).__name__, "error": type(exception).__name__}
        return {"level": logging.ERROR, "msg": "A %(kind)s could not be processed (%(error)s)", "args": args}

    def download_error(
        self, failure: Failure, request: Request, spider: Spider, errmsg: str | None = None
    ) -> LogFormatterResult:
        """Return a warning: one page that cannot be fetched is no error of ours, the ledger counts it."""
        args = {"request": request, "error": errmsg or type(failure.value).__name__}
        return {"level": logging.WARNING, "msg": "Not fetched: %(request)s (%(error)s)", "args": args}
