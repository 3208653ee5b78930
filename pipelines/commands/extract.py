"""`scrapy extract`: what a document says, how each value was read, and what would not be kept."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pipelines.command import CardfileCommand
from pipelines.errors import CardfileError, UsageError

if TYPE_CHECKING:
    from crawler.page import Page
    from pipelines.inspection.documents import Job


class Command(CardfileCommand):
    """Print the people and organisations of documents: pages, PDFs, vCards, feeds; files or addresses on the web.

    The values are validated and minimised as in a crawl, and nothing is stored. A private contact (a free-mail address,
    a number called private) is shown and marked, because it shows that the page was read rightly; a crawl would not
    store it. What says more about a person than that is not shown at all. A document that cannot be read, or a line of
    a batch that names none, is told in one sentence and the others are read; the exit code is then 1, 2 when only lines
    of the batch were wrong, or 4 when only sites refused.
    """

    summary = "Print what a document says about people and organisations, and how it was read"
    arguments = "PATH…|URL… [options]"
    example: ClassVar[str] = """
        scrapy extract team.html --url https://www.example.nl/team --country NL
        scrapy extract https://www.example.nl/team
        scrapy extract --batch jobs.jsonl --json > mentions.jsonl
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the documents and what is known about them."""
        parser.add_argument("targets", metavar="PATH|URL", nargs="*", help="files, or addresses to be fetched")
        parser.add_argument("--url", default="", help="where the file was found: its links are relative to it")
        parser.add_argument("--country", metavar="CC", default="", help="where telephone numbers are dialled (NL)")
        parser.add_argument("--language", metavar="L", default="", help="the language of the document (nl)")
        parser.add_argument("--publisher", metavar="NAME", default="", help="the organisation whose site it is")
        parser.add_argument(
            "--batch", metavar="JOBS", type=Path, help='JSON Lines, {"path" or "url", "country", …} a line; - for stdin'
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Log errors only, unless an option asks for more: each document's fate is told in a sentence."""
        super().process_options(args, opts)
        assert self.settings is not None
        if not opts.loglevel:
            self.settings.set("LOG_LEVEL", "ERROR", priority="cmdline")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Read each document and print it; the exit code tells whether all could be read."""
        from pipelines.inspection.reading import as_json, read  # noqa: PLC0415  the base says why

        jobs, codes = self._jobs(opts)
        for job, page in self._pages(jobs, opts):
            try:
                if isinstance(page, CardfileError):
                    raise page
                reading = read(page, job.document)
            except CardfileError as error:
                self.warn(_told(error, job))
                codes.add(error.exit_code)
                continue
            if opts.json:
                for found in reading.found:
                    self.write_json(as_json(found, job.document))
            else:
                from pipelines.inspection.show import show  # noqa: PLC0415

                show(reading, self.console)
        return codes.pop() if len(codes) == 1 else int(bool(codes))

    def _jobs(self, opts: argparse.Namespace) -> tuple[list[Job], set[int]]:
        """Return the documents to read, and the exit codes of the lines of a batch that name none."""
        from pipelines.inspection.documents import Job, batch, named  # noqa: PLC0415

        known = (opts.country, opts.language, opts.publisher)
        jobs = [named(target, opts.url, *known) for target in opts.targets]
        codes: set[int] = set()
        for job in batch(opts.batch, Job("-", "", *known)) if opts.batch else ():
            if isinstance(job, UsageError):
                self.warn(str(job))
                codes.add(job.exit_code)
            else:
                jobs.append(job)
        if not opts.targets and not opts.batch:
            raise UsageError("name a file or an address, or give --batch")
        return jobs, codes

    def _pages(self, jobs: list[Job], opts: argparse.Namespace) -> Iterator[tuple[Job, Page | CardfileError]]:
        """Yield each document as a page, or as the error that says why it is none; the ones on the web come first."""
        from pipelines.inspection.documents import checked, load  # noqa: PLC0415

        beside = opts.batch.parent if opts.batch else None
        for job, outcome in self._fetched([job for job in jobs if job.remote]):
            try:
                yield job, outcome if isinstance(outcome, CardfileError) else checked(outcome, job)
            except CardfileError as error:
                yield job, error
        local = [job for job in jobs if not job.remote]
        for job in self.progress(local, "Reading") if len(local) > 1 else local:
            try:
                yield job, load(job, beside)
            except CardfileError as error:
                yield job, error

    def _fetched(self, jobs: list[Job]) -> Iterator[tuple[Job, Page | CardfileError]]:
        if jobs:
            from pipelines.inspection.fetch import fetch  # noqa: PLC0415

            assert self.settings is not None
            with self.status("Fetching"):
                outcomes = fetch(jobs, self.settings)
            yield from outcomes.items()


def _told(error: CardfileError, job: Job) -> str:
    """Return an error as a sentence that names its document."""
    return str(error) if job.document in str(error) else f"{job.document}: {error}"
