"""Who we say we are: one name for every request, HTTP or browser."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from crawler.errors import UsageError

#: The product token of RFC 9309, section 2.2.1: letters, hyphens and underscores only.
PRODUCT = "Cardfile"
_CONTACT = re.compile(r"(?:mailto:)?[^\s@()]+@[^\s@()]+\.[^\s@()]+|https?://[^\s()]+", re.ASCII)


def user_agent(contact: str, *, production: bool = False) -> str:
    """Return the User-Agent header: product, version, and how a site owner reaches the operator.

    `contact` is an e-mail address or a URL (setting CARDFILE_CONTACT). Raises UsageError when it is malformed, or
    missing in production: a crawler that cannot be asked to stop has no business on other people's machines.
    """
    contact = contact.strip()
    if not contact:
        if production:
            raise UsageError(
                "CARDFILE_CONTACT is not set; name an e-mail address or a URL at which site owners reach you."
            )
        contact = "no contact given"
    elif not _CONTACT.fullmatch(contact):
        raise UsageError("CARDFILE_CONTACT is neither an e-mail address nor an http(s) URL; set it to one of them.")
    return f"{PRODUCT}/{_version()} (+{contact})"


@cache
def _version() -> str:
    """The version as installed; run from a checkout without an installation, the one that pyproject.toml states."""
    try:
        return version("cardfile")
    except PackageNotFoundError:
        text = (Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8")
        return str(tomllib.loads(text)["project"]["version"])
