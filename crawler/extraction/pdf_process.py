"""PDF documents, read by a process of its own that is ended when a document takes too much time or memory.

The process is started with the first PDF and reused, because starting it takes a third of a second and asking it a
millisecond. It ends with this one: it reads from a pipe whose other end closes. A document that it dies on is refused
as a whole, so that what is read does not depend on how far a slow machine came.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from crawler.errors import DocumentError
from crawler.extraction.pdf import MAX_BYTES, TextLine, TextPage
from crawler.items import Disposal, Method
from crawler.page import Page

#: Bounds of one document: seconds of processor time, and of the clock for a process that waits for ever; a report of
#: 240 pages takes three. Megabytes are of address space, of which a process maps 150 before it reads anything.
CPU_SECONDS, SECONDS, MEGABYTES = 20, 60, 1_000
#: Documents after which the process is replaced, so that what PDFium leaks does not add up.
_MOST = 200
#: Bytes of an answer; two million characters in lines of a dozen stay below.
_MAX_ANSWER = 100_000_000
_ROOT = Path(__file__).parents[2]


class _Gone(Exception):
    """The process ended in the middle of a document."""


class Reader:
    """A process that reads PDFs, started when it is first asked and again when it has ended."""

    def __init__(self, cpu_seconds: int = CPU_SECONDS, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> None:
        self._bounds = (str(cpu_seconds), str(megabytes))
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._asked = 0
        self._lock = Lock()

    def read(self, body: bytes) -> list[dict[str, Any]]:
        """Return the child's answers for one document; raises DocumentError when it had to be ended."""
        with self._lock:
            process = self._started()
            # The clock runs beside and not in here; a process that has ended is not there to be killed.
            alarm = Timer(self._seconds, process.kill)
            alarm.daemon = True
            alarm.start()
            try:
                return list(_asked(process, body))
            except (_Gone, OSError):
                self._end()
                raise DocumentError(
                    "The PDF takes more time or memory to read than one document may; give a simpler edition of it.",
                    reason="pdf-too-costly",
                ) from None
            finally:
                alarm.cancel()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # a fork: the process belongs to the parent, and so does what it is asked
            self._process = None
        self._asked += 1
        if self._process is not None and (self._process.poll() is not None or self._asked > _MOST):
            self._end()
        if self._process is None:
            path = os.pathsep.join(part for part in (str(_ROOT), os.environ.get("PYTHONPATH", "")) if part)
            command = [sys.executable, "-m", "crawler.extraction.pdf_child", *self._bounds]
            self._process = subprocess.Popen(  # noqa: S603  this interpreter and a module of ours
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": path},
                start_new_session=True,  # an interrupt at the terminal is ours to handle
            )
            self._owner, self._asked = os.getpid(), 1
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # what it was still to be told; it is gone
        process.wait()


def _asked(process: subprocess.Popen[bytes], body: bytes) -> Iterator[dict[str, Any]]:
    assert process.stdin is not None
    process.stdin.write(len(body).to_bytes(8))
    process.stdin.write(body)
    process.stdin.flush()
    left = _MAX_ANSWER
    while size := int.from_bytes(_exactly(process, 8)):
        left -= size
        if left < 0:
            raise _Gone
        answer: dict[str, Any] = json.loads(_exactly(process, size))
        yield answer


def _exactly(process: subprocess.Popen[bytes], size: int) -> bytes:
    assert process.stdout is not None
    found = process.stdout.read(size)
    if len(found) < size:
        raise _Gone
    return found


@cache
def _reader() -> Reader:
    reader = Reader()
    atexit.register(reader.close)
    return reader


def pages(page: Page, disposals: list[Disposal], reader: Reader | None = None) -> list[TextPage]:
    """Return the pages of a PDF that have text, in order.

    Raises DocumentError when it is encrypted, damaged, too large, or takes more time or memory than one document may.
    What lies beyond a bound is counted in `disposals`.
    """
    if len(page.body) > MAX_BYTES:
        raise DocumentError(
            f"The PDF is larger than {MAX_BYTES // 1_000_000} MB; give a smaller edition of it.", reason="pdf-too-large"
        )
    found: list[TextPage] = []
    for answer in (reader or _reader()).read(page.body):
        if "error" in answer:
            raise DocumentError(str(answer["error"]), reason=str(answer.get("reason", "unreadable")))
        disposals += [Disposal("extraction", category, Method.PDF, rule) for category, rule in answer.get("rules", ())]
        if "page" in answer:
            found.append(_page(answer["page"]))
    return found


def _page(read: dict[str, Any]) -> TextPage:
    lines = [TextLine(**line | {"block": tuple(line["block"])}) for line in read.pop("lines")]
    return TextPage(**read, lines=lines)
