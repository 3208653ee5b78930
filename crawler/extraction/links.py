"""What the target of a link says: an address, a number, somebody's public profile, a contact card."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml.html import HtmlElement

from crawler.extraction.decode import addresses
from crawler.lexicon import words
from crawler.page import Page


class Target(StrEnum):
    """What a link leads to."""

    EMAIL = "email"
    TELEPHONE = "telephone"
    FAX = "fax"
    PROFILE = "profile"
    VCARD = "vcard"


@dataclass(slots=True)
class Link:
    """A link with a meaning of its own. `value` is an e-mail address, a number as written, or an absolute URL."""

    element: HtmlElement
    target: Target
    value: str


_NUMBER = re.compile(
    r"[+(]?[\d\s().\u2010-\u2015/+-]{5,40}(?:(?:;ext=|[ ,;]*(?:ext|x)\.? ?|,+)\d{1,6})?", re.IGNORECASE
)
_VCARD = re.compile(r"\.vcf(?:$|[?#])|[?&/](?:format|type|download)?=?vcard(?:$|[&/=])", re.IGNORECASE)
#: Links of a page that are looked at.
MAX_LINKS = 20_000


def mailto(href: str) -> list[str]:
    """Return the addresses of a `mailto:` link, obfuscated ones decoded; an empty list for any other link.

    Addresses in the `to` field count. Those in `cc` and `bcc` do not: they are seldom the person beside the link.
    """
    scheme, colon, rest = href.strip().partition(":")
    if not colon or scheme.strip().lower() != "mailto" or len(rest) > 4_000:
        return []
    path, _, query = rest.partition("?")
    named = [value for key, value in parse_qsl(query) if key.lower() == "to"]
    text = ", ".join([unquote(path.lstrip("/")), *named])
    return list(dict.fromkeys(found.address for found in addresses(text)))


def telephone(href: str) -> str:
    """Return the number of a `tel:`, `fax:`, `callto:` or WhatsApp link as it is written; empty for any other link.

    An extension stays: `;ext=12` of RFC 3966 becomes ` ext. 12`.
    """
    text = unquote(href.strip())
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() in ("tel", "fax", "callto", "phone", "sip", "sms"):
        number = rest.lstrip("/").partition("?")[0]
    elif "wa.me/" in text or "whatsapp.com/send" in text:
        found = re.search(r"(?:wa\.me/|phone=)\+?(\d{7,15})", text)
        number = f"+{found[1]}" if found else ""
    else:
        return ""
    number, _, parameters = number.partition(";")
    extension = re.search(r"(?:^|;)ext=(\d{1,6})", parameters)
    number = f"{number.strip()} ext. {extension[1]}" if extension else number.strip()
    return number if _NUMBER.fullmatch(number.replace(" ext. ", ";ext=")) else ""


def is_profile(url: str) -> bool:
    """Say whether a URL is one person's page at a network for work or research, not a share button or a group."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = (parts.hostname or "").removeprefix("www.")
    for pattern in words("profiles", "person"):
        known, _, prefix = pattern.partition("/")
        if host == known or host.endswith(f".{known}"):
            rest = f"{parts.path}?{parts.query}".lstrip("/") if "?" in prefix else parts.path.lstrip("/")
            name = rest.removeprefix(prefix).strip("/")
            if rest.startswith(prefix) and name and name.lower().split("/")[0] not in words("profiles", "reserved"):
                return True
    return False


def read_link(page: Page, element: HtmlElement) -> list[Link]:
    """Return what one `a` or `area` element leads to; several addresses of one `mailto:` give several links."""
    href = (element.get("href") or "").strip()
    scheme = href[:9].lower()
    if scheme.startswith("mailto:"):
        return [Link(element, Target.EMAIL, address) for address in mailto(href)]
    if number := telephone(href):
        return [Link(element, Target.FAX if scheme.startswith("fax:") else Target.TELEPHONE, number)]
    if _VCARD.search(href) or (element.get("type") or "").lower() in ("text/vcard", "text/x-vcard"):
        return [Link(element, Target.VCARD, page.absolute(href))]
    if scheme.startswith(("http", "//")) and is_profile(url := page.absolute(href)):
        return [Link(element, Target.PROFILE, url)]
    return []


def collect(page: Page) -> list[Link]:
    """Return the links of a page that lead to a contact, a profile or a card, in document order."""
    if page.root is None:
        return []
    found: list[Link] = []
    for number, element in enumerate(page.root.iter("a", "area")):
        if number >= MAX_LINKS:
            break
        found += read_link(page, element)
    return found
