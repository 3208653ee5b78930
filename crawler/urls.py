"""What of a URL names a document, and what only says who followed the link."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

#: Characters of a URL that is asked for or kept, as Scrapy has it for links. An index of PostgreSQL takes no text that
#: is longer than 2,704 bytes, and one such address would end the crawl.
LONGEST = 2_083
_TRACKING = re.compile(
    r"(?i)^(?:utm_\w+|pk_\w+|mtm_\w+|hsa_\w+|mc_[ce]id|[a-z]{0,3}clid|gclsrc|igshid|_hs\w+|ref|ref_?src|trk|trackingid|"
    r"originalsubdomain|vero_\w+|sessionid|phpsessid|jsessionid)$"
)


def document_query(query: str) -> str:
    """Return a query without tracking and session parameters: they say who came, never what is there."""
    return urlencode(
        [(key, value) for key, value in parse_qsl(query, keep_blank_values=True) if not _TRACKING.match(key)]
    )


def document_url(url: str) -> str:
    """Return a URL without tracking and session parameters and without a fragment."""
    parts = urlsplit(url)
    return parts._replace(query=document_query(parts.query), fragment="").geturl()
