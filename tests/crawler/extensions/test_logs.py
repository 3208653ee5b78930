"""No log line shows where on a site somebody stands, whichever handler writes it."""

from __future__ import annotations

from pathlib import Path

from tests.support.planned import Planned
from tests.support.web import Answer, Web


def test_the_handler_that_scrapy_installs_is_cleaned_too(web: Web, tmp_path: Path) -> None:
    """In a process of its own: any other handler with the filter would clean the record for all of them."""
    planned = Planned(web, tmp_path)
    planned.register("alpha")
    web.pages["alpha.example/team"] = Answer(reset=True)
    log = planned.run("crawl", "company_site", "-a", "source=alpha", "--loglevel", "INFO").err
    assert "http://alpha.example/…" in log
    assert "/team" not in log
