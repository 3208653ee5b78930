"""A crawl plan: which sources, in which order, within which limits. TOML in, jobs out; every mistake with its line.

A plan holds no permission: the source register says where and why we may read, and its budgets are the most that a plan
can give.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.items import Budget, Source
from crawler.lines import line_of, sentence
from crawler.sources import SourceRegister
from pipelines.errors import UsageError

_KEYS = {
    "": frozenset({"name", "at_once", "order", "budget", "per_host", "resume_hours", "queue", "every", "job"}),
    "job": frozenset({"source", "kind", "spider", "budget"}),
    "budget": frozenset({"pages", "seconds"}),
    "per_host": frozenset({"at_once", "pages"}),
    "job budget": frozenset({"pages", "depth", "seconds"}),
}
_SELECTORS = ("source", "kind", "spider")
_ORDERS = ("listed", "longest-ago")
_NAME = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
#: Sources at a time: each is a process of its own, about 150 MB.
MOST_AT_ONCE = 64
_EXAMPLE = 'name = "nightly"'
#: Where jobs wait for a worker unless the plan says otherwise.
QUEUE = "crawl"
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_CRON = re.compile(r"[\w*/,-]+(?: +[\w*/,-]+){4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Job:
    """One source with its budget: all that whoever crawls it has to know. Plain data, so that a queue can carry it."""

    source_id: str
    spider: str
    hosts: tuple[str, ...]
    budget: Budget


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan, checked against the register.

    `pages` and `seconds` bound one pass and one call, `host_at_once` and `host_pages` all sources of one host together;
    None means no bound. A pass that was stopped is resumed by a call within `resume_hours` of its start. `queue` is
    where its jobs wait for a worker, `every` the cron expression (UTC) by which workers start it, empty for none.
    """

    name: str
    jobs: tuple[Job, ...]
    at_once: int = 1
    order: str = "listed"
    pages: int | None = None
    seconds: int | None = None
    host_at_once: int = 1
    host_pages: int | None = None
    resume_hours: int = 24
    queue: str = QUEUE
    every: str = ""


def load(path: Path, register: SourceRegister) -> Plan:
    """Read and check a plan; raises UsageError with file and line for the first mistake."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"The plan {path} cannot be read ({error.strerror}); docs/runs.md shows one.") from None
    except UnicodeDecodeError:
        raise UsageError(f"The plan {path} is not UTF-8 text; save it as UTF-8.") from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}.") from None
    return _Reader(path, text.splitlines(), register).read(document)


@dataclass
class _Reader:
    """Checks one document; keeps its lines at hand to name them."""

    path: Path
    lines: list[str]
    register: SourceRegister

    def read(self, document: dict[str, Any]) -> Plan:
        self._known(document, "", "")
        name = document.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise self._error("name", f"a plan has a name of lower-case letters, digits, '-' and '.': {_EXAMPLE}")
        order = document.get("order", "listed")
        if order not in _ORDERS:
            raise self._error("order", f"order is one of {', '.join(_ORDERS)}")
        budget = self._numbers(document, "budget", "budget", "{ pages = 5000, seconds = 14400 }")
        per_host = self._numbers(document, "per_host", "per_host", "{ at_once = 1, pages = 500 }")
        return Plan(
            name,
            tuple(self._jobs(document.get("job", []))),
            self._number(document, "at_once", 1, MOST_AT_ONCE),
            order,
            budget.get("pages"),
            budget.get("seconds"),
            per_host.get("at_once", 1),
            per_host.get("pages"),
            self._number(document, "resume_hours", 24, 24 * 366),
            self._queue(document.get("queue", QUEUE)),
            self._every(document.get("every", "")),
        )

    def _queue(self, name: object) -> str:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise self._error("queue", "queue is a name of lower-case letters, digits, '-' and '.', such as \"crawl\"")
        return name

    def _every(self, given: object) -> str:
        """Return the cron expression of a time of day ("06:00") or of one that is written as such."""
        if given == "":
            return ""
        if isinstance(given, str) and (time := _TIME.fullmatch(given)):
            return f"{int(time[2])} {int(time[1])} * * *"
        if isinstance(given, str) and _CRON.fullmatch(given.strip()):
            return given.strip()
        raise self._error("every", 'every is a time of day in UTC, "06:00", or a cron expression, "17 3 * * mon-fri"')

    def _jobs(self, tables: object) -> Iterator[Job]:
        if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
            raise self._error("job", 'a plan has at least one job: [[job]], then source = "ID"')
        named: set[str] = set()
        for index, table in enumerate(tables):
            self._known(table, "job", "job", index)
            bounds = self._numbers(table, "budget", "job budget", "{ pages = 50, depth = 2, seconds = 600 }", index)
            chosen = self._chosen(table, index)
            fresh = [source for source in chosen if source.id not in named]
            if not fresh:
                raise self._error("source", "every source of this job is named by a job above it", index)
            named.update(source.id for source in fresh)
            yield from (_job(source, bounds) for source in fresh)

    def _chosen(self, table: Mapping[str, Any], index: int) -> list[Source]:
        """Return the sources that a job names, in the order of the register."""
        given = [key for key in _SELECTORS if key in table]
        if len(given) != 1 or not isinstance(table[given[0]], str):
            raise self._error("", "a job names what it crawls by one of source, kind, spider, as text", index)
        key, wanted = given[0], table[given[0]]
        if key == "source":
            found = [source for source in self.register if fnmatchcase(source.id, wanted)]
            known = list(self.register.sources)
        else:
            found = [source for source in self.register if getattr(source, key) == wanted]
            known = sorted({getattr(source, key) for source in self.register})
        crawled = [source for source in found if source.start_urls]
        if crawled:
            return crawled
        near = get_close_matches(wanted, known, n=1)
        where = "holds the sources" if known else "registers no source yet: add a [[source]] table (docs/new-source.md)"
        hint = f"; did you mean {near[0]!r}?" if near else f"; {self.register.path} {where}"
        what = "nothing to crawl" if found else "no registered source"
        raise self._error(key, f"there is {what} with {key} {wanted!r}{hint}", index)

    def _numbers(
        self, table: Mapping[str, Any], key: str, kind: str, example: str, index: int | None = None
    ) -> dict[str, int]:
        found = table.get(key, {})
        if not isinstance(found, dict) or not set(found) <= _KEYS[kind]:
            raise self._error(key, f"{key} looks like {example}", index)
        for name, number in found.items():
            if not _is_whole(number) or number < (name != "depth"):
                raise self._error(key, f"{key}.{name} is a whole number, at least {int(name != 'depth')}", index)
        return found

    def _number(self, table: Mapping[str, Any], key: str, default: int, most: int) -> int:
        number = table.get(key, default)
        if not _is_whole(number) or not 1 <= number <= most:
            raise self._error(key, f"{key} is a whole number from 1 to {most}")
        return int(number)

    def _known(self, table: Mapping[str, Any], kind: str, where: str, index: int | None = None) -> None:
        for key in table:
            if key not in _KEYS[kind]:
                near = get_close_matches(key, _KEYS[kind], n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(_KEYS[kind]))}"
                raise self._error(key, f"unknown key {key!r}{f' in [[{where}]]' if where else ''}; {hint}", index)

    def _error(self, key: str, message: str, job: int | None = None) -> UsageError:
        line = line_of(self.lines, key) if job is None else line_of(self.lines, key, "job", job)
        return UsageError(f"{self.path}, line {line}: {sentence(message)}")


def _job(source: Source, bounds: Mapping[str, int]) -> Job:
    return Job(source.id, source.spider, hosts_of(source), source.budget.within(bounds))


def hosts_of(source: Source) -> tuple[str, ...]:
    """Return the hosts of a source's start URLs; with and without `www.` is one."""
    return tuple(dict.fromkeys((urlsplit(url).hostname or "").removeprefix("www.") for url in source.start_urls))


def with_budget(job: Job, **bounds: int) -> Job:
    """Return a job with no amount of its budget above its bound."""
    return replace(job, budget=job.budget.within(bounds))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
