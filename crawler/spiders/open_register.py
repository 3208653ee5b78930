"""An open register: answers of a documented interface, or files, that a declared mapping makes mentions of."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.errors import DocumentError, SourceError
from crawler.extensions import Tally, find
from crawler.items import Disposal, Mention, Method
from crawler.links import Link
from crawler.navigation.paging import following
from crawler.page import Page
from crawler.registers import declaration
from crawler.registers.mapping import Mapping
from crawler.registers.markup import as_json, is_xml
from crawler.registers.records import Format, Record, Rejected, format_of, records
from crawler.spider import ContactSpider, Output

_UNREAD = Disposal("extraction", "unreadable", Method.IMPORT.value, "record")
_UNKNOWN = Disposal("extraction", "unknown-property", Method.IMPORT.value, "closed-schema")
_BY_TYPE = {"csv": Format.CSV, "ndjson": Format.JSON_LINES, "json": Format.JSON, "yaml": Format.YAML}


class OpenRegisterSpider(ContactSpider):
    """Reads an open register answer by answer: JSON, CSV, YAML, XLSX, XML; `mapping` says what its columns mean.

    A register is kept so that others can look things up in it, and its interface is documented so that programs do.
    What the mapping does not name is dropped and counted.
    """

    name = "open_register"
    kinds = frozenset({"register"})
    mapping: Mapping

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Read the mapping before anything is asked for; raises SourceError where there is none."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        if not spider.source.mapping:
            raise SourceError(f'Source {spider.source.id!r} needs a mapping file: mapping = "columns.toml".')
        spider.mapping = declaration.load(spider.source.mapping)
        return spider

    def mentions(self, page: Page, response: Response) -> Iterator[Mention]:
        """Yield the mentions of one answer; raises DocumentError when it is in none of the formats."""
        disposals: list[Disposal] = []

        def rejected(*_: str) -> None:
            disposals.append(_UNREAD)

        capture = self.capture(page, response)
        for record in self._records(page, rejected):
            disposals += [_UNKNOWN] * self.mapping.unknown(record)
            for mention in self.mapping.mentions(record, rejected):
                mention.capture = capture
                mention.country = mention.country or self.source.country
                yield mention
        if disposals and (tally := find(self.crawler, Tally)):
            tally.tally(page.host, disposals)

    def parse(self, response: Response) -> Iterator[Output]:
        """Yield the mentions of an answer, and the request for the following one; counting ends with the records."""
        found = list(super().parse(response))
        yield from found
        try:
            body = as_json(response.body) if is_xml(response.body) else response.body
        except DocumentError:
            return  # said and counted above
        headers = [header.decode("latin-1") for header in response.headers.getlist("Link")]
        url = following(self.source.paging, response.url, body, headers)
        if url and (found or not self.source.paging.parameter):
            request = self.request(Link(url, 0, turns=True))
            request.meta["depth_reset"] = True
            yield request

    def _records(self, page: Page, rejected: Rejected) -> Iterator[Record]:
        layout, body = self.mapping.layout, page.body
        by_type = next((form for word, form in _BY_TYPE.items() if word in page.media_type), None)
        form = self.mapping.format or format_of(page.url.partition("?")[0]) or by_type
        if is_xml(body):
            body, form = as_json(body, layout.path), Format.JSON
        if form is None:
            raise DocumentError("the answer is in no known format; write `format` into the mapping file")
        yield from records(io.BytesIO(body), form, layout, rejected)
