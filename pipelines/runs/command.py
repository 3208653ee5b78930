"""The base of the commands that start crawls."""

from __future__ import annotations

import argparse

from pipelines.command import CardfileCommand


class CrawlingCommand(CardfileCommand):
    """A command whose log goes to people or to a log shipper."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the form of the log; the crawls that it starts are given the same."""
        parser.add_argument(
            "--log-format", choices=["text", "json"], default="text", help="log lines as text (default) or JSON"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Install the JSON log before anything is logged."""
        super().process_options(args, opts)
        if opts.log_format == "json":
            from pipelines.runs.jsonlog import install  # noqa: PLC0415  the base says why

            assert self.settings is not None
            install(self.settings)
