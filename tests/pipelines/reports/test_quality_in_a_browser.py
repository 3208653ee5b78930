"""The quality report in a browser: it asks nobody for anything, says nothing to the console, and fits a telephone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from crawler.items import Property
from crawler.middlewares import chromium
from pipelines.reports.quality import quality
from pipelines.reports.quality.render import html
from pipelines.review.figures import decisions
from tests.support.reported import EARLY, Seen, store

FOUND = chromium.find(os.environ.get("CARDFILE_CHROMIUM", ""))
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not FOUND, reason="no Chromium on this machine")]

SEEN = [
    Seen({Property.NAME: f"{given} Poe", Property.EMAIL: f"{given.lower()}@one.example"}, source=source)
    for source in ("one", f"two-{'long-' * 12}name")
    for given in ("Ada", "Bea", "Cleo", "Dora", "Edda")
]
NOT_KEPT = [("validate", "invalid", "telephone", "telephone-no-country", "drop", 7)]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("quality") / "quality.html"
    engine = store(f"sqlite:///{file.with_suffix('.db')}", SEEN, NOT_KEPT)
    with engine.connect() as connection:
        file.write_text("".join(html(quality(connection, None, "", EARLY + timedelta(days=60), decisions))), "utf-8")
    engine.dispose()
    return file.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(**chromium.launch_options(FOUND, root=os.geteuid() == 0))
        yield running
        running.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_is_complete_in_itself_and_fits(browser: Browser, report: str, width: int, scheme: str) -> None:
    page = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("request", lambda request: wrong.append(request.url) if request.url != report else None)
    page.goto(report)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("link", name="one", exact=True).first.click()
    expect(page.locator("#s-one h3")).to_be_in_viewport()
    expect(page.locator("#s-one").get_by_role("img")).to_have_accessible_name(
        "Last seen within 30, 90, 180, 365 days, longer ago: 0, 5, 0, 0, 0"
    )
    widths = page.locator("#s-one rect.filled").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert widths
    assert min(widths) > 50
    assert wrong == []
    page.context.close()
