"""What the fuzzers throw at extraction, and what must hold whatever they throw.

    python -m tests.support.fuzzing TARGET [libFuzzer options] CORPUS

runs atheris, which mutates the corpus and keeps what reaches new code; it ends the program itself, with a code other
than 0 for the first document on which a rule does not hold, and writes that document beside `-artifact_prefix`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

#: What each target reads: media type, and how its documents begin, so that mutation need not discover it.
TARGETS: dict[str, tuple[str, bytes]] = {
    "html": ("text/html", b"<!doctype html>"),
    "json-ld": ("text/html", b'<script type="application/ld+json">'),
    "json": ("application/json", b'{"@context": '),
    "script": ("text/html", b"<p>mailto onclick<script>"),
    "vcard": ("text/vcard", b"BEGIN:VCARD\n"),
    "feed": ("application/rss+xml", b"<rss><channel><item>"),
    "text": ("text/plain", b""),
    "pdf": ("application/pdf", b"%PDF-1.7\n"),
}
#: Documents to begin with, of one person and firm that do not exist.
SEEDS: dict[str, list[bytes]] = {
    "html": [
        b"<ul><li><h3>Bronwen Achterberg</h3><p>Managing Director<br>Firma BV<a href='mailto:b@firma.example'>@</a>",
        b"<table><tr><th>Name<th>Role<tr><td>Achterberg, Bronwen<td>Chair<td>+44 20 7946 0018</table>",
        b"<div class='h-card'><a class='p-name u-url' href='/b'>Bronwen Achterberg</a><i class='p-job-title'>Chair</i>",
        b"<div itemscope itemtype='https://schema.org/Person'><b itemprop=name>Bronwen Achterberg</b></div>",
        b"<p>\xe2\x80\x9cGood,\xe2\x80\x9d said Bronwen Achterberg, CFO of Firma BV. b (at) firma (dot) example</p>",
        b"<a data-cfemail='543931142c7a373b39'>x</a><span data-user=b data-domain=firma.example></span><bdo dir=rtl>a",
    ],
    "json-ld": [
        (
            b'{"@graph":[{"@type":"Person","name":"Bronwen Achterberg","jobTitle":"Chair","worksFor":{"@id":"#f"}},'
            b'{"@id":"#f","@type":"Organization","name":"Firma BV"}]}</script>'
        ),
        b'{"@type":["Person"],"name":"B A",/* x */"email":"mailto:b@firma.example",}</script>',
    ],
    "json": [b'"https://schema.org","@type":"Person","name":"Bronwen Achterberg","telephone":"+442079460018"}'],
    "script": [b"var a='b'+'@'+'firma.example';document.write('<a href=\"mailto:'+a+'\">')</script>"],
    "vcard": [
        (
            b"VERSION:3.0\nFN:Bronwen Achterberg\nN:Achterberg;Bronwen;;Dr.;\nORG:Firma BV\nTEL;TYPE=work:+442079460018"
            b"\nitem1.EMAIL:b@firma.example\nitem1.X-ABLabel:_$!<Work>!$_\nADR:;;1 Road;Town;;1;NL\nEND:VCARD\n"
        ),
        b"VERSION:2.1\nN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=C3=9F;=\n X\nTEL;HOME:1\nEND:VCARD\n",
    ],
    "feed": [
        b"<title>x</title><author>b@firma.example (Bronwen Achterberg)</author></item></channel></rss>",
        b"<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>Bronwen Achterberg</dc:creator></item>",
    ],
    "text": [b"Bronwen Achterberg\nChair, Firma BV\nTel. 020 7946 0018\n", "会長 山田太郎（ヤマダ タロウ）".encode()],
    "pdf": [b"1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj 2 0 obj << /Kids [] /Count 0 >> endobj trailer <<>>"],
}


class RuleBroken(AssertionError):
    """Something that must hold for any document did not."""


def check(body: bytes, media_type: str) -> int:
    """Read a document and check what was read; returns the number of mentions, raises RuleBroken."""
    from crawler import extraction
    from crawler.errors import DocumentError
    from crawler.items import SCHEMA, Disposal
    from crawler.page import Page

    disposals: list[Disposal] = []
    page = Page("https://firma.example/team", body, media_type, country="NL", language="en")
    try:
        found = extraction.mentions(page, disposals=disposals)
    except DocumentError:
        return 0
    if failed := [one for one in disposals if one.category == "error"]:
        raise RuleBroken(f"{failed[0].location} failed with {failed[0].rule}")
    for mention in found:
        if not mention.values or not set(mention.values) <= SCHEMA[mention.type]:
            raise RuleBroken(f"a mention with the properties {sorted(mention.values)}")
        for prop, value in mention:
            if not value.text.strip() or not 0 < value.confidence <= 1:
                raise RuleBroken(f"{prop} of confidence {value.confidence} and {len(value.text)} characters")
    return len(found)


def _in_this_process() -> None:
    """Let PDFs be read here, where coverage is seen, and not in the process that is there to be killed."""
    from crawler.extraction import document, pdf

    setattr(document, "pages", pdf.pages)  # noqa: B010  mypy would ask why it is no list


def main() -> None:
    """Fuzz one target until an option of libFuzzer says to stop."""
    import atheris

    target = sys.argv.pop(1)
    media_type, opening = TARGETS[target]
    with atheris.instrument_imports(include=["crawler"]):
        import crawler.extraction.document
        import crawler.extraction.feeds
        import crawler.extraction.microformats
        import crawler.extraction.structured
        import crawler.extraction.vcard  # noqa: F401
    _in_this_process()

    def one(body: bytes) -> None:
        check(opening + body, media_type)

    fuzzed: Callable[[bytes], None] = one
    atheris.Setup(sys.argv, fuzzed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
