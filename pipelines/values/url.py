"""Web addresses: http and https, without fragment, tracking parameters and credentials."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from w3lib.url import safe_url_string

from crawler.remembering import REPEATS
from crawler.urls import LONGEST, document_query
from pipelines.values.clean import Clean, Rejected
from pipelines.values.text import tidy

_SCHEME = re.compile(r"(?i)^[a-z][a-z0-9+.-]*:(?!\d)")
_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=REPEATS)
def url(text: str) -> Clean | Rejected:
    """Read one absolute address; a bare `www.` host is taken as https.

    Tracking and session parameters say who followed a link, never what it points at; a fragment is a place within a
    page. Both would make one profile look like several.
    """
    written = tidy(text).replace(" ", "%20")
    if not _SCHEME.match(written):
        if not written.lower().startswith("www."):
            return Rejected("url-relative")
        written = f"https://{written}"
    try:
        parts = urlsplit(safe_url_string(written))
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
        host = host if host.isascii() else host.encode("idna").decode()
    except ValueError:
        return Rejected("url-syntax")
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        return Rejected("url-scheme")
    if parts.username or parts.password:
        return Rejected("url-credentials")
    if "." not in host:
        return Rejected("url-host")
    place = host if port in (None, _PORTS[scheme]) else f"{host}:{port}"
    found = urlunsplit((scheme, place, parts.path or "/", document_query(parts.query), ""))
    return Clean(found) if len(found) <= LONGEST else Rejected("url-length")
