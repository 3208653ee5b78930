"""The report as a person uses it: in a browser, offline."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from crawler.items import Property
from crawler.middlewares import chromium
from pipelines.reports.output import write_report
from pipelines.reports.overview import Scope
from tests.support.reported import Seen, store

FOUND = chromium.find(os.environ.get("CARDFILE_CHROMIUM", ""))
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not FOUND, reason="no Chromium on this machine")]

JANE = {Property.NAME: "Jané Roe", Property.EMAIL: "jane.roe@one.example"}
SEEN = [
    Seen({**JANE, Property.JOB_TITLE: "Buyer"}),
    Seen({**JANE, Property.JOB_TITLE: "Head of Buying"}, source="two", url=f"http://two.example/{'long-' * 40}path"),
    Seen({Property.NAME: "John Doe", Property.JOB_TITLE: "Welder"}),
    Seen({Property.NAME: "Ann Other", Property.JOB_TITLE: "Clerk"}, source="two", url="http://two.example/team"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("report")
    engine = store(f"sqlite:///{folder / 'store.db'}", SEEN)
    write_report(engine, "html", Scope(), folder / "report.html")
    engine.dispose()
    return (folder / "report.html").as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(**chromium.launch_options(FOUND, root=os.geteuid() == 0))
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, report: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda message: wrong.append(message.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda request: wrong.append(request.url) if request.url != report else None)
    opened.goto(report)
    yield opened
    context.close()
    assert wrong == []


def shown(page: Page) -> list[str]:
    return page.locator(".card:visible h3").all_inner_texts()


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("", ["Ann Other", "Jané Roe", "John Doe"]),
        ("jane", ["Jané Roe"]),
        ("JOHN  welder", ["John Doe"]),
        ("two.example", ["Ann Other", "Jané Roe"]),
        ("nobody", []),
    ],
)
def test_searching_narrows_the_cards(page: Page, words: str, names: list[str]) -> None:
    page.get_by_role("searchbox").fill(words)
    assert shown(page) == names
    expect(page.locator("output")).to_have_text(f"{len(names)} of 3")
    expect(page.locator(".none")).to_be_visible(visible=not names)


def test_a_source_and_merges_can_be_chosen(page: Page) -> None:
    page.get_by_role("combobox").select_option("two")
    assert shown(page) == ["Ann Other", "Jané Roe"]
    page.get_by_role("checkbox").check()
    assert shown(page) == ["Jané Roe"]


def test_all_cards_open_and_close_by_keyboard(page: Page) -> None:
    button = page.get_by_role("button", name="Open all")
    button.focus()
    page.keyboard.press("Enter")
    assert page.locator(".card > details[open]").count() == 3
    page.keyboard.press("Enter")
    assert page.locator(".card > details[open]").count() == 0
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".card > details[open]").count() == 1


def test_a_receipt_is_one_step_from_its_value(page: Page) -> None:
    page.locator("summary", has_text="Jané Roe").click()
    page.get_by_role("link", name="receipt 2").first.click()
    expect(page.locator(".receipts li:target")).to_be_in_viewport()


def test_a_link_to_a_card_opens_it_though_it_is_filtered_out(page: Page) -> None:
    page.get_by_role("searchbox").fill("welder")
    card = page.locator(".card", has_text="Ann Other").get_attribute("id")
    page.evaluate("(id) => { location.hash = id }", card)
    expect(page.locator(f"#{card} .values")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_no_width_makes_the_page_scroll_sideways(browser: Browser, report: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    opened = context.new_page()
    opened.goto(report)
    opened.get_by_role("button", name="Open all").click()
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_it_can_be_read_without_script(browser: Browser, report: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(report)
    assert shown(opened) == ["Ann Other", "Jané Roe", "John Doe"]
    expect(opened.get_by_role("search")).to_be_hidden()
    opened.locator("summary", has_text="John Doe").click()
    expect(opened.get_by_text("Welder").first).to_be_visible()
    context.close()
