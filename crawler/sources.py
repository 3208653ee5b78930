"""The source register: where we may read, why, and for how long.

A TOML file, named by `CARDFILE_SOURCES`, with one `[[source]]` table a source and a `[defaults]` table for what they
share. A source that is not in it is not crawled. Every mistake is reported with its line.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from crawler import acquisition
from crawler.countries import misnamed
from crawler.errors import RightsError, SourceError, UnknownSource
from crawler.items import Acquisition, Budget, Paging, Property, Revisit, Source, Terms
from crawler.lines import line_of, sentence
from crawler.navigation.walls import closed
from crawler.schedule import schedule

#: The kinds of public places that we read; each is served by a spider, see docs/sources.md.
KINDS = frozenset(
    {
        "annual-report",
        "association",
        "blog",
        "community",
        "company-site",
        "conference",
        "directory",
        "import",
        "journal",
        "magazine",
        "news",
        "newsletter",
        "press-release",
        "profile",
        "publication",
        "register",
        "technical-document",
        "trade-fair",
        "user-group",
    }
)
#: Article 6(1) GDPR, (a) to (f).
LEGAL_BASES = frozenset(
    {"consent", "contract", "legal-obligation", "vital-interests", "public-task", "legitimate-interest"}
)
#: What a balancing test must state in its front matter before a source may lean on legitimate interest.
BALANCING_KEYS = frozenset(
    {"purpose", "necessity", "balancing", "safeguards", "fields", "reviewer", "reviewed_on", "expires_on"}
)
_REQUIRED = ("id", "kind", "publisher", "spider", "start_urls", "purpose", "legal_basis", "retention_days")
_TEXTS = ("kind", "publisher", "spider", "purpose", "legal_basis", "country", "language", "balancing_test", "mapping")
_KEYS = frozenset(
    {*_REQUIRED, *_TEXTS, "fields", "budget", "expects", "terms", "render", "revisit", "acquisition", "paging"}
)
#: What a source that comes as a file has instead of start URLs.
_FILE_SPIDER = "import_file"
_COUNTS = frozenset({"first", "step"})
_PAGING = _COUNTS | {"next", "parameter"}
_MAY_BE_NONE = frozenset({"depth", "browser_pages"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_ID = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class SourceRegister:
    """The sources of one file, by id."""

    path: Path
    sources: Mapping[str, Source]

    def __iter__(self) -> Iterator[Source]:
        return iter(self.sources.values())

    def get(self, source_id: str) -> Source:
        """Return a source; raises UnknownSource with the nearest registered ids."""
        if source := self.sources.get(source_id):
            return source
        near = get_close_matches(source_id, self.sources, n=3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise UnknownSource(
            f"Source {source_id!r} is not registered in {self.path}.{hint} Add a [[source]] table, or check the id."
        )


def load(path: str | Path) -> SourceRegister:
    """Read and check a register; raises SourceError with file and line for the first mistake."""
    if not str(path):
        raise SourceError(
            "No source register: set CARDFILE_SOURCES to a TOML file of [[source]] tables (see docs/new-source.md)."
        )
    file = Path(path)
    try:
        text = file.read_text("utf-8-sig")  # editors of Windows put a byte order mark in front
    except OSError as error:
        raise SourceError(
            f"The source register {file} cannot be read ({error.strerror}); check CARDFILE_SOURCES."
        ) from None
    except UnicodeDecodeError:
        raise SourceError(f"The source register {file} is not UTF-8 text; save it as UTF-8.") from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"{file}: not valid TOML: {error}.") from None
    return _Reader(file, text).read(document)


def require_current(source: Source, today: date) -> None:
    """Raise RightsError when the paper that a source stands on has run out: its balancing test or its terms review."""
    if source.balancing_expires_on and today >= source.balancing_expires_on:
        raise RightsError(
            f"Source {source.id!r}: its balancing test expired on {source.balancing_expires_on}; "
            f"review {source.balancing_test} and set a new expires_on."
        )
    if source.terms and today >= source.terms.review_by:
        raise RightsError(
            f"Source {source.id!r}: the review of its terms ran out on {source.terms.review_by}; "
            f"read {source.terms.url} again and update [source.terms]."
        )


def require_covered(source: Source, properties: Iterable[Property]) -> None:
    """Raise RightsError when a source would read properties of people that its balancing test does not cover."""
    beyond = sorted({prop.value for prop in properties if not source.covers(prop)})
    if beyond:
        raise RightsError(
            f"Source {source.id!r} would read {', '.join(beyond)}, which {source.balancing_test or 'its fields'} does "
            "not cover; assess it first, or take it out of the mapping."
        )


class _Reader:
    """Checks one document; keeps the text at hand to name lines."""

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self.lines = text.splitlines()

    def read(self, document: dict[str, Any]) -> SourceRegister:
        for key in document:
            if key not in {"defaults", "source"}:
                raise self._error("", -1, key, f"unknown table or key {key!r}; use [defaults] and [[source]]")
        defaults = document.get("defaults", {})
        tables = document.get("source", [])
        if not isinstance(defaults, dict) or not isinstance(tables, list):
            raise self._error("", -1, "source", "[defaults] is one table, [[source]] a list of tables")
        self._known_keys(defaults, "defaults", -1)
        sources: dict[str, Source] = {}
        for index, table in enumerate(tables):
            self._known_keys(table, "source", index)
            source = self._source({**defaults, **table}, index)
            if source.id in sources:
                raise self._error("source", index, "id", f"source id {source.id!r} is used twice; ids are unique")
            sources[source.id] = source
        return SourceRegister(self.file, sources)

    def _source(self, table: dict[str, Any], index: int) -> Source:
        table = {"start_urls": [], **table} if table.get("spider") == _FILE_SPIDER else table
        for key in _REQUIRED:
            if key == "start_urls" and table.get("spider") == _FILE_SPIDER:
                continue
            if table.get(key) in (None, "", []):
                raise self._error("source", index, key, f"{key!r} is missing; set it here or under [defaults]")
        for key in _TEXTS:
            if not isinstance(table.get(key, ""), str):
                raise self._error("source", index, key, f"{key!r} must be text")
        self._check_vocabulary(table, index)
        budget = table.get("budget", {})
        if not isinstance(budget, dict) or not set(budget) <= {"pages", "depth", "seconds", "browser_pages"}:
            shape = "{ pages = 200, depth = 3, seconds = 900, browser_pages = 10 }"
            raise self._error("source", index, "budget", f"budget is {shape}, or some of these")
        if any(not _is_int(amount) or amount < (key not in _MAY_BE_NONE) for key, amount in budget.items()):
            may = " and ".join(sorted(_MAY_BE_NONE))
            raise self._error("source", index, "budget", f"budget amounts are whole numbers, at least 1 (0 for {may})")
        plain = {field.name for field in fields(Source)} & set(table) - {
            "budget",
            "terms",
            "revisit",
            "start_urls",
            "acquisition",
            "paging",
            "fields",
        }
        source = Source(
            **{key: table[key] for key in plain},
            start_urls=self._start_urls(table["start_urls"], index),
            budget=Budget(**budget),
            expects_people=self._expects(table, index),
            terms=self._terms(table, index),
            revisit=self._revisit(table, index),
            acquisition=self._acquisition(table, index),
            paging=self._paging(table, index),
        )
        if source.mapping:
            source = replace(source, mapping=str(self.file.parent / source.mapping))
        stated = self._fields(table.get("fields", []), index, "fields")
        return self._with_balancing_test(source, stated, index)

    def _fields(self, stated: object, index: int, where: str) -> frozenset[Property]:
        known = {prop.value for prop in Property}
        if not isinstance(stated, list) or not set(map(str, stated)) <= known:
            others = sorted(set(map(str, stated)) - known) if isinstance(stated, list) else [str(stated)]
            wrong = f"{where}: {', '.join(others)} is no property; fields is a list of {', '.join(sorted(known))}"
            raise self._error("source", index, "fields" if where == "fields" else "balancing_test", wrong)
        return frozenset(map(Property, stated))

    def _check_vocabulary(self, table: dict[str, Any], index: int) -> None:
        if not isinstance(table["id"], str) or not _ID.fullmatch(table["id"]):
            raise self._error("source", index, "id", "an id is lower-case letters, digits, '-' and '.'")
        if table["kind"] not in KINDS:
            raise self._error(
                "source", index, "kind", f"unknown kind {table['kind']!r}; one of {', '.join(sorted(KINDS))}"
            )
        if table["legal_basis"] not in LEGAL_BASES:
            known = ", ".join(sorted(LEGAL_BASES))
            raise self._error(
                "source", index, "legal_basis", f"unknown legal basis {table['legal_basis']!r}; one of {known}"
            )
        if not _is_int(table["retention_days"]) or table["retention_days"] < 1:
            raise self._error("source", index, "retention_days", "retention_days is a whole number of days, at least 1")
        if wrong := misnamed(table["country"]) if table.get("country") else "":
            raise self._error("source", index, "country", wrong)
        if table.get("language") and not _LANGUAGE.fullmatch(table["language"]):
            wrong = f"{table['language']!r} is no language of BCP 47; use a code such as nl or pt-BR"
            raise self._error("source", index, "language", wrong)
        if not isinstance(table.get("render", False), bool):
            raise self._error("source", index, "render", "render is true or false")

    def _start_urls(self, urls: object, index: int) -> tuple[str, ...]:
        if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
            raise self._error("source", index, "start_urls", 'start_urls is a list such as ["https://www.example.nl/"]')
        for url in urls:
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise self._error("source", index, "start_urls", f"{url!r} is not an http or https URL")
            if place := closed(url):
                raise self._error("source", index, "start_urls", f"{parts.hostname} is not read: {place.reason}")
        return tuple(urls)

    def _expects(self, table: dict[str, Any], index: int) -> tuple[int, int] | None:
        if "expects" not in table:
            return None
        people = table["expects"].get("people") if isinstance(table["expects"], dict) else None
        if not isinstance(people, list) or len(people) != 2 or not all(_is_int(number) for number in people):
            raise self._error("source", index, "expects", "expects is { people = [least, most] }")
        if not 0 <= people[0] <= people[1]:
            raise self._error("source", index, "expects", "expects.people: the least comes first and is not negative")
        return people[0], people[1]

    def _revisit(self, table: dict[str, Any], index: int) -> Revisit:
        try:
            return schedule(table["kind"], table.get("revisit", {}))
        except ValueError as error:
            raise self._error("source", index, "revisit", str(error)) from None

    def _paging(self, table: dict[str, Any], index: int) -> Paging:
        stated = table.get("paging", {})
        if not isinstance(stated, dict) or not set(stated) <= _PAGING:
            raise self._error("source", index, "paging", 'paging is { next = "links.next" } or { parameter = "page" }')
        if any(isinstance(stated.get(key, 1), bool) or not isinstance(stated.get(key, 1), int) for key in _COUNTS):
            raise self._error("source", index, "paging", "paging.first and paging.step are whole numbers")
        if any(not isinstance(stated.get(key, ""), str) for key in _PAGING - _COUNTS):
            raise self._error("source", index, "paging", "paging.next and paging.parameter are texts")
        return Paging(**stated)

    def _terms(self, table: dict[str, Any], index: int) -> Terms | None:
        if "terms" not in table:
            if table["kind"] == "profile":
                wrong = "a profile source needs terms: read whether the site's terms allow it, and write down when"
                raise self._error("source", index, "kind", wrong)
            return None
        terms = table["terms"]
        if not isinstance(terms, dict) or set(terms) != {"url", "reviewed_on", "review_by"}:
            raise self._error("source", index, "terms", "terms has url, reviewed_on and review_by")
        if type(terms["reviewed_on"]) is not date or type(terms["review_by"]) is not date:
            raise self._error("source", index, "terms", "terms.reviewed_on and review_by are dates such as 2026-11-01")
        if terms["reviewed_on"] > terms["review_by"]:
            raise self._error("source", index, "terms", "terms.review_by is a day after reviewed_on")
        return Terms(str(terms["url"]), terms["reviewed_on"], terms["review_by"])

    def _acquisition(self, table: dict[str, Any], index: int) -> Acquisition | None:
        if "acquisition" not in table:
            return None
        return acquisition.read(
            table["acquisition"],
            self.file.parent,
            lambda wrong: self._error("source", index, "acquisition", wrong),
        )

    def _with_balancing_test(self, source: Source, stated: frozenset[Property], index: int) -> Source:
        if not source.balancing_test:
            if source.legal_basis == "legitimate-interest":
                raise self._error("source", index, "balancing_test", "legitimate interest needs a balancing_test file")
            return replace(source, fields=stated)
        path = self.file.parent / source.balancing_test
        try:
            content = path.read_bytes()
        except OSError as error:
            raise self._error("source", index, "balancing_test", f"{path} cannot be read ({error.strerror})") from None
        facts = _front_matter(content)
        if not facts:
            wrong = f"{path} has no front matter that can be read: YAML between two lines of ---, at its very start"
            raise self._error("source", index, "balancing_test", wrong)
        if missing := BALANCING_KEYS - set(facts):
            raise self._error(
                "source", index, "balancing_test", f"{path} lacks {', '.join(sorted(missing))} in its front matter"
            )
        if type(facts["expires_on"]) is not date:
            raise self._error(
                "source", index, "balancing_test", f"{path}: expires_on must be a date such as 2027-11-01"
            )
        covered = replace(source, fields=self._fields(facts["fields"], index, str(path)))
        if beyond := sorted(prop.value for prop in stated if not covered.covers(prop)):
            raise self._error("source", index, "fields", f"{path} does not cover {', '.join(beyond)}; assess it first")
        return replace(
            source,
            fields=stated or covered.fields,
            balancing_test=str(path),
            balancing_hash=hashlib.sha256(content).hexdigest(),
            balancing_expires_on=facts["expires_on"],
        )

    def _known_keys(self, table: object, name: str, index: int) -> None:
        if not isinstance(table, dict):
            raise self._error(name, index, "", f"{name} must be a table")
        for key in table:
            if key not in _KEYS:
                near = get_close_matches(key, _KEYS, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(sorted(_KEYS))}"
                raise self._error(name, index, key, f"unknown key {key!r}; {hint}")

    def _error(self, table: str, index: int, key: str, message: str) -> SourceError:
        line = line_of(self.lines, key, table, max(index, 0))
        if key and table == "source" and line == line_of(self.lines, "", table, max(index, 0)):
            # Not stated by the source itself, so it is the one of all sources that is wrong, if there is one.
            shared = line_of(self.lines, key, "defaults")
            line = shared if shared != line_of(self.lines, "", "defaults") else line
        return SourceError(f"{self.file}, line {line}: {sentence(message)}")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@lru_cache(maxsize=64)
def _front_matter(content: bytes) -> dict[str, Any]:
    """Return the YAML front matter of a Markdown file, or an empty mapping when there is none that can be read.

    Kept, because the sources of a register share a few papers and YAML is slow to read; nobody changes what is kept.
    """
    match = re.match(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n(.*?)\r?\n---", content, re.DOTALL)
    try:
        facts = yaml.safe_load(match[1]) if match else None
    except yaml.YAMLError:
        return {}
    return facts if isinstance(facts, dict) else {}
