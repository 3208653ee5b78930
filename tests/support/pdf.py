"""PDF documents for tests, written byte by byte."""

from __future__ import annotations

import zlib

Placed = tuple[float, float, str]


def shown(lines: list[Placed], font: str = "F1", size: int = 10) -> bytes:
    """Return a content stream with texts at places, in points from the left and top edge of an A4 page."""
    operations = [f"BT /{font} {size} Tf {x} {842 - y} Td ({text}) Tj ET" for x, y, text in lines]
    return "\n".join(operations).encode("latin-1")


def build(*contents: bytes, trailer: bytes = b"", annotation: bytes = b"", packed: bool = False) -> bytes:
    """Return a PDF with one page for each content stream."""
    count = len(contents)
    kids = b" ".join(b"%d 0 R" % (4 + 2 * number) for number in range(count))
    fonts = b" ".join(
        b"/F%d << /Type /Font /Subtype /Type1 /BaseFont /%s >>" % font
        for font in ((1, b"Helvetica"), (2, b"Helvetica-Bold"))
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % count,
        b"<< /Font << " + fonts + b" >> >>",
    ]
    for number, content in enumerate(contents):
        body = zlib.compress(content) if packed else content
        filtered = b" /Filter /FlateDecode" if packed else b""
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources 3 0 R /Contents %d 0 R" % (5 + 2 * number)
            + (b" /Annots [" + annotation + b"]" if annotation else b"")
            + b" >>"
        )
        objects.append(b"<< /Length %d%s >>\nstream\n" % (len(body), filtered) + body + b"\nendstream")
    written, places = bytearray(b"%PDF-1.7\n"), []
    for number, one in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n" % number + one + b"\nendobj\n"
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
    return bytes(written + b"startxref\n%d\n%%%%EOF\n" % table)
