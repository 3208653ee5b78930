"""Log lines as JSON, one object a line, for log shippers."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

from scrapy.settings import BaseSettings

from crawler.logformatter import ScrubbingFilter


class JsonLines(logging.Formatter):
    """Writes `time` (UTC, ISO 8601), `level`, `logger`, `message`, and `exception` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        facts = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info or record.exc_text:
            facts["exception"] = record.exc_text or self.formatException(record.exc_info or (None, None, None))
        return json.dumps(facts, ensure_ascii=False)


def install(settings: BaseSettings) -> None:
    """Write all log lines of this process as JSON to where the settings say; Scrapy then adds no handler of its own."""
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    file = settings.get("LOG_FILE")
    if not settings.getbool("LOG_ENABLED"):
        handler: logging.Handler = logging.NullHandler()
    elif file:
        handler = logging.FileHandler(Path(file), encoding="utf-8")
    else:
        handler = logging.StreamHandler()
    handler.setLevel(settings.get("LOG_LEVEL"))
    handler.setFormatter(JsonLines())
    handler.addFilter(ScrubbingFilter())
    logging.root.addHandler(handler)
    logging.root.setLevel(settings.get("LOG_LEVEL"))
