"""The other side of `pdf_process`: reads PDFs that come in on standard input, one after another.

    python -m crawler.extraction.pdf_child SECONDS MEGABYTES

A frame is a length of eight bytes, big-endian, and as many bytes. A document is one frame; the answer is a frame of
JSON for each of its pages, one for its end, and an empty frame. PDFium is written in C++ and reads what strangers
wrote: it works in here, with the processor time of a document and the memory of the process bounded by the system.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

from crawler.errors import UNFORESEEN, DocumentError
from crawler.extraction.pdf import pages
from crawler.items import Disposal
from crawler.page import Page


def answers(body: bytes) -> Iterator[dict[str, Any]]:
    """Yield the pages of one document as JSON objects, then what was not read, or why nothing was."""
    disposals: list[Disposal] = []
    try:
        for page in pages(Page("", body, "application/pdf"), disposals):
            yield {"page": asdict(page)}
    except DocumentError as error:
        yield {"error": str(error), "reason": error.reason}
    except (*UNFORESEEN, OSError, MemoryError) as error:
        yield {"error": f"The PDF could not be read ({type(error).__name__})."}
    yield {"rules": [(disposal.category, disposal.rule) for disposal in disposals]}


def _bound(seconds: int, megabytes: int) -> None:
    """Give the next document its processor time; the system ends this process when it is spent."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)
    _lower(resource.RLIMIT_AS, megabytes * 1_000_000)


def _lower(limit: int, wanted: int) -> None:
    """Set a soft limit, within what the operator of the machine allows anyway."""
    _, hardest = resource.getrlimit(limit)
    resource.setrlimit(limit, (wanted if hardest == resource.RLIM_INFINITY else min(wanted, hardest), hardest))


def serve(source: BinaryIO, sink: BinaryIO, seconds: int, megabytes: int) -> None:
    """Answer documents until the other side closes its end."""
    while len(size := source.read(8)) == 8:
        body = source.read(int.from_bytes(size))
        _bound(seconds, megabytes)
        for answer in answers(body):
            frame = json.dumps(answer, separators=(",", ":")).encode()
            sink.write(len(frame).to_bytes(8) + frame)
        sink.write(bytes(8))
        sink.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, int(sys.argv[1]), int(sys.argv[2]))
