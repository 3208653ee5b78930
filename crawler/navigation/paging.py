"""How the answer of an interface goes on: by its headers, by its body, by counting. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import jmespath
from jmespath.exceptions import JMESPathError

from crawler.items import Paging
from crawler.navigation.anchors import same_site

#: RFC 8288: `<https://api.example/people?page=2>; rel="next"`.
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*]+\s*=\s*(?:\"[^\"]*\"|[^\s,;\"]+))*)")
_RELATION = re.compile(r"\brel\s*=\s*(?:\"([^\"]*)\"|([^\s,;\"]+))", re.IGNORECASE)


def following(paging: Paging, url: str, body: bytes, link_headers: Iterable[str] = ()) -> str:
    """Return the URL of the answer that follows this one, on the same host; an empty string when there is none.

    A `Link` header with `rel="next"` comes first, then what the source declared: an expression over the JSON body, or
    a parameter that counts on. Whether an answer was the last one that held a record, the caller has to see.
    """
    found = _from_headers(link_headers) or _from_body(paging.next, body) or _counted(paging, url)
    target = urljoin(url, found) if found else ""
    return target if target != url and same_site(target, urlsplit(url).hostname or "") else ""


def _from_headers(headers: Iterable[str]) -> str:
    for header in headers:
        for target, parameters in _LINK.findall(header):
            relation = _RELATION.search(parameters)
            if relation and "next" in (relation[1] or relation[2]).casefold().split():
                return str(target)
    return ""


def _from_body(expression: str, body: bytes) -> str:
    if not expression:
        return ""
    try:
        found = jmespath.search(expression, json.loads(body))
    except (ValueError, RecursionError, JMESPathError):
        return ""
    return found if isinstance(found, str) else ""


def _counted(paging: Paging, url: str) -> str:
    if not paging.parameter:
        return ""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    now = query.get(paging.parameter, str(paging.first))
    if not re.fullmatch(r"\d{1,9}", now):
        return ""
    return parts._replace(query=urlencode({**query, paging.parameter: int(now) + paging.step})).geturl()
