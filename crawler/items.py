"""The closed schema: everything that Cardfile can know about a person or an organisation.

Imports nothing of ours. A property that is not listed in `Property` cannot be stored anywhere, in any language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import InitVar, dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlsplit


class MentionType(StrEnum):
    """What a mention is about."""

    PERSON = "person"
    ORGANISATION = "organisation"


class Property(StrEnum):
    """The properties that may be stored, named as in schema.org."""

    NAME = "name"
    GIVEN_NAME = "givenName"
    FAMILY_NAME = "familyName"
    HONORIFIC_PREFIX = "honorificPrefix"
    HONORIFIC_SUFFIX = "honorificSuffix"
    ALTERNATE_NAME = "alternateName"
    JOB_TITLE = "jobTitle"
    WORKS_FOR = "worksFor"
    EMAIL = "email"
    TELEPHONE = "telephone"
    FAX_NUMBER = "faxNumber"
    WORK_LOCATION = "workLocation"
    URL = "url"
    SAME_AS = "sameAs"


#: What a name falls into; an assessment that covers the name covers them.
NAME_PARTS = frozenset(
    {
        Property.GIVEN_NAME,
        Property.FAMILY_NAME,
        Property.HONORIFIC_PREFIX,
        Property.HONORIFIC_SUFFIX,
        Property.ALTERNATE_NAME,
    }
)
_SHARED = frozenset(
    {
        Property.NAME,
        Property.EMAIL,
        Property.TELEPHONE,
        Property.FAX_NUMBER,
        Property.WORK_LOCATION,
        Property.URL,
        Property.SAME_AS,
    }
)
#: What each type of mention may carry.
SCHEMA: dict[MentionType, frozenset[Property]] = {
    MentionType.PERSON: _SHARED
    | {
        Property.GIVEN_NAME,
        Property.FAMILY_NAME,
        Property.HONORIFIC_PREFIX,
        Property.HONORIFIC_SUFFIX,
        Property.JOB_TITLE,
        Property.WORKS_FOR,
    },
    MentionType.ORGANISATION: _SHARED | {Property.ALTERNATE_NAME},
}


class Method(StrEnum):
    """How a value was read, most explicit first."""

    JSON_LD = "json-ld"
    MICRODATA = "microdata"
    RDFA = "rdfa"
    H_CARD = "h-card"
    VCARD = "vcard"
    IMPORT = "import"
    LINK = "link"  # the target of a mailto:, tel: or profile link
    TABLE = "table"
    CARD = "card"  # a repeated block, a definition list, a heading over lines, a caption
    PROSE = "prose"
    PDF = "pdf"
    FEED = "feed"
    META = "meta"  # title, OpenGraph, byline tags
    SOURCE = "source"  # stated by the source register, not by the page


class _InMemory:
    """Holds the text around a value or mention for the minimising stage.

    `context` is a slot but not a dataclass field, so `repr`, `asdict`, item exporters and the store never see it.
    """

    __slots__ = ("context",)
    context: str

    def _keep_in_memory(self, around: str) -> None:
        self.context = around


@dataclass(slots=True)
class Value(_InMemory):
    """One reading of one property.

    `text` is what the page says; once the minimising stage has passed, only its validated part. `normalised` is set by
    the validating stage (lower-case IDNA address, E.164 number, …). `employment` numbers the jobs within a mention, so
    that title and employer of the same job stay together. `locator` is an XPath, a JSON pointer or `page=3`.
    `confidence` is a probability. `evidence` is the snippet that the minimising stage rebuilds from validated values;
    extractors leave it empty. `around` is the label or line beside the value ("Fax", "privé", `TYPE=home`), kept as
    `context` in memory only.
    """

    text: str
    method: Method
    locator: str
    confidence: float = 1.0
    normalised: str = ""
    employment: int = 0
    evidence: str = ""
    around: InitVar[str] = ""

    def __post_init__(self, around: str) -> None:
        self._keep_in_memory(around)


@dataclass(slots=True, frozen=True)
class Disposal:
    """Something that was not kept: counted by rule, never quoted.

    `stage` is where it was dropped ("extraction", "validate", "minimise", "suppress"), `category` what it was
    ("invalid", "religion", "unknown-property", …), `location` the kind of place it stood in (a property name or a
    method, never a path or a value), `rule` the id of the rule that decided, `action` what became of it ("drop",
    "redact", "transform").
    """

    stage: str
    category: str
    location: str
    rule: str
    action: str = "drop"


@dataclass(slots=True, frozen=True)
class Permission:
    """Why a fetch was allowed: the permission receipt.

    `rule` is the robots.txt line that decided ("no rule applies" where none did), `robots_hash` the SHA-256 of that
    file (empty where a 4xx answer means that there is none), `signals` the headers and meta tags that were looked at.
    """

    user_agent: str
    robots_url: str
    robots_status: int
    robots_hash: str
    rule: str
    signals: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Capture:
    """One fetch of one document. Times are UTC with a zone; `content_hash` is the SHA-256 of the body in hex."""

    source_id: str
    url: str
    fetched_at: datetime
    content_hash: str
    permission: Permission
    status: int = 200
    media_type: str = "text/html"
    etag: str = ""
    last_modified: str = ""
    rendered: bool = False


@dataclass(slots=True)
class Mention(_InMemory):
    """What one capture says about one person or one organisation.

    `values` maps a property to its readings in document order. `locator` is the block that was read. `ordinal` tells
    mentions of one name on one page apart (0 for the first). `language` is BCP 47, `country` ISO 3166-1 alpha-2, both
    empty when unknown. `around` is the text of the block, kept as `context` in memory only.
    """

    type: MentionType
    values: dict[Property, list[Value]] = field(default_factory=dict)
    locator: str = ""
    ordinal: int = 0
    language: str = ""
    country: str = ""
    confidence: float = 1.0
    capture: Capture | None = None
    around: InitVar[str] = ""

    def __post_init__(self, around: str) -> None:
        self._keep_in_memory(around)

    def add(self, prop: Property, value: Value) -> None:
        """Append a reading, unless the same text was read for this property and job before."""
        readings = self.values.setdefault(prop, [])
        for known in readings:  # a generator here would cost as much as all else that a value costs
            if known.text == value.text and known.employment == value.employment:
                return
        readings.append(value)

    def all(self, prop: Property) -> list[Value]:
        """Return the readings of a property in document order; an empty list when there are none."""
        return self.values.get(prop, [])

    def text(self, prop: Property) -> str:
        """Return the first reading of a property as normalised text (as read before validation), or an empty string."""
        readings = self.values.get(prop)
        return (readings[0].normalised or readings[0].text) if readings else ""

    @property
    def host(self) -> str:
        """The host that the mention was read on, empty when it has no capture."""
        return (urlsplit(self.capture.url).hostname or "") if self.capture else ""

    def __iter__(self) -> Iterator[tuple[Property, Value]]:
        for prop, readings in self.values.items():
            for value in readings:
                yield prop, value


@dataclass(slots=True, frozen=True)
class Budget:
    """What one run may spend on one source.

    `browser_pages` is how many pages that are empty without their scripts may be drawn; pages of a source that asks to
    be drawn (`render`) do not count.
    """

    pages: int = 200
    depth: int = 3
    seconds: int = 900
    browser_pages: int = 10

    def within(self, bounds: Mapping[str, int]) -> Budget:
        """Return this budget with no amount above its bound; `bounds` names the amounts that have one."""
        held = {one.name: getattr(self, one.name) for one in fields(self)}
        return Budget(**{name: min(amount, int(bounds.get(name, amount))) for name, amount in held.items()})


@dataclass(slots=True, frozen=True)
class Terms:
    """The operator's reading of a site's terms of use, and when it has to be read again."""

    url: str
    reviewed_on: date
    review_by: date


@dataclass(slots=True, frozen=True)
class Acquisition:
    """How records came in that no crawl has read; see `crawler.acquisition`.

    `article` is 13 where the people themselves gave the data and 14 where somebody else did (GDPR). `licence` is an
    SPDX identifier or the name of a contract, `url` where the data are published, `received_on` the day they came.
    `permission_hash` is the SHA-256 of the document that lets an upload of a customer into the master.
    """

    method: str
    licence: str
    article: int
    received_on: date
    url: str = ""
    expires_on: date | None = None
    permission: str = ""
    permission_hash: str = ""


@dataclass(slots=True, frozen=True)
class Paging:
    """How the answer of an open register goes on where its headers do not say it (RFC 8288, `rel="next"`).

    `next` is a JMESPath expression for the URL of the following answer. Where a register counts instead, `parameter`
    is the query parameter that grows by `step` from `first`, until an answer holds no record.
    """

    next: str = ""
    parameter: str = ""
    first: int = 1
    step: int = 1


@dataclass(slots=True, frozen=True)
class Revisit:
    """When a known page is asked for again, and when what it no longer shows leaves the master; all in days.

    `verify_days`: a page that no link leads to any more is asked for again after that long. `grace_days`: how long a
    value stays in the master after its page has fallen silent about it. `missing_days`: the least time between two
    answers of 404 before its values leave. `unreachable_days`: how long a page may be out of reach before they do.
    """

    verify_days: int = 30
    grace_days: int = 14
    missing_days: int = 7
    unreachable_days: int = 30


@dataclass(slots=True, frozen=True)
class Source:
    """A registered public place; see `crawler.sources` for the file that declares it.

    `balancing_test` is the path of the assessment, `balancing_hash` the SHA-256 of its bytes when it was read and
    `balancing_expires_on` the day from which it no longer holds.
    `fields` are the properties of people that the assessment covers; empty where none was made, and then any may be
    stored. `expects_people` is the range of people that a run should find; outside it the run ends with exit code 3.
    `mapping` is the path of the mapping file of a register, `acquisition` how a file came in that was not crawled.
    """

    id: str
    kind: str
    publisher: str
    purpose: str
    legal_basis: str
    spider: str
    start_urls: tuple[str, ...]
    retention_days: int
    balancing_test: str = ""
    balancing_hash: str = ""
    balancing_expires_on: date | None = None
    country: str = ""
    language: str = ""
    budget: Budget = Budget()
    expects_people: tuple[int, int] | None = None
    terms: Terms | None = None
    render: bool = False
    revisit: Revisit = Revisit()
    mapping: str = ""
    paging: Paging = Paging()
    acquisition: Acquisition | None = None
    fields: frozenset[Property] = frozenset()

    @property
    def article(self) -> int:
        """The article of the GDPR under which its people are told: 13 where they gave the data themselves, else 14."""
        return self.acquisition.article if self.acquisition else 14

    def covers(self, prop: Property) -> bool:
        """Return whether a property of people may be stored: the assessment names it, or the name it is a part of."""
        return not self.fields or prop in self.fields or (prop in NAME_PARTS and Property.NAME in self.fields)
