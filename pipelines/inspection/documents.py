"""Which documents to look at, and from file to page."""

from __future__ import annotations

import json
import mimetypes
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from crawler.countries import misnamed
from crawler.lines import sentence
from crawler.page import Kind, Page
from pipelines.errors import DocumentError, UsageError

#: Bytes of a file that are read at most; an annual report with all its pictures stays below.
MAX_FILE = 100_000_000

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}/", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_TYPES = {".vcf": "text/vcard", ".htm": "text/html", ".jsonld": "application/ld+json", ".rss": "application/rss+xml"}


@dataclass(frozen=True)
class Job:
    """One document to look at: a file or an address on the web, and what is known about it."""

    path: str = ""
    url: str = ""
    country: str = ""
    language: str = ""
    publisher: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be meant; raises UsageError."""
        if not self.path and not self.url:
            raise UsageError("A document needs a path or a url.")
        if not self.path and not _WEB.match(self.url):
            raise UsageError(f"{self.url!r} is no address on the web; it begins with http:// or https://.")
        if wrong := misnamed(self.country) if self.country else "":
            raise UsageError(sentence(wrong))
        if self.language and not _LANGUAGE.fullmatch(self.language):
            raise UsageError(f"{self.language!r} is no language; use a BCP 47 tag, as in nl or pt-BR.")

    @property
    def document(self) -> str:
        """What the document is called in the output: the path as it was given, else the address."""
        return self.path or self.url

    @property
    def remote(self) -> bool:
        """Whether the document has to be fetched."""
        return not self.path


def named(target: str, url: str = "", country: str = "", language: str = "", publisher: str = "") -> Job:
    """Return the job for one argument of the command line: an address on the web, or a path."""
    if _WEB.match(target):
        return Job("", target, country, language, publisher)
    return Job(target, url, country, language, publisher)


def batch(file: Path, known: Job | None = None) -> Iterator[Job | UsageError]:
    """Yield the jobs of a JSON Lines file, `{"path" or "url", "country", "language", "publisher"}` a line.

    A relative path counts from the working folder, or where nothing is there, from the folder of the batch file. What a
    line does not state is taken from `known`. A line that cannot be meant gives the error that names it, so that it
    costs only itself. Raises UsageError when the file itself cannot be read.
    """
    kept = ("country", "language", "publisher")
    defaults = {key: str(getattr(known, key)) for key in kept} if known else {}
    text = sys.stdin.read() if str(file) == "-" else _text(file)
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            stated = _stated(json.loads(line))
            job = Job(**defaults | stated)
        except (ValueError, UsageError) as error:
            reason = "it is no JSON" if isinstance(error, json.JSONDecodeError) else str(error).rstrip(".")
            yield UsageError(f"{file}, line {number}: {reason}.")
        except RecursionError:
            yield UsageError(f"{file}, line {number}: it is nested too deeply.")
        else:
            yield job


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not in UTF-8; write the batch anew as JSON Lines.") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}); name a JSON Lines file.") from None


def _stated(line: Any) -> dict[str, str]:
    keys = [one.name for one in fields(Job)]
    if not isinstance(line, dict):
        raise UsageError("a line is a JSON object")
    if unknown := [key for key in line if key not in keys]:
        raise UsageError(f"unknown key {unknown[0]!r}; known are {', '.join(keys)}")
    if wrong := [key for key, value in line.items() if not isinstance(value, str | None)]:
        raise UsageError(f"{wrong[0]} is a text")
    return {key: value for key, value in line.items() if value}


def load(job: Job, beside: Path | None = None) -> Page:
    """Read a file as a page; raises DocumentError with one sentence when it cannot be read or is no document.

    `beside` is the folder in which a relative path is looked for when the working folder does not have it.
    """
    path = Path(job.path)
    if beside is not None and not path.is_absolute() and not path.exists():
        path = beside / path
    if path.is_dir():
        raise DocumentError(f"{job.path} is a folder; name the files in it.")
    try:
        with path.open("rb") as file:
            body = file.read(MAX_FILE + 1)
    except OSError as error:
        hint = f" A page on the web begins with https://, as in https://{job.path}." if _HOST.match(job.path) else ""
        raise DocumentError(f"{job.path} cannot be read ({error.strerror}).{hint}") from None
    if len(body) > MAX_FILE:
        raise DocumentError(f"{job.path} is larger than {MAX_FILE // 1_000_000} MB; split it.")
    suffix = path.suffix.lower()
    media_type = _TYPES.get(suffix) or mimetypes.guess_type(path.name)[0] or ""
    return checked(Page(job.url, body, media_type, "", job.country, job.language, job.publisher), job)


def checked(page: Page, job: Job) -> Page:
    """Return a page that can be read, with the URL that it names for itself when nobody stated one."""
    if page.kind is Kind.EMPTY:
        raise DocumentError(f"{job.document} is empty.")
    if page.kind is Kind.BINARY:
        raise DocumentError(f"{job.document} is an archive, a picture or an office file; give a page, PDF or vCard.")
    if page.url or not _WEB.match(canonical := page.canonical or page.meta.get("og:url", "")):
        return page
    return Page(canonical, page.body, page.media_type, page.charset, page.country, page.language, page.publisher)
