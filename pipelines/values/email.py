"""E-mail addresses: lower-cased, the domain in IDNA (RFC 5891), never asked over the network."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

from crawler import lexicon
from crawler.remembering import REPEATS
from pipelines.values.clean import Clean, Rejected
from pipelines.values.text import tidy

#: `image@2x.png` has the shape of an address.
_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|css|js|pdf|ico|bmp|tiff?)$")
_ANGLE = re.compile(r"<([^<>]+)>\s*$")
#: Letters and digits, single stops, dashes and underscores between them: a dot-atom of RFC 5322 that needs no reading.
_PLAIN = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
#: Octets of an address and of its local part (RFC 5321, 4.5.3.1).
LONGEST, LONGEST_LOCAL = 254, 64
_ANY = "a"


@lru_cache(maxsize=REPEATS)
def email(text: str) -> Clean | Rejected:
    """Read one address, bare, as `mailto:` or with a display name in front.

    Upper and lower case are one mailbox in practice, so the local part is lowered too. A display name is forgotten.
    """
    written = unquote(tidy(text)) if "%" in text else tidy(text)
    if angled := _ANGLE.search(written):
        written = angled.group(1)
    written = re.sub(r"(?i)^mailto:", "", written).split("?", 1)[0].strip(" .,;:\"'()[]")
    if _FILE.search(written.lower()):
        return Rejected("email-file-name")
    local, _, domain = written.partition("@")
    if len(written) <= LONGEST and len(local) <= LONGEST_LOCAL and _PLAIN.fullmatch(local):
        _, domain = _parsed(f"{_ANY}@{domain}")  # nothing but the domain is open to doubt, and many share it
    else:
        local, domain = _parsed(written)
    if not domain:
        return Rejected("email-syntax")
    local = local.lower()
    if local in lexicon.words("placeholders", "mailbox") or domain in lexicon.words("placeholders", "domain"):
        return Rejected("email-placeholder")
    return Clean(f"{local}@{domain}")


@lru_cache(maxsize=REPEATS)
def _parsed(written: str) -> tuple[str, str]:
    """Return local part and domain in IDNA, in small letters; two empty strings for what is no address."""
    try:
        parsed = validate_email(written, check_deliverability=False)
    except EmailNotValidError:
        return "", ""
    return parsed.local_part, (parsed.ascii_domain or parsed.domain).lower()
