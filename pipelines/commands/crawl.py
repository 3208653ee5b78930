"""`scrapy crawl`: stock Scrapy, with our exit codes and one sentence instead of a traceback."""

from __future__ import annotations

import argparse
from difflib import get_close_matches
from typing import Any, ClassVar

from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import UsageError as ScrapyUsageError

from pipelines.command import CardfileCommand
from pipelines.errors import CardfileError, StoreError, UsageError


class Command(CardfileCommand, BaseRunSpiderCommand):
    """Crawl one registered source and bring the master table up to date.

    `-O FILE` also writes what this run read; a page that has not changed since the last run is not read again.

    Exit codes: 0 done, 1 failed or interrupted, 2 wrong usage, 3 found fewer or more people than the source expects,
    4 refused by the site, the source register or the law.
    """

    requires_crawler_process = True
    summary = "Crawl one registered source into the master table"
    arguments = "SPIDER -a source=ID [options]"
    example: ClassVar[str] = """
        scrapy crawl company_site -a source=example-nv
        scrapy crawl company_site -a source=example-nv -O mentions.jsonl
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the spider's name."""
        parser.add_argument("spider", metavar="SPIDER", help="the spider's name, see `scrapy list`")
        parser.add_argument(
            "--log-format", choices=["text", "json"], default="text", help="log lines as text (default) or JSON"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Reject a setting that nobody reads: a misspelt safety switch must not pass for a set one."""
        assert self.settings is not None
        for name in (pair.partition("=")[0] for pair in opts.set):
            if name not in self.settings:
                near = get_close_matches(name, list(self.settings), n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ScrapyUsageError(f"unknown setting {name}{hint}", print_help=False)
        super().process_options(args, opts)
        if opts.log_format == "json":
            from pipelines.runs.jsonlog import install  # noqa: PLC0415  the base says why

            install(self.settings)

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Crawl and return the exit code of the run's outcome."""
        assert isinstance(self.crawler_process, AsyncCrawlerProcess)
        try:
            crawler = self._create_crawler(opts.spider)
        except KeyError:
            near = get_close_matches(opts.spider, self.crawler_process.spider_loader.list(), n=1)
            hint = f"; did you mean {near[0]}?" if near else "; `scrapy list` names them"
            raise UsageError(f"There is no spider {opts.spider!r}{hint}") from None
        try:
            counts = crawl(self.crawler_process, crawler, **opts.spargs)
        except CardfileError as error:
            self._tell(opts, "refused" if error.exit_code == 4 else "failed", error)
            raise
        self._tell(opts, counts.get("outcome", ""))
        if opts.json:
            self.write_json(counts)
        return exit_code(crawler)

    def _tell(self, opts: argparse.Namespace, outcome: str, error: CardfileError | None = None) -> None:
        """Tell the operator how the source fared, unless a plan started this crawl: that tells of all at once."""
        from pipelines.master.database import database_url  # noqa: PLC0415
        from pipelines.runs.alerts import tell_of  # noqa: PLC0415  the base says why
        from pipelines.runs.lease import LeaseHeld  # noqa: PLC0415

        assert self.settings is not None
        source, configured = opts.spargs.get("source"), self.settings["CARDFILE_ALERTS"]
        planned = self.settings.getbool("CARDFILE_STOPS_WITH_STDIN")
        if not (source and outcome and configured) or planned or isinstance(error, LeaseHeld | StoreError):
            return
        url = database_url(self.settings["CARDFILE_DATABASE_URL"], self.settings["CARDFILE_HOME"])
        for sentence in tell_of(url, configured, source, outcome, str(error or "")).troubles:
            self.warn(sentence)


def crawl(process: AsyncCrawlerProcess, crawler: Crawler, **arguments: Any) -> dict[str, Any]:
    """Run one crawl in a fresh process and return its value-free totals; raises what kept it from starting."""
    task = process.crawl(crawler, **arguments)
    process.start()
    # A signal at the very start stops the reactor before the crawl has come to an end of any kind.
    if task.done() and not task.cancelled() and (error := task.exception()):
        raise error
    return summary(crawler)


def summary(crawler: Crawler) -> dict[str, Any]:
    """Return the statistics of a crawl that are ours, by their short names."""
    stats = _stats(crawler)
    return {key.removeprefix("cardfile/"): value for key, value in sorted(stats.items()) if key.startswith("cardfile/")}


def exit_code(crawler: Crawler) -> int:
    """Return the exit code of a finished crawl; a run that never got an outcome has failed."""
    from crawler.extensions.ledger import EXIT_CODES, OUTCOME  # noqa: PLC0415  needed after a crawl only

    return EXIT_CODES.get(_stats(crawler).get(OUTCOME, ""), 1)


def _stats(crawler: Crawler) -> dict[str, Any]:
    try:
        return crawler.stats.get_stats() if crawler.stats else {}
    except RuntimeError:  # Scrapy has none before the crawl has started, as when it was interrupted at once
        return {}
