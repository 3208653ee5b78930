"""`scrapy demo`: the whole way once, on invented sites."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from scrapy.exceptions import UsageError

from pipelines.command import CardfileCommand

_SITES = Path(__file__).parents[2] / "fixtures" / "sites"


class Command(CardfileCommand):
    """Serve sites on loopback, crawl them through all stages, merge, and write the provenance report.

    Without --sites, ten invented sites are served. With it, each sub-folder of DIR is a site, named as its host; a
    sources.toml in DIR says how to read them, or each site is read from its front page. Nothing leaves this machine.
    The data stay in the folder `demo` of CARDFILE_HOME (with --sites, `demo-DIR`), whatever DATABASE_URL says. A second
    run finds them there, adds nothing and changes nothing. Remove the folder to start anew.
    """

    summary = "Serve invented sites on this machine, crawl them, merge, and write the report"
    example: ClassVar[str] = """
        scrapy demo
        scrapy demo --sites saved-sites --home trial
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what to serve and where to keep the result."""
        parser.add_argument("--sites", metavar="DIR", type=Path, default=_SITES, help="a folder of sites")
        parser.add_argument("--home", metavar="DIR", type=Path, help="data folder (default: in CARDFILE_HOME)")
        parser.add_argument("--keep", action="store_true", help="go on serving the sites afterwards, until Ctrl-C")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Send the log to a file in the data folder, unless an option says otherwise."""
        super().process_options(args, opts)
        assert self.settings is not None
        bundled = opts.sites.resolve() == _SITES.resolve()
        default = Path(self.settings["CARDFILE_HOME"]) / ("demo" if bundled else f"demo-{opts.sites.resolve().name}")
        opts.home = (opts.home or default).expanduser().resolve()
        if not (opts.logfile or opts.loglevel or opts.nolog):
            self._log_to(opts.home / "demo.log")

    def _log_to(self, file: Path) -> None:
        assert self.settings is not None
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("", "utf-8")
        except OSError as error:
            raise UsageError(
                f"the data folder {file.parent} cannot be written ({error.strerror}); name another: --home DIR",
                print_help=False,
            ) from None
        self.settings.set("LOG_FILE", str(file), priority="cmdline")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Serve, crawl, report; the exit code is that of the worst run that is not a refusal by a site."""
        from pipelines.demo.run import run  # noqa: PLC0415  the base says why
        from pipelines.demo.show import show, watch  # noqa: PLC0415

        assert self.settings is not None
        outcome = run(opts.sites, opts.home, self.settings, lambda sources: watch(sources, quiet=self._quiet))
        if opts.json:
            self.write_json(outcome.as_json())
        else:
            show(outcome, self.console)
        if opts.keep:
            self._go_on_serving(opts.sites)
        return outcome.exit_code

    def _go_on_serving(self, folder: Path) -> None:
        """Serve until Ctrl-C, and say how a browser finds the sites."""
        from threading import Event  # noqa: PLC0415

        from pipelines.demo.server import SiteServer  # noqa: PLC0415
        from pipelines.demo.sites import Sites  # noqa: PLC0415

        sites = Sites.in_folder(folder)
        with SiteServer(sites) as server, suppress(KeyboardInterrupt):
            self.warn(
                f"Serving until Ctrl-C. To look around: chromium --host-resolver-rules='MAP * {server.address}' "
                f"http://{next(iter(sites.hosts))}/"
            )
            Event().wait()
