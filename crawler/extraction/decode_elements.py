"""E-mail addresses that an element hides: in an attribute, behind CSS, or in the script that would write them.

Nothing here runs a script. Every way of hiding has a mark in the markup that is looked for first, so a page without
marks costs a few string searches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

from lxml.html import HtmlElement

from crawler.extraction.decode import addresses, hidden_address, reversed_address
from crawler.extraction.decode_script import script_addresses, target
from crawler.lexicon import words
from crawler.page import Page


@dataclass(slots=True)
class Hidden:
    """An address and the element that hides it; `rule` names the way, for the counts of a report."""

    element: HtmlElement
    address: str
    rule: str


_HEX = re.compile(r"[0-9a-f]{6,400}")
_PROTECTED = "/cdn-cgi/l/email-protection#"
_UNCRYPT = re.compile(r"linkTo_UnCryptMailto\(\s*(?:'|\"|%27|%22)(.{5,400}?)(?:'|\"|%27|%22)", re.IGNORECASE)
_DATA = re.compile(r"data-([a-z0-9_-]{1,40})=[\"']?([^\"'>]{0,80})")
_BACKWARDS = re.compile(r"\.([\w-]{1,80})[^{}]{0,200}\{[^{}]{0,500}?bidi-override")
_AT_CLASS = re.compile(r"(?:^|[\s_-])(?:at|arroba|arobase|at-sign|atsign|icon-at|fa-at)(?:$|\s)", re.IGNORECASE)
_AT_ALT = frozenset({"@", "at", "(at)", "[at]"})
_ACTING = "//*[@onclick or @onmouseover]|//a[starts-with(@href, 'j') or starts-with(@href, 'J')]"
#: TYPO3 shifts within these ranges of characters, each by itself.
_RANGES = ((0x2B, 0x3A), (0x40, 0x5A), (0x61, 0x7A))
#: Characters and text nodes of an element that can be an address in disguise; scripts of a page that are looked at.
_MAX_TEXT, _MAX_PARTS, _MAX_SCRIPTS = 400, 40, 2_000
_MAX_BACKWARDS = 100
#: Types of script elements that a browser runs; any other is a block of data, such as JSON-LD.
_SCRIPTS = frozenset(
    {"", "module", "javascript"}
    | {f"{start}/{end}" for start in ("text", "application") for end in ("javascript", "x-javascript", "ecmascript")}
)
_SHORTEST = 6  # a@b.nl


def elements(page: Page) -> list[Hidden]:
    """Return what the elements of a page hide, in no particular order, one address an element and way."""
    root = page.root
    if root is None:
        return []
    found: list[Hidden] = []
    if page.shows("cfemail", "email-protection#"):
        found += _cloudflare(root)
    if page.shows("uncryptmailto", "data-mailto-token"):
        found += _typo3(root)
    if keys := _telling(page.lowered):
        found += _data(root, keys)
    if page.shows("bidi-override", "<bdo"):
        found += _backwards(root)
    if page.shows(
        'alt="@"', "alt='@'", "alt=@", '(at)"', "fa-at", "icon-at", 'class="at"', 'alt="at"', 'class="arroba"'
    ):
        found += _pictured(root)
    if page.shows("mailto", "onclick", "document.write", "innerhtml", "fromcharcode", "javascript:"):
        found += _scripted(root)
    if page.shows("javascript:", "onclick", "onmouseover"):
        found += _acting(root)
    return found


def _cloudflare(root: HtmlElement) -> Iterator[Hidden]:
    for element in root.xpath("//*[@data-cfemail]|//a[contains(@href, 'email-protection#')]"):
        code = element.get("data-cfemail") or element.get("href", "").partition(_PROTECTED)[2]
        if address := cloudflare(code):
            yield Hidden(element, address, "cloudflare")


def cloudflare(code: str) -> str:
    """Return the address of a `data-cfemail` value: hexadecimal bytes, each XORed with the first; else nothing."""
    if not _HEX.fullmatch(code.lower()) or len(code) % 2:
        return ""
    key, *rest = bytes.fromhex(code)
    text = bytes(byte ^ key for byte in rest).decode("utf-8", errors="replace")
    found = addresses(text.partition("?")[0])
    return found[0].address if found else ""


def _shift(text: str, by: int) -> str:
    shifted = []
    for character in text:
        code = ord(character)
        for low, high in _RANGES:
            if low <= code <= high:
                code = low + (code - low + by) % (high - low + 1)
                break
        shifted.append(chr(code))
    return "".join(shifted)


def typo3(token: str) -> str:
    """Return the address of a TYPO3 mail token. Its shift is the site's own: the one that gives `mailto:` is it."""
    plain = unquote(token).replace("\\", "")
    for by in range(-13, 14):
        if _shift(plain[:1], by) == "m" and _shift(plain[:7], by) == "mailto:":
            return hidden_address(_shift(plain, by))
    return ""


def _typo3(root: HtmlElement) -> Iterator[Hidden]:
    for element in root.iter("a"):
        script = f"{element.get('href') or ''} {element.get('onclick') or ''}"
        called = _UNCRYPT.search(script)
        token = element.get("data-mailto-token") or (called[1] if called else "")
        if token and (address := typo3(token)):
            yield Hidden(element, address, "typo3")


def _telling(markup: str) -> set[str]:
    """Return the names of the data attributes of a page that can hold an address, or a part of one."""
    if "data-" not in markup:
        return set()
    seen = {key for key, value in set(_DATA.findall(markup)) if "mail" in key or "@" in value or _part_of(key)}
    # A part needs its counterpart: a lone data-name is on half of all pages.
    kinds = {kind for key in seen for kind in _part_of(key)}
    whole = {key for key in seen if "mail" in key or not _part_of(key)}
    return (seen if len(kinds) > 1 else whole) - {"cfemail", "mailto-token", "mailto-vector"}


def _part_of(key: str) -> set[str]:
    last = key.rsplit("-", 1)[-1]
    return {kind for kind in ("local", "domain") if {key, last} & words("obfuscation", kind)}


def _data(root: HtmlElement, keys: set[str]) -> Iterator[Hidden]:
    path = "|".join(f"//*[@data-{key}]" for key in sorted(keys)[:40])
    for element in root.xpath(path):
        if address := _from_data(element):
            yield Hidden(element, address, "data-attribute")


def _from_data(element: HtmlElement) -> str:
    """Return the address that the data attributes of one element hold, whole or in parts."""
    values = {str(key)[5:]: str(value) for key, value in element.attrib.items() if str(key).startswith("data-")}
    if not values:
        return ""
    for key, value in values.items():
        whole = len(value) >= _SHORTEST and ("mail" in key or "@" in value)
        if key != "cfemail" and whole and (address := hidden_address(value, rotated="enc" in key or "rot" in key)):
            return address
    local, domain, top = (_part(values, kind) for kind in ("local", "domain", "tld"))
    if not local or not domain:
        return ""
    host = domain if "." in domain or not top else f"{domain}.{top.lstrip('.')}"
    found = addresses(f"{local}@{host.lstrip('@')}")
    return found[0].address if found and found[0].start == 0 and "." in host else ""


def _part(values: dict[str, str], kind: str) -> str:
    names = words("obfuscation", kind)
    for key, value in values.items():
        last = key.rsplit("-", 1)[-1]
        if (key in names or last in names) and len(value) <= 64 and " " not in value:
            return value
    return ""


def _backwards(root: HtmlElement) -> Iterator[Hidden]:
    classes = {name for style in root.iter("style") for name in _BACKWARDS.findall((style.text or "")[:100_000])}
    for element in islice((one for one in root.iter() if _shown_backwards(one, classes)), _MAX_BACKWARDS):
        if address := reversed_address(_short_text(element)):
            yield Hidden(element, address, "reversed")


def _shown_backwards(element: HtmlElement, classes: set[str]) -> bool:
    return (
        "bidi-override" in (element.get("style") or "").lower()
        or (element.tag == "bdo" and (element.get("dir") or "").lower() == "rtl")
        or not classes.isdisjoint((element.get("class") or "").split())
    )


def _short_text(element: HtmlElement) -> str:
    texts = list(islice(element.itertext(), _MAX_PARTS))
    text = "".join(texts) if len(texts) < _MAX_PARTS else ""
    return text if len(text) <= _MAX_TEXT else ""


def _pictured(root: HtmlElement) -> Iterator[Hidden]:
    """Find addresses whose @ is a picture or an icon between two texts."""
    for element in root.iter("img", "i", "span", "svg"):
        alt = (element.get("alt") or "").strip().lower()
        if alt not in _AT_ALT and not (
            _AT_CLASS.search(element.get("class") or "") and not _short_text(element).strip()
        ):
            continue
        holder = element.getparent()
        if holder is None or not (element.tail or "").strip():
            continue
        before = element.getprevious()
        left = (holder.text if before is None else before.tail) or (_short_text(before) if before is not None else "")
        found = addresses(f"{left.strip()[-100:]}@{(element.tail or '').strip()[:200]}")
        if found:
            yield Hidden(holder, found[0].address, "pictured")


def _scripted(root: HtmlElement) -> Iterator[Hidden]:
    for element in islice(root.iter("script"), _MAX_SCRIPTS):
        script = element.text or ""
        runs = not element.get("src") and (element.get("type") or "").strip().lower() in _SCRIPTS
        for address in script_addresses(script) if runs else ():
            yield Hidden(_written_to(element, script), address, "script")


def _acting(root: HtmlElement) -> Iterator[Hidden]:
    for element in islice(root.xpath(_ACTING), 10 * _MAX_SCRIPTS):
        href = element.get("href") or ""
        script = element.get("onclick") or element.get("onmouseover") or ""
        script = f"{script};{unquote(href[11:])}" if href[:11].lower() == "javascript:" else script
        for address in script_addresses(script) if script else ():
            yield Hidden(element, address, "script")


def _written_to(element: HtmlElement, script: str) -> HtmlElement:
    """Return the element that a script fills; without a named one, the element that the script stands in."""
    if (named := target(script)) and (
        found := element.getroottree().getroot().get_element_by_id(named, None)
    ) is not None:
        return found
    parent = element.getparent()
    return element if parent is None else parent
