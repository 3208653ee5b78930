"""The texts by which people are told (Articles 13 and 14 GDPR): filled from what is held and linted by item. Pure.

`notice` is the text of Article 14, for data from elsewhere, `direct` that of Article 13, for data from the person.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from importlib import resources

from crawler.items import Property
from pipelines.errors import RightsError
from pipelines.rights.clocks import retention_ends
from pipelines.rights.jurisdiction import countries
from pipelines.rights.register import Controller, Recipient
from pipelines.rights.sheets import FOLDER, PACKAGE, Notice, Sheet
from pipelines.rights.subjects import GIVEN, Held, Subject

#: What a notice has to say: Article 14(1) (a) to (f), Article 14(2) (a) to (g), Article 21(4).
ITEMS = (
    *(f"art_14_1_{letter}" for letter in "abcdef"),
    *(f"art_14_2_{letter}" for letter in "abcdefg"),
    "art_21_4",
)
#: What a notice to somebody who gave the data has to say: Article 13(1) (a) to (f), 13(2) (a) to (f), Article 21(4).
DIRECT_ITEMS = (
    *(f"art_13_{paragraph}_{letter}" for paragraph in (1, 2) for letter in "abcdef"),
    "art_21_4",
)
LANGUAGES = ("en", "nl", "de", "fr")
#: Where a language cannot be told from what was read: the official one of the country, where it is one of ours.
_BY_COUNTRY = {"NL": "nl", "DE": "de", "AT": "de", "LI": "de", "FR": "fr", "LU": "fr", "BE": "nl", "CH": "de"}
_PLACE = {prop: place for place, prop in enumerate(Property)}
#: What differs from person to person; the rest of a text is filled once for many.
_OWN = ("name", "values", "sources")


@cache
def labels(language: str) -> Mapping[str, str]:
    """Return what properties, legal bases and safeguards are called in a language."""
    text = resources.files(PACKAGE).joinpath(FOLDER, "labels.toml").read_text("utf-8")
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
    used for something new (Article 13(3), 14(4)). Where all of it came from the person the text is that of Article 13,
    else that of Article 14, which then says what Article 13 adds. Raises RightsError when the template's review has run
    out or an item of it came out empty.
    """
    held = [one for one in subject.held if one.origin.purpose in (origins or {purpose})]
    language = language_for(held)
    ends = max({retention_ends(one.first_seen, one.origin.retention_days) for one in held})
    values = dict.fromkeys((one.property.value, one.value) for one in sorted(held, key=_order))
    own = {
        "name": subject.name,
        "values": [{"property": prop, "value": value} for prop, value in values],
        "sources": _sources(held, controller),
    }
    try:
        sheet = _sheet(
            language,
            purpose,
            controller,
            tuple(recipients),
            frozenset(one.origin.legal_basis for one in held),
            frozenset(one.origin.article for one in held),
            ends.astimezone(controller.zone).date(),
        )
        return sheet.filled(own, today)
    except RightsError as error:
        raise RightsError(f"The notice in {language!r}: {error}") from None


@lru_cache(maxsize=64)
def _sheet(  # noqa: PLR0917  what many people's notices have in common
    language: str,
    purpose: str,
    controller: Controller,
    recipients: tuple[Recipient, ...],
    bases: frozenset[str],
    articles: frozenset[int],
    kept_until: date,
) -> Sheet:
    words = labels(language)
    named = sorted((one for one in recipients if purpose in one.purposes), key=lambda one: one.name)
    direct = articles == {GIVEN}
    facts = {
        "controller": controller,
        "labels": words,
        "purpose": purpose.replace("-", " "),
        "legal_basis": ", ".join(sorted({words[basis] for basis in bases})),
        "recipients": named,
        "transfers": [
            {"name": one.name, "country": one.country, "transfer": words[one.transfer]}
            for one in named
            if one.country not in countries("eea")
        ],
        "kept_until": kept_until.isoformat(),
        "mixed": len(articles) > 1,
    }
    kind, items = ("direct", DIRECT_ITEMS) if direct else ("notice", ITEMS)
    more = ("art_13_2_e",) if len(articles) > 1 else ()
    return Sheet(f"{kind}.{language}.txt.j2", language, facts, ("subject", *items, *more), _OWN)


def _order(one: Held) -> tuple[int, int, str]:
    return _PLACE[one.property], one.rank, one.value


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
