"""The page: all that an extractor may see. No Scrapy, no clock, no network.

A page is somebody else's bytes, so everything here has a bound: how much is read, how many tags are parsed, how many
attributes one tag may have. What lies behind a bound is cut off, never an error.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html

from crawler import encodings

#: Bytes of markup or text that are read. Of 254 real pages measured the longest had 0.29 MB; a directory of ten
#: thousand people, one line each, stays below this.
MAX_TEXT = 4_000_000
#: Tags that are parsed. libxml2 takes about 100 bytes an element; the largest page measured had 9,000.
MAX_TAGS = 300_000
#: Attributes of one tag, and the length from which a tag's attributes are counted at all. libxml2 compares every new
#: attribute with all earlier ones: 100,000 attributes on one element took it two minutes.
MAX_ATTRIBUTES = 300
_LONG_TAG = 1_500

_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+(?:{_ATTRIBUTE})*+")
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)
# What XML, and therefore libxml2, does not allow in a document: most control characters, surrogates, noncharacters.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_XML_ROOT = re.compile(r"<(?:\w+:)?([a-z]+)[\s>/]", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
#: Every element as an `HtmlElement`. lxml.html calls a Python function for each, to tell forms and fields apart, which
#: no extractor asks for.
_PLAIN = etree.ElementDefaultClassLookup(element=lxml_html.HtmlElement)
_END = re.compile(r"</(?:html|body)\s*+>", re.IGNORECASE)
_OPENING = ("<html", "<body", "<HTML", "<BODY")


class Kind(StrEnum):
    """What a document is, by its first bytes and its declared media type."""

    HTML = "html"
    VCARD = "vcard"
    PDF = "pdf"
    JSON = "json"
    FEED = "feed"  # RSS, Atom, JSON Feed
    XML = "xml"
    TEXT = "text"
    BINARY = "binary"  # an archive, an image, an office file: not read here
    EMPTY = "empty"


_BINARY = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"RIFF",
    b"\xd0\xcf\x11\xe0",
    b"\x7fELF",
    b"Rar!",
)
_FEED_ROOTS = frozenset({"rss", "feed", "rdf"})


@dataclass
class Page:
    """One document.

    `body` is the document's bytes, `media_type` its declared type without parameters, `charset` the declared encoding.
    `country` (ISO 3166-1 alpha-2), `language` (BCP 47) and `publisher` (the organisation whose site this is) come from
    the source register and stay empty when nobody stated them.
    """

    url: str
    body: bytes = field(repr=False)
    media_type: str = "text/html"
    charset: str = ""
    country: str = ""
    language: str = ""
    publisher: str = ""

    @cached_property
    def kind(self) -> Kind:
        """What the document is. Its first bytes outrank its media type: servers send PDFs and vCards as anything."""
        start = self.body[:1024].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
        if not start:
            return Kind.EMPTY
        if b"%PDF-" in self.body[:1024]:
            return Kind.PDF
        if start.startswith(_BINARY):
            return Kind.BINARY
        return self._kind_of_text(self.text[:4096].lstrip())

    def _kind_of_text(self, start: str) -> Kind:
        kind = self.media_type.lower()
        if start[:11].upper() == "BEGIN:VCARD":
            return Kind.VCARD
        if start.startswith(("{", "[")) and ("json" in kind or not kind.startswith("text/html")):
            return Kind.FEED if "jsonfeed.org/version" in start else Kind.JSON
        if start.startswith("<"):
            return self._kind_of_markup(start, kind)
        if kind.startswith(("image/", "audio/", "video/", "font/")) or kind in ("application/zip", "application/gzip"):
            return Kind.BINARY
        return Kind.HTML if "html" in kind else Kind.TEXT

    @staticmethod
    def _kind_of_markup(start: str, media_type: str) -> Kind:
        found = _XML_ROOT.search(start)
        element = found[1].lower() if found else ""
        if element in _FEED_ROOTS:
            return Kind.FEED
        if element == "html" or "html" in media_type or start[:9].lower() == "<!doctype":
            return Kind.HTML
        return Kind.XML if start.startswith("<?xml") or "xml" in media_type else Kind.HTML

    @cached_property
    def content_hash(self) -> str:
        """The SHA-256 of the body in hex."""
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def truncated(self) -> bool:
        """Whether a bound cut the text off."""
        return self.kind not in (Kind.PDF, Kind.BINARY) and (
            len(self.body) > MAX_TEXT or len(self._bounded) < len(self.text)
        )

    @cached_property
    def text(self) -> str:
        """The document as text, at most `MAX_TEXT` bytes of it, without characters that no markup may hold."""
        decoded = encodings.decode(self.body[:MAX_TEXT], self.media_type, self.charset, self.language)
        return _NOT_TEXT.sub("", decoded)

    @cached_property
    def lowered(self) -> str:
        """The text in lower case, for looking for marks before a costly reader runs."""
        return self.text.lower()

    @cached_property
    def _marks(self) -> bytes:
        return self.text.encode("utf-8", "replace").lower()

    def shows(self, *marks: str) -> bool:
        """Say whether any of these strings occurs in the document: the cheap question before a reader.

        They are in ASCII and lower case, so that it can be asked of bytes, which takes half the time.
        """
        return any(mark.encode() in self._marks for mark in marks)

    @cached_property
    def _bounded(self) -> str:
        """The text up to the first tag that is one too many, or that has too many attributes."""
        text = self.text
        end = len(text)
        if text.count("<") > MAX_TAGS:
            for nth, bracket in enumerate(re.finditer("<", text), start=1):
                if nth > MAX_TAGS:
                    end = bracket.start()
                    break
        for tag in _TAG.finditer(text, 0, end):
            if tag.end() - tag.start() > _LONG_TAG and len(_ONE_ATTRIBUTE.findall(tag[0])) > MAX_ATTRIBUTES:
                return text[: tag.start()]
        return text[:end]

    @cached_property
    def root(self) -> lxml_html.HtmlElement | None:
        """The parsed HTML tree without comments, or None when the document is no HTML or has no element.

        Plain text becomes one `pre` element, so that a contact list in a text file can be mined like a page. Elements
        that are nested more than 2,048 deep are lost: libxml2 stops there.
        """
        if self.kind not in (Kind.HTML, Kind.TEXT):
            return None
        markup = _continued(self._bounded.strip())
        if self.kind is Kind.TEXT:
            escaped = markup.replace("&", "&amp;").replace("<", "&lt;")
            markup = f"<pre>{escaped}</pre>"
        # huge_tree lifts the nesting limit from 256, which old pages with unclosed tags pass, to 2,048.
        parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
        parser.set_element_class_lookup(_PLAIN)
        try:
            return lxml_html.document_fromstring(markup.encode("utf-8"), parser=parser, ensure_head_body=True)
        except etree.ParserError:
            return None  # nothing but comments and white space

    @cached_property
    def host(self) -> str:
        """The host of the page's URL, lower case, without a port; empty when the URL has none or is malformed."""
        return _host(self.url)

    @cached_property
    def base(self) -> str:
        """The URL that links are relative to: `<base href>` when the page names one, else its own."""
        if self.root is not None and self.shows("<base"):
            for element in self.root.iter("base"):
                if href := element.get("href"):
                    return _join(self.url, href)
        return self.url

    def absolute(self, link: str) -> str:
        """Return a link of this page as an absolute URL; an empty string when it is malformed."""
        return _join(self.base, link)

    @cached_property
    def meta(self) -> dict[str, str]:
        """The first content of each `<meta>`, by its name or property in lower case, white space folded."""
        found: dict[str, str] = {}
        for element in () if self.root is None else self.root.iter("meta"):
            key = element.get("property") or element.get("name") or element.get("http-equiv") or ""
            content = _SPACES.sub(" ", element.get("content") or "").strip()
            if key and content:
                found.setdefault(key.strip().lower(), content)
        return found

    @cached_property
    def site_name(self) -> str:
        """What the site calls itself in its metadata; empty when it does not say."""
        return self.meta.get("og:site_name") or self.meta.get("application-name") or ""

    @cached_property
    def canonical(self) -> str:
        """The canonical URL that the page names for itself, absolute; empty when it names none."""
        for element in () if self.root is None else self.root.iter("link"):
            if "canonical" in (element.get("rel") or "").lower().split() and (href := element.get("href")):
                return self.absolute(href)
        return ""

    @cached_property
    def declared_language(self) -> str:
        """The BCP 47 tag that the document declares for itself, else the one stated by the source, else empty."""
        declared = (self.root.get("lang") or self.root.get("xml:lang") or "") if self.root is not None else ""
        tag = declared or self.meta.get("content-language", "") or self.meta.get("og:locale", "") or self.language
        tag = tag.split(",")[0].strip().replace("_", "-")
        return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", tag) else self.language

    @cached_property
    def read_in(self) -> str:
        """The BCP 47 tag that the page is read in: the source's word, else the document's own, else empty.

        The source's word leads because somebody has looked at the site; templates often keep the language they came in.
        """
        return self.language or self.declared_language


def _continued(markup: str) -> str:
    """Return markup in which nothing stands behind the end of the document.

    Templates that close the page too early and scripts behind it are common. Browsers read on, as the HTML standard
    says ("after after body"); libxml2 drops what follows.
    """
    for tag in _OPENING:
        # One that closes itself at once: browsers ignore the slash, libxml2 drops all that follows.
        at = markup.find(">", start) if (start := markup.find(tag)) >= 0 else -1
        if at > 0 and markup[at - 1] == "/":
            markup = f"{markup[: at - 1]}{markup[at:]}"
    end = _END.search(markup)
    if end is None or not _END.sub("", markup[end.end() :]).strip():
        return markup
    return _END.sub("", markup)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _join(base: str, link: str) -> str:
    try:
        return urljoin(base, _SPACES.sub("%20", link.strip()))
    except ValueError:
        return ""
