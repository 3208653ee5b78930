"""The answer to an access request as something to read: HTML, Markdown or JSON, in the person's language. Pure."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from pipelines.requests.dossier import Dossier, Given, Merge, Reading, Value
from pipelines.resolution.survivorship import CORRECTION
from pipelines.review import texts
from pipelines.rights.consents import GIVEN
from pipelines.rights.jurisdiction import countries
from pipelines.rights.notices import LANGUAGES, labels
from pipelines.rights.register import Controller

_PACKAGE = "pipelines.requests"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#+!|])")
#: Merges that are shown; who has very many readings has all their pairs.
_MOST_MERGES = 40


@cache
def _words(language: str) -> Mapping[str, str]:
    text = resources.files(_PACKAGE).joinpath("templates", "access.toml").read_text("utf-8")
    found: Mapping[str, str] = tomllib.loads(text)[language]
    return found


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_PACKAGE, "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html.j2"]),
        trim_blocks=True,
    )
    environment.filters["plain"] = lambda text: _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))
    return environment


def language_of(found: Dossier) -> str:
    """Return the language to answer in: one of the person's pages that there is a text in, else English."""
    return next((one for tag in found.languages if (one := tag.split("-", 1)[0].lower()) in LANGUAGES), "en")


def html(found: Dossier, controller: Controller, received: str, language: str) -> str:
    """Return one page that needs nothing but itself, and asks no server for anything."""
    return _environment().get_template("access.html.j2").render(_facts(found, controller, received, language))


def markdown(found: Dossier, controller: Controller, received: str, language: str) -> str:
    """Return the same as Markdown."""
    drawn = _environment().get_template("access.md.j2").render(_facts(found, controller, received, language))
    return re.sub(r"\n{3,}", "\n\n", drawn)


def as_json(found: Dossier, controller: Controller, received: str, language: str) -> str:
    """Return the same as data."""
    words = _words(language)
    facts = {
        "controller": asdict(controller),
        "received_on": received,
        **asdict(found),
        "purposes": [{"purpose": purpose, "legal_basis": basis} for purpose, basis in found.purposes],
        "sources": [{"publisher": publisher, "url": url} for publisher, url in found.sources],
        "kept_until": found.kept_until,
        "rights": [
            words["rights_text"].format(email=controller.email),
            words["complain"].format(authority=controller.authority),
            words["automated"],
        ],
    }
    return json.dumps(facts, ensure_ascii=False, default=str, indent=1) + "\n"


#: The forms of an answer: (what is held, controller, day of the request, language) → text.
FORMS: dict[str, Callable[[Dossier, Controller, str, str], str]] = {"html": html, "md": markdown, "json": as_json}


def _facts(found: Dossier, controller: Controller, received: str, language: str) -> dict[str, Any]:
    words = _words(language)
    filled = {
        "title": words["title"].format(controller=controller.name),
        "lead": words["lead"].format(received=received),
        "rights_text": words["rights_text"].format(email=controller.email),
        "complain": words["complain"].format(authority=controller.authority),
        "officer": words["officer"].format(officer=controller.protection_officer)
        if controller.protection_officer
        else "",
        "reference": words["reference"].format(request=found.request, day=found.made_on),
    }
    until = found.kept_until
    return {
        "language": language,
        "t": {**words, **filled},
        "controller": controller,
        "groups": list(_groups(found, language)),
        "jobs": [_job(job.job_title, job.works_for, job.start, job.end or words["now"]) for job in found.jobs],
        "purposes": [
            words["purpose"].format(purpose=purpose.replace("-", " "), basis=labels(language).get(basis, basis))
            for purpose, basis in found.purposes
        ],
        "given": [_given(one, language) for one in found.given],
        "keep": words["keep_text"].format(day=until) if until else "",
        "merges": [_merge(one, language) for one in found.merges[:_MOST_MERGES]],
        "dealings": list(_dealings(found, words)),
    }


def _job(title: str, employer: str, start: object, end: object) -> str:
    return f"{', '.join(part for part in (title, employer) if part)} ({start} – {end})"


def _groups(found: Dossier, language: str) -> Iterator[dict[str, Any]]:
    for prop, values in groupby(found.values, key=lambda one: one.property):
        label = labels(language).get(prop, prop)
        yield {"label": label, "listed": [_value(one, language) for one in values]}


def _value(one: Value, language: str) -> dict[str, Any]:
    words = _words(language)
    standings = {reading.standing for reading in one.readings}
    if one.rank is not None:
        standing, dim = "in-use" if one.rank == 0 else "other", False
        standing = "silent" if standings == {"silent"} else standing
    else:
        order = ("wrong", "quarantined", "left", "silent", "in-use")
        standing, dim = next((name for name in order if name in standings), "left"), True
    return {
        "value": one.value,
        "standing": words[standing],
        "dim": dim,
        "readings": [_reading(reading, words) for reading in one.readings],
    }


def _reading(one: Reading, words: Mapping[str, str]) -> dict[str, Any]:
    return {
        "link": one.source != f"{CORRECTION}s",
        "url": one.url,
        "source": one.source,
        "published": words["published_by"].format(publisher=one.publisher),
        "seen": words["seen"].format(first=one.first_seen.date(), last=one.last_seen.date()),
        "kept": words["kept"].format(day=one.kept_until) if one.kept_until else words["kept_long"],
        "receipt": words["receipt"].format(method=one.method, rule=one.permission),
    }


def _given(one: Given, language: str) -> dict[str, Any]:
    words, named = _words(language), labels(language)
    transfer = ""
    if one.country and one.country not in countries("eea"):
        transfer = words["transfer"].format(transfer=named.get(one.transfer, one.transfer))
    return {
        "name": one.name,
        "country": one.country,
        "received": words["received"].format(day=one.on, purpose=one.purpose.replace("-", " ")),
        "transfer": transfer,
        "listed": [f"{named.get(prop, prop)}: {value}" for prop, value in one.values],
        "forgotten": words["forgotten"].format(count=one.forgotten) if one.forgotten else "",
    }


def _merge(one: Merge, language: str) -> dict[str, Any]:
    words = _words(language)
    spoken = language if language in texts.LANGUAGES else "en"
    how = words["by_person"].format(day=one.on)
    if not one.by_person:
        how = words["by_rule"].format(day=one.on, probability=f"{one.probability:.2f}")
    return {
        "same": one.same,
        "verdict": words["same" if one.same else "different"],
        "decided": how,
        "pages": list(dict.fromkeys(one.pages)),
        "reasons": [texts.rule(rule, spoken, said) for rule, said in zip(one.rules, one.sentences, strict=True)],
    }


def _dealings(found: Dossier, words: Mapping[str, str]) -> Iterator[str]:
    for one in found.notices:
        yield words["notice"].format(
            purpose=one["purpose"].replace("-", " "), day=one["sent_on"], channel=one["channel"]
        )
    for one in found.choices:
        yield words["choice"].format(scope=one["scope"], day=one["since"])
    for one in found.consents:
        said = words["agreed" if one["act"] == GIVEN else "took_back"]
        yield said.format(purpose=one["purpose"].replace("-", " "), channel=one["channel"], day=one["on"])
    for one in found.restricted:
        yield words["restriction"].format(ground=one["ground"], day=one["since"])
    for one in found.requests:
        yield words["asked"].format(kind=one["kind"], day=one["received_on"], outcome=one["outcome"])
    for one in found.waiting:
        yield words["waiting"].format(day=one["read_on"])
