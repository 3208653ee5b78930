"""By what a request names its person: options or columns, read as strictly as the values of a page. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crawler.items import Property
from pipelines.errors import UsageError
from pipelines.master.prefixes import is_prefix
from pipelines.rights.suppression import Identifier, name_at
from pipelines.values.clean import Clean, Rejected
from pipelines.values.email import email
from pipelines.values.name import PersonName, person_name
from pipelines.values.organisation import organisation
from pipelines.values.phone import phone
from pipelines.values.url import url

#: The names under which a request may name somebody: options of a command and columns of a file.
KEYS = ("id", "email", "telephone", "url", "name", "organisation")


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a request means, normalised; an empty field was not given. `id` is an entry's id or its beginning."""

    id: str = ""
    email: str = field(default="", repr=False)
    telephone: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    organisation: str = field(default="", repr=False)

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """What is suppressed and hashed of it: never a name alone, which would mean every namesake."""
        found: list[Identifier] = [
            (kind, text)
            for kind, text in (("email", self.email), ("telephone", self.telephone), ("url", self.url))
            if text
        ]
        return (*found, name_at(self.name, self.organisation)) if self.name and self.organisation else tuple(found)

    @property
    def values(self) -> list[tuple[frozenset[Property], str]]:
        """What to look for among the statements: the properties that may hold it, and the value."""
        listed = (
            ({Property.EMAIL}, self.email),
            ({Property.TELEPHONE, Property.FAX_NUMBER}, self.telephone),
            ({Property.URL, Property.SAME_AS}, self.url),
        )
        return [(frozenset(properties), text) for properties, text in listed if text]


def named(given: Mapping[str, str], country: str = "") -> Named:
    """Return whom these texts name; `country` is where a number without a country code is dialled.

    Raises UsageError, which names the option and never its value, for what cannot be read or names nobody.
    """
    texts = {key: (given.get(key) or "").strip() for key in KEYS}
    if not any(texts.values()):
        raise UsageError("say who is meant: --id, --email, --telephone, --url, or --name with --organisation")
    if texts["organisation"] and not texts["name"]:
        raise UsageError("--organisation belongs to a --name; an organisation is no person")
    identity = texts["id"].lower()
    if identity and not is_prefix(identity):
        raise UsageError("--id is the id of an entry, or its first 6 or more digits, as `scrapy why` shows it")
    return Named(
        id=identity,
        email=_read("email", texts["email"], email),
        telephone=_read("telephone", texts["telephone"], lambda text: phone(text, country)),
        url=_read("url", texts["url"], url),
        name=_name(texts["name"]),
        organisation=_read("organisation", texts["organisation"], organisation),
    )


def _read(key: str, text: str, reader: Callable[[str], Clean | Rejected]) -> str:
    if not text:
        return ""
    found = reader(text)
    if isinstance(found, Rejected):
        more = "; write the country code, such as +31" if key == "telephone" else ""
        raise UsageError(f"--{key} cannot be read ({found.rule}){more}")
    return found.text


def _name(text: str) -> str:
    if not text:
        return ""
    found = person_name(text)
    if not isinstance(found, PersonName):
        raise UsageError(f"--name cannot be read ({found.rule})")
    return found.name


def masked(value: str) -> str:
    """Return a value of which a person who knows it recognises the shape, and nobody else the value.

    >>> masked("jane.roe@noord.example"), masked("+442079460123"), masked("Jane Roe")
    ('j•••@n•••.example', '+44•••••••123', 'J••• R•••')
    """
    if "@" in value:
        local, _, domain = value.partition("@")
        host, dot, ending = domain.rpartition(".")
        return f"{local[:1]}•••@{host[:1]}•••{dot}{ending}"
    if value.startswith("+") and value[1:].isdigit():
        return f"{value[:3]}{'•' * max(0, len(value) - 6)}{value[-3:]}"
    if "://" in value:
        scheme, _, rest = value.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}/•••"
    return " ".join(f"{word[:1]}•••" for word in value.split())
