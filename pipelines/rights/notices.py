"""The texts by which people are told (Articles 13 and 14 GDPR): filled from what is held and linted by item. Pure.

Every template is made of blocks, one for each item that the law wants a notice to hold; a template that lacks one, or
leaves it empty, is not used. Templates carry a version and the day by which somebody has to read them again.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from jinja2.runtime import Context

from pipelines.errors import RightsError
from pipelines.rights.clocks import retention_ends
from pipelines.rights.jurisdiction import countries
from pipelines.rights.register import Controller, Recipient
from pipelines.rights.subjects import Held, Subject

#: What a notice has to say: Article 14(1) (a) to (f), Article 14(2) (a) to (g), Article 21(4).
ITEMS = (
    *(f"art_14_1_{letter}" for letter in "abcdef"),
    *(f"art_14_2_{letter}" for letter in "abcdefg"),
    "art_21_4",
)
LANGUAGES = ("en", "nl", "de", "fr")
#: Where a language cannot be told from what was read: the official one of the country, where it is one of ours.
_BY_COUNTRY = {"NL": "nl", "DE": "de", "AT": "de", "LI": "de", "FR": "fr", "LU": "fr", "BE": "nl", "CH": "de"}
_FACTS = re.compile(r"version: (\d+); reviewed_on: (\S+); review_by: (\S+)")
_PACKAGE, _FOLDER = "pipelines.rights", "templates"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it is sent; `template` names its language and version ("nl@1")."""

    template: str
    subject: str
    body: str


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader(_PACKAGE, _FOLDER), undefined=StrictUndefined, autoescape=False)  # noqa: S701  plain text


@cache
def labels(language: str) -> Mapping[str, str]:
    """Return what properties, legal bases and safeguards are called in a language."""
    text = resources.files(_PACKAGE).joinpath(_FOLDER, "labels.toml").read_text("utf-8")
    found: Mapping[str, str] = tomllib.loads(text)[language]
    return found


def language_for(held: Collection[Held]) -> str:
    """Return the language in which to write to somebody: the one most of their pages are in, if there is a text."""
    seen = Counter(one.language.split("-", 1)[0].lower() for one in held)
    for language, _ in sorted(seen.items(), key=lambda pair: (-pair[1], pair[0])):
        if language in LANGUAGES:
            return language
    places = Counter(one.country for one in held)
    return next((_BY_COUNTRY[country] for country, _ in places.most_common() if country in _BY_COUNTRY), "en")


def write(  # noqa: PLR0917  whom, of what, by whom, and when
    subject: Subject,
    purpose: str,
    controller: Controller,
    recipients: Collection[Recipient],
    today: date,
    origins: Collection[str] = (),
) -> Notice:
    """Return the notice that tells a person what is held about them for a purpose.

    `origins` are the purposes that the data were collected for, by default this one: they differ when data are to be
    used for something new (Article 14(4)). Raises RightsError when the template's review has run out or an item of it
    came out empty.
    """
    held = [one for one in subject.held if one.origin.purpose in (origins or {purpose})]
    language = language_for(held)
    facts = _facts(subject, held, purpose, controller, recipients, language)
    try:
        return filled(f"notice.{language}.txt.j2", language, facts, ("subject", *ITEMS), today)
    except RightsError as error:
        raise RightsError(f"The notice in {language!r}: {error}") from None


def filled(name: str, language: str, facts: Mapping[str, Any], items: Sequence[str], today: date) -> Notice:
    """Fill a template and return it; raises RightsError when its review has run out or it is silent on an item."""
    template, version, review_by = _template(name)
    if today >= review_by:
        raise RightsError(f"its review ran out on {review_by}; read it again and set a new review_by.")
    context = template.new_context(dict(facts))  # one for all blocks: making one costs more than filling it
    said = {block: "".join(fill(context)) for block, fill in template.blocks.items()}
    if silent := [item for item in items if not said.get(item, "").strip()]:
        raise RightsError(f"it says nothing on {', '.join(silent)}.")
    context.blocks = {block: [_as_said(text)] for block, text in said.items()}
    text = "".join(template.root_render_func(context)).partition("\n")[2].strip()
    return Notice(f"{language}@{version}", said["subject"].strip(), f"{text}\n")


def _as_said(text: str) -> Callable[[Context], Iterator[str]]:
    """Return a block that was filled already, so that the whole does not fill it again."""
    return lambda _context: iter((text,))


def omissions(template: Template, facts: Mapping[str, Any], items: Sequence[str] = ("subject", *ITEMS)) -> list[str]:
    """Return the items of the law that a template has no block for or, with these facts, says nothing on."""
    context = template.new_context(dict(facts))
    return [item for item in items if not _block(template, context, item)]


def _block(template: Template, context: Context, name: str) -> str:
    block = template.blocks.get(name)
    return "".join(block(context)).strip() if block else ""


@cache
def _template(name: str) -> tuple[Template, str, date]:
    facts = _FACTS.search(resources.files(_PACKAGE).joinpath(_FOLDER, name).read_text("utf-8"))
    if facts is None:
        raise RightsError(f"The template {name} does not say its version and when it was reviewed.")
    return _environment().get_template(name), facts[1], date.fromisoformat(facts[3])


def _facts(  # noqa: PLR0917  what a notice is made of
    subject: Subject,
    held: Collection[Held],
    purpose: str,
    controller: Controller,
    recipients: Collection[Recipient],
    language: str,
) -> dict[str, Any]:
    words = labels(language)
    named = sorted((one for one in recipients if purpose in one.purposes), key=lambda one: one.name)
    ends = max(retention_ends(one.first_seen, one.origin.retention_days) for one in held)
    values = dict.fromkeys((one.property.value, one.value) for one in sorted(held, key=_order))
    return {
        "controller": controller,
        "name": subject.name,
        "labels": words,
        "values": [{"property": prop, "value": value} for prop, value in values],
        "sources": _sources(held, controller),
        "purpose": purpose.replace("-", " "),
        "legal_basis": ", ".join(sorted({words[one.origin.legal_basis] for one in held})),
        "recipients": named,
        "transfers": [
            {"name": one.name, "country": one.country, "transfer": words[one.transfer]}
            for one in named
            if one.country not in countries("eea")
        ],
        "kept_until": ends.astimezone(controller.zone).date().isoformat(),
    }


def _order(one: Held) -> tuple[int, int, str]:
    return list(type(one.property)).index(one.property), one.rank, one.value


def _sources(held: Collection[Held], controller: Controller) -> list[dict[str, str]]:
    """Return the pages that values were read on, each once, with the day of the first reading."""
    first: dict[tuple[str, str], datetime] = {}
    for one in held:
        key = (one.origin.publisher, one.url)
        first[key] = min(first.get(key, one.first_seen), one.first_seen)
    return [
        {"publisher": publisher, "url": url, "date": seen.astimezone(controller.zone).date().isoformat()}
        for (publisher, url), seen in sorted(first.items())
    ]
