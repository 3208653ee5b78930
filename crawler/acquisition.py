"""How records came in that no crawl has read: licensed, published as a file, contributed, uploaded.

What stands in the source register is checked here. A customer's upload stays apart from the master unless a document
permits it to be there, and then the hash of that document stands in every receipt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from crawler.errors import CardfileError, RightsError
from crawler.items import Acquisition, Permission, Source

#: The ways in, and the articles of the GDPR under which the people have to be told.
METHODS = {
    "open-data": {14},
    "licensed": {14},
    "interview": {13},
    "contribution": {13, 14},
    "upload": {13, 14},
}
_REQUIRED = ("method", "licence", "article", "received_on")
_KEYS = {entry.name for entry in fields(Acquisition)} - {"permission_hash"}


def read(table: Any, folder: Path, error: Callable[[str], CardfileError]) -> Acquisition:
    """Return the acquisition that a table of the register declares; raises `error(sentence)` for the first mistake.

    `folder` is where the register lies: the path of a permission is relative to it.
    """
    if not isinstance(table, dict) or not set(_REQUIRED) <= set(table) <= _KEYS:
        raise error(f"acquisition has {', '.join(_REQUIRED)} and may have url, expires_on, permission")
    if table["method"] not in METHODS:
        raise error(f"unknown acquisition method {table['method']!r}; one of {', '.join(METHODS)}")
    articles = METHODS[table["method"]]
    if table["article"] not in articles:
        known = " or ".join(map(str, sorted(articles)))
        raise error(f"the people of {table['method']!r} data are told under article {known} GDPR")
    if any(type(table.get(key, date.min)) is not date for key in ("received_on", "expires_on")):
        raise error("acquisition.received_on and expires_on are dates such as 2026-11-01")
    if any(not isinstance(table.get(key, ""), str) for key in ("licence", "url", "permission")) or not table["licence"]:
        raise error("acquisition.licence, url and permission are texts; licence names a licence or a contract")
    if not table.get("permission"):
        return Acquisition(**table)
    path = folder / table["permission"]
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as failure:
        raise error(f"{path} cannot be read ({failure.strerror})") from None
    return Acquisition(**{**table, "permission": str(path)}, permission_hash=digest)


def require(source: Source, today: date) -> Acquisition:
    """Return how a source's file came in; raises RightsError where that is not said or a licence has run out."""
    acquisition = source.acquisition
    if acquisition is None:
        raise RightsError(
            f"Source {source.id!r} does not say how its file came in; "
            "add acquisition = { method, licence, article, received_on }."
        )
    if acquisition.expires_on and today >= acquisition.expires_on:
        raise RightsError(
            f"Source {source.id!r}: its licence {acquisition.licence!r} ran out on "
            f"{acquisition.expires_on}; renew it and set a new expires_on."
        )
    return acquisition


def is_upload(source: Source) -> bool:
    """Return whether a source is a customer's upload."""
    return source.acquisition is not None and source.acquisition.method == "upload"


def stays_apart(source: Source) -> bool:
    """Return whether what comes from a source may not enter the master: an upload that no document lets in."""
    acquisition = source.acquisition
    return acquisition is not None and acquisition.method == "upload" and not acquisition.permission_hash


def receipt(acquisition: Acquisition) -> Permission:
    """Return the permission receipt of an imported record: no robots.txt allowed it, a licence did."""
    signals = [f"received-on: {acquisition.received_on}", f"gdpr-article: {acquisition.article}"]
    if acquisition.permission_hash:
        signals.append(f"permission-sha256: {acquisition.permission_hash}")
    return Permission(
        user_agent="",
        robots_url=acquisition.url,
        robots_status=0,
        robots_hash="",
        rule=f"{acquisition.method}, {acquisition.licence}",
        signals=tuple(signals),
    )
