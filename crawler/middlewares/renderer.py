"""scrapy-playwright, with a deadline of its own and nothing left open on any path.

A browser that is killed or hangs must not take the crawl along: every wait here ends by itself, and a browser that
failed once is thrown away and started anew for the next page.
"""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from itertools import count
from typing import Any

import psutil
from playwright.async_api import Browser, Page
from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.middlewares import chromium
from crawler.middlewares.view import View

#: Seconds that closing a page or browser may take before it is abandoned.
CLOSING = 5.0
#: Pages that one browser draws before it is replaced: whatever it fails to let go of is gone with it.
MOST_PAGES = 200
#: Seconds between two looks at how much memory the browser takes.
_LOOK = 0.5


class RenderError(Exception):
    """A page could not be drawn: the browser went away, took too long or too much. The message is a word to count."""


class Renderer(ScrapyPlaywrightDownloadHandler):
    """Draws documents, one at a time, in a browser that is started for the first of them.

    `deadline` is the longest time in seconds that one document may take, start of the browser included. The scripts of
    a page have a bound of their own (`crawler.middlewares.chromium`); what else it takes, images and buffers and all
    processes together, is bounded by CARDFILE_BROWSER_MEMORY_MB.
    """

    def __init__(self, crawler: Crawler, user_agent: str, deadline: float) -> None:
        super().__init__(crawler)
        # It logs URLs and what pages say when they fail; both may hold names.
        logging.getLogger("scrapy-playwright").setLevel(logging.CRITICAL)
        path = chromium.find(crawler.settings.get("CARDFILE_CHROMIUM") or "")
        self.config.launch_options = chromium.launch_options(path, root=os.geteuid() == 0)
        self.config.navigation_timeout_ms = deadline * 1000
        self.config.max_pages_per_context = 1
        self.config.download_timeout_secs = CLOSING  # nothing is downloaded; this bounds the wait for it
        self.config.target_closed_max_retries = 0
        self._deadline = deadline
        self._user_agent = user_agent
        self._numbers = count(1)
        self._proven = False  # whether a browser has started in this crawl; one that does not start again was killed
        self._turn = asyncio.Lock()
        self._most_memory = crawler.settings.getint("CARDFILE_BROWSER_MEMORY_MB") * 1024 * 1024
        self._drawn = 0

    async def render(self, view: View) -> bytes:
        """Return the document of a view as drawn, in UTF-8.

        Raises RenderError ("deadline", "memory", "crashed"), or NoBrowser when none can be started.
        """
        async with self._turn:
            name = f"view-{next(self._numbers)}"
            watch: asyncio.Task[None] | None = None
            try:
                async with asyncio.timeout(self._deadline) as limit:
                    await self._start()
                    watch = asyncio.ensure_future(self._watch(limit))
                    return await self._draw(view, name)
            except TimeoutError as error:
                await self._discard()
                raise RenderError("memory" if watch and watch.done() else "deadline") from error
            except PlaywrightError as error:
                await self._discard()
                raise RenderError("crashed") from error
            finally:
                if watch:
                    watch.cancel()
                await self._close_context(name)

    async def close(self) -> None:
        """Close the browser, if one was started; never waits longer than a few seconds."""
        await self._discard()
        await super(ScrapyPlaywrightDownloadHandler, self).close()

    async def _watch(self, limit: asyncio.Timeout) -> None:
        """Let the time run out once the browser takes too much memory."""
        while await asyncio.to_thread(memory_of_browser) <= self._most_memory:
            await asyncio.sleep(_LOOK)
        limit.reschedule(asyncio.get_running_loop().time())

    async def _start(self) -> None:
        if hasattr(self, "browser") and self._drawn % MOST_PAGES == 0:
            await self._discard()
        self._drawn += 1
        if hasattr(self, "browser"):
            return
        try:
            await self._launch()
            await self._maybe_launch_browser()
        except PlaywrightError as error:
            await self._discard()
            if self._proven:
                raise RenderError("crashed") from error
            raise chromium.NoBrowser(f"{chromium.NO_CHROMIUM}.") from error
        self._proven = True

    async def _draw(self, view: View, name: str) -> bytes:
        meta: dict[str, Any] = {
            "playwright": True,
            "playwright_context": name,
            "playwright_context_kwargs": {
                "user_agent": self._user_agent,
                "service_workers": "block",
                "accept_downloads": False,
            },
            "playwright_page_init_callback": view.attach,
            # A page that navigates away never finishes loading, so only the document is waited for, and then the view.
            "playwright_page_goto_kwargs": {"wait_until": "commit"},
            "playwright_include_page": True,
        }
        request = Request(view.document.url, meta=meta)
        await self.download_request(request)
        page: Page = request.meta["playwright_page"]
        await view.settle(page)
        return (await page.content()).encode("utf-8", "replace")

    async def _close_context(self, name: str) -> None:
        wrapper = self.context_wrappers.pop(name, None)
        if wrapper is not None:
            await _quietly(wrapper.context.close())

    async def _discard(self) -> None:
        """Let go of the browser and its driver, whatever state they are in."""
        browser = self.__dict__.pop("browser", None)
        self.context_wrappers.clear()
        if browser is not None:
            await _quietly(browser.close())
        provider = self.__dict__.pop("browser_provider", None)
        if provider is not None:
            await _quietly(provider.close())

    async def _browser_disconnected_callback(self, browser: Browser | None = None) -> None:
        """Forget a browser that went away; the next page starts another."""
        if browser is None or self.__dict__.get("browser") is browser:
            self.__dict__.pop("browser", None)
            self.context_wrappers.clear()


def memory_of_browser() -> int:
    """Return the resident bytes of the browser and its driver, and of no other process that this one has started."""
    total = 0
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            driver = any("playwright" in part for part in child.cmdline())
            for one in (child, *child.children(recursive=True)) if driver else ():
                with suppress(psutil.NoSuchProcess):
                    total += one.memory_info().rss
    return total


async def _quietly(closing: Any) -> None:
    """Wait for something to close. That it is gone already, or does not answer, changes nothing for the crawl."""
    try:
        await asyncio.wait_for(closing, CLOSING)
    except (PlaywrightError, TimeoutError, OSError) as error:
        logging.getLogger(__name__).debug("closing the browser: %s", type(error).__name__)
