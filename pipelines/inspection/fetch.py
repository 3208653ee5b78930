"""Documents from the web, fetched as a crawl fetches them: through the rights gate, politely, never from a cache.

The store and the stages stay out, so that looking at a page leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.page import Page
from pipelines.errors import CardfileError, DocumentError, RightsError
from pipelines.inspection.documents import Job

Outcome = Page | CardfileError
_STORE = "pipelines.master.store.Store"


class _Documents(Spider):
    """Fetches the documents of some jobs and keeps what came of each."""

    name = "extract"
    jobs: Sequence[Job]
    outcomes: dict[Job, Outcome]

    async def start(self) -> AsyncIterator[Request]:
        for job in self.jobs:
            yield Request(job.url, self.keep, errback=self.failed, dont_filter=True, cb_kwargs={"job": job})

    def keep(self, response: Response, job: Job) -> None:
        if "noindex" in response.meta.get("directives", ()):
            self.outcomes[job] = RightsError(f"{job.url} asks not to be indexed; it is not read.")
            return
        header = (response.headers.get("Content-Type") or b"").decode("latin-1")
        media_type, _, parameters = header.partition(";")
        charset = parameters.lower().partition("charset=")[2].strip(" \"'")
        place = (response.url, response.body, media_type.strip().lower(), charset)
        self.outcomes[job] = Page(*place, job.country, job.language, job.publisher)

    def failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        job: Job = request.cb_kwargs["job"]
        error = failure.value
        if isinstance(error, HttpError):
            self.outcomes[job] = DocumentError(f"{job.url} answered with HTTP status {error.response.status}.")
        elif isinstance(error, IgnoreRequest):
            self.outcomes[job] = RightsError(f"{job.url} was not fetched: {error}.")
        else:
            self.outcomes[job] = DocumentError(f"{job.url} was not fetched ({type(error).__name__}).")


def fetch(jobs: Sequence[Job], settings: Settings) -> dict[Job, Outcome]:
    """Fetch the documents of some jobs; each gives a page or the error that says why not.

    Runs a crawler process, so it can be called once in the life of a program. Raises what keeps the crawl from
    starting, such as a setting that would evade the rights gate.
    """
    own = settings.copy()
    own.set("ITEM_PIPELINES", {}, priority="cmdline")
    own.set("EXTENSIONS", own.getdict("EXTENSIONS") | {_STORE: None}, priority="cmdline")
    own.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")  # the command has one
    process = AsyncCrawlerProcess(own)
    outcomes: dict[Job, Outcome] = {}
    task = process.crawl(_Documents, jobs=jobs, outcomes=outcomes)
    process.start()
    if not task.cancelled() and (error := task.exception()):
        raise error
    return {job: outcomes.get(job, DocumentError(f"{job.url} was not fetched.")) for job in jobs}
