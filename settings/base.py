"""Every dict of the project, once; `dev`, `prod` and `test` change scalars only.

Nothing here acts on import beyond reading the environment. The table of variables is in the README; what is missing or
malformed is said by the component that needs it, when it starts.
"""

from os import environ
from pathlib import Path

BOT_NAME = "cardfile"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "pipelines.commands"
TEMPLATES_DIR = str(Path(__file__).parent.parent / "crawler" / "templates")

# --- configuration from the environment -------------------------------------------------------------------------------
CARDFILE_PRODUCTION = False
CARDFILE_HOME = environ.get("CARDFILE_HOME") or str(
    Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "cardfile"
)
CARDFILE_DATABASE_URL = environ.get("DATABASE_URL", "")
CARDFILE_SOURCES = environ.get("CARDFILE_SOURCES", "")
CARDFILE_RIGHTS = environ.get("CARDFILE_RIGHTS", "")
CARDFILE_CONTACT = environ.get("CARDFILE_CONTACT", "")
CARDFILE_SECRET = environ.get("CARDFILE_SECRET", "")
CARDFILE_SECRET_PREVIOUS = environ.get("CARDFILE_SECRET_PREVIOUS", "")  # keys of before, newest first
CARDFILE_ALLOWED_PRIVATE_HOSTS = environ.get("CARDFILE_ALLOWED_PRIVATE_HOSTS", "").split()
CARDFILE_CHROMIUM = environ.get("CARDFILE_CHROMIUM", "")
CARDFILE_REVIEWER = environ.get("CARDFILE_REVIEWER", "")  # who decides in `scrapy review`, `judge` and `unmerge`
CARDFILE_ROLE = environ.get("CARDFILE_ROLE", "")  # who runs commands: operator, analyst, privacy-officer; unset: all
CARDFILE_SPARK = environ.get("CARDFILE_SPARK", "local[*]")
CARDFILE_ALERTS = environ.get("CARDFILE_ALERTS", "")
CARDFILE_BUDGET: dict[str, int] = {}  # a plan's bounds for one crawl: the register's budget, never more
CARDFILE_STORE_PATIENCE = 120.0  # seconds that a crawl waits for a store that is away or locked before it ends
CARDFILE_STOPS_WITH_STDIN = False  # whether a crawl ends with the process that started it
CARDFILE_RESUMED_SINCE = ""  # when the stopped crawl began that this one goes on with
CARDFILE_QUEUE_SILENCE = 30.0  # seconds without a sign of life after which a worker of the queue is a dead one
CARDFILE_QUEUE_POLL = 5.0  # seconds between two looks of a worker into an idle queue
CARDFILE_KEEP_REVEALING_EMPLOYERS = False  # a party, union or church as employer: see docs/minimising.md
CARDFILE_HOSTS: dict[str, str] = {}  # "name or .suffix" -> "127.0.0.1:PORT": loopback stand-ins for demos and tests

# --- the stages, in order: the list is the specification --------------------------------------------------------------
ITEM_PIPELINES = {
    "pipelines.validate.Validate": 100,
    "pipelines.minimise.Minimise": 200,
    "pipelines.suppress.Suppress": 300,
    "pipelines.provenance.Provenance": 400,
    "pipelines.merge.Merge": 500,
}
EXTENSIONS = {
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawler.middlewares.politeness.PoliteThrottle": 0,
    "crawler.extensions.logs.ScrubbedLogs": 5,
    "crawler.extensions.stopping.Stopping": 6,
    "crawler.extensions.collecting.Collecting": 7,
    "pipelines.master.store.Store": 10,
    "pipelines.runs.guard.RunGuard": 15,  # behind the store, which brings the tables
    "pipelines.runs.turns.SharedTurns": 16,
    "pipelines.revisits.memory.Memory": 18,
    "crawler.extensions.ledger.RunLedger": 20,
    "pipelines.rights.crawls.CrawlLog": 30,
}
# The gate sees a request first and a response last; the stock classes set to None would do its work less strictly.
DOWNLOADER_MIDDLEWARES: dict[str, int | None] = {
    "crawler.middlewares.gate.SiteRights": 10,
    "crawler.extensions.stopping.Postpone": 15,
    "crawler.middlewares.incremental.Incremental": 20,
    "crawler.middlewares.walls.Walls": 290,
    "crawler.middlewares.browser.Browser": 300,  # draws what has arrived in full, and before the gate reads it
    "crawler.middlewares.duplicates.Duplicates": 310,
    "crawler.middlewares.budget.PageBudget": 500,
    "crawler.middlewares.politeness.Politeness": 560,  # before the stock retry: a refusal is not retried
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
}
DOWNLOAD_HANDLERS: dict[str, str | None] = {
    "http": "crawler.connection.GuardedDownloadHandler",
    "https": "crawler.connection.GuardedDownloadHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
SPIDER_MIDDLEWARES: dict[str, int | None] = {
    "crawler.middlewares.revisit.Revisit": 100,  # beyond the depth limit: a link that is cut off leads nowhere
}

# --- safety: Scrapy's defaults are open, these are not ----------------------------------------------------------------
ROBOTSTXT_OBEY = True  # our gate obeys in any case; this tells readers and tools so
DOWNLOAD_VERIFY_CERTIFICATES = True
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
HTTPPROXY_ENABLED = False
COOKIES_ENABLED = False
HTTPCACHE_ENABLED = False  # a cache on disk would keep pages that the minimising stage never saw
HTTPERROR_ALLOW_ALL = False
LOG_FORMATTER = "crawler.logformatter.ValueFreeLogFormatter"
LOG_LEVEL = "INFO"  # DEBUG costs 1.4 times the pages per CPU-second
LOG_VERSIONS: list[str] = []

# --- pace -------------------------------------------------------------------------------------------------------------
CONCURRENT_ITEMS = 10  # 100 tasks a response cost 1.3 times the pages per CPU-second
# Bytes of answers whose mentions are on their way to the store. Scrapy's 5 MB are 4,000 small pages of some 50 kB with
# all their tasks: where the store is slower than the site they pile up in memory, and none is stored sooner. These are
# 120 small pages, as many as its groups of up to 200 mentions take.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 120_000
CONCURRENT_REQUESTS = 16
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.0  # half a second is less than one
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]  # not 429 and 503: these ask to be left alone
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0

# --- bounds -----------------------------------------------------------------------------------------------------------
DOWNLOAD_TIMEOUT = 30
CARDFILE_RENDER_TIMEOUT = 60.0  # seconds for one page in the browser, its start included
CARDFILE_BROWSER_MEMORY_MB = 2048  # of the browser's processes together; a browser that takes more is started anew
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 2
DEPTH_PRIORITY = 1
SCHEDULER_DISK_QUEUE = "scrapy.squeues.PickleFifoDiskQueue"  # among equals, first found is first read
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
MEMUSAGE_LIMIT_MB = 2048

FEED_EXPORT_ENCODING = "utf-8"
