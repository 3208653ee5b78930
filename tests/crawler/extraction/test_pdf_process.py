"""The process that reads PDFs: it gives what reading here would give, and nothing that it reads can hold a crawl up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict

import pytest

from crawler.errors import DocumentError
from crawler.extraction import pdf, pdf_process
from crawler.extraction.pdf_process import Reader
from crawler.items import Disposal
from crawler.page import Page
from tests.support.pdf import build, shown

PLAIN = build(shown([(50, 60, "Bronwen Achterberg"), (50, 80, "Chief Clerk")]), shown([(50, 60, "Appendix")]))


def page(body: bytes) -> Page:
    return Page("https://firma.example/report.pdf", body, "application/pdf")


def forms(depth: int) -> bytes:
    """A page whose only drawing draws another twice, which draws another twice, and so on."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /XObject << /X 5 0 R >> >> >>"
        ),
        b"<< /Length 5 >>\nstream\n/X Do\nendstream",
    ]
    for number in range(depth):
        more = b" /Resources << /XObject << /X %d 0 R >> >>" % (6 + number) if number < depth - 1 else b""
        draw = b"/X Do /X Do" if more else b"0 0 m 1 1 l S "
        objects.append(
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length %d%s >>\nstream\n%s\nendstream"
            % (len(draw), more, draw)
        )
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % pair for pair in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + body + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


def packed(megabytes: int) -> bytes:
    """A page of a few kilobytes that unpacks to many megabytes of drawing."""
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(b"0 0 m 9 9 l S\n" * 75_000) for _ in range(megabytes)) + packer.flush()
    page_of = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page_of,
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(content) + content + b"\nendstream",
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % pair for pair in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + body + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with closing(Reader(cpu_seconds=1, seconds=30)) as one:
        yield one


def test_it_reads_what_reading_here_reads(reader: Reader) -> None:
    here = [asdict(one) for one in pdf.pages(page(PLAIN))]
    assert [asdict(one) for one in pdf_process.pages(page(PLAIN), [], reader)] == here
    assert [one["number"] for one in here] == [1, 2]


def test_bounds_are_counted_here_too(reader: Reader) -> None:
    disposals: list[Disposal] = []
    many = build(*(shown([(50, 60, f"Page {number}")]) for number in range(300)))
    assert len(pdf_process.pages(page(many), disposals, reader)) == pdf.FIRST_PAGES + pdf.LAST_PAGES
    assert [(one.category, one.rule) for one in disposals] == [("too-large", "pdf-pages")]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"%PDF-1.7\nnothing", "pdf-damaged"),
        (PLAIN[: len(PLAIN) // 4], "pdf-damaged"),
        (PLAIN.replace(b"/Root 1 0 R ", b"/Root 1 0 R /Encrypt << /Filter /Standard /V 9 >> "), "pdf-encrypted"),
        (b"%PDF-1.7\n" + bytes(pdf.MAX_BYTES), "pdf-too-large"),
        (forms(28), "pdf-too-costly"),
    ],
    ids=["no-pdf", "cut-off", "encrypted", "large", "drawings-of-drawings"],
)
def test_what_cannot_be_read_is_refused_with_a_reason_and_the_next_is_read(
    reader: Reader, body: bytes, reason: str
) -> None:
    before = time.monotonic()
    with pytest.raises(DocumentError) as refused:
        pdf_process.pages(page(body), [], reader)
    assert refused.value.reason == reason
    assert time.monotonic() - before < 25
    assert len(pdf_process.pages(page(PLAIN), [], reader)) == 2


def test_too_much_memory_ends_the_process_and_not_the_crawl() -> None:
    with closing(Reader(cpu_seconds=20, megabytes=400)) as small:
        with pytest.raises(DocumentError) as refused:
            pdf_process.pages(page(packed(300)), [], small)
        assert refused.value.reason == "pdf-too-costly"
        assert len(pdf_process.pages(page(PLAIN), [], small)) == 2


def test_a_process_that_only_waits_is_ended_by_the_clock() -> None:
    with closing(Reader(seconds=0.5)) as slow:
        process = slow._started()
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(DocumentError, match="more time or memory"):
            slow.read(PLAIN)
        assert process.poll() == -signal.SIGKILL


def test_a_process_that_was_killed_is_replaced(reader: Reader) -> None:
    process = reader._started()
    process.kill()
    process.wait()
    assert len(pdf_process.pages(page(PLAIN), [], reader)) == 2


def test_a_process_is_replaced_after_many_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_process, "_MOST", 2)
    with closing(Reader()) as one:
        seen = set()
        for _ in range(5):
            one.read(PLAIN)
            assert one._process is not None
            seen.add(one._process.pid)
        assert len(seen) == 3


def test_nothing_is_left_behind() -> None:
    one = Reader()
    one.read(PLAIN)
    process = one._process
    assert process is not None
    one.close()
    assert process.returncode == -signal.SIGKILL
    one.close()


def test_it_ends_with_the_program_however_that_ends() -> None:
    script = (
        "import os\nfrom crawler.extraction.pdf_process import Reader\n"
        "one = Reader()\nprint(one._started().pid, flush=True)\nos.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == -9
    child = int(ended.stdout)
    before = time.monotonic()
    while _lives(child) and time.monotonic() - before < 20:
        os.sched_yield()
    assert not _lives(child)


def _lives(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as state:  # noqa: PTH123
            return state.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
