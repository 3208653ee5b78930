"""The page: all that an extractor may see. No Scrapy, no clock, no network."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from lxml import html as lxml_html
from w3lib.encoding import html_to_unicode


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
    def text(self) -> str:
        """The document as text, decoded as a browser would."""
        header = f"{self.media_type}; charset={self.charset}" if self.charset else None
        return html_to_unicode(header, self.body)[1]

    @cached_property
    def root(self) -> lxml_html.HtmlElement | None:
        """The parsed HTML tree, or None when the document has no element."""
        text = self.text.replace("\x00", "").strip()
        if not text:
            return None
        parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, huge_tree=False)
        return lxml_html.document_fromstring(text.encode("utf-8"), parser=parser, ensure_head_body=True)

    @cached_property
    def host(self) -> str:
        """The host of the page's URL, lower case, without a port."""
        return (urlsplit(self.url).hostname or "").lower()

    def absolute(self, link: str) -> str:
        """Return a link of this page as an absolute URL."""
        return urljoin(self.url, link.strip())
