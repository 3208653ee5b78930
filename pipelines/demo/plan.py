"""What the demo is about to do: which sites to serve, which sources to crawl, whom to leave out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crawler import sources
from crawler.sources import SourceRegister
from pipelines.demo.objections import objections
from pipelines.demo.sites import Sites
from pipelines.errors import StoreError
from pipelines.rights.suppression import Identifier

#: A site without a front page is entered through this many of its pages.
_ENTRANCES = 10
_BALANCING = """---
purpose: To try the program on a folder of saved pages, on this machine only.
necessity: The pages are read as they lie in the folder; nothing is fetched from the sites themselves.
balancing: Whoever keeps the result of such a trial has to weigh this for the people on those pages first.
safeguards: [closed schema, sensitive statements dropped before storage, loopback only]
fields: [name, jobTitle, worksFor, email, telephone, faxNumber, workLocation, url, sameAs]
reviewer: nobody yet
reviewed_on: 2026-11-01
expires_on: 2036-11-01
---

Written by `scrapy demo` for a folder of sites without a source register of its own.
"""
_DEFAULTS = """# Written anew by each `scrapy demo` over a folder of sites without a sources.toml of its own.

[defaults]
kind = "company-site"
spider = "company_site"
purpose = "trial"
legal_basis = "legitimate-interest"
balancing_test = "trial.md"
retention_days = 30
budget = { pages = 200, depth = 4, seconds = 300 }
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to serve, what to crawl, and the identifiers of those who have objected."""

    sites: Sites
    register: SourceRegister
    objections: frozenset[Identifier]


def plan(folder: Path, home: Path) -> Plan:
    """Return the plan for a folder of sites.

    Its own `sources.toml` is used where there is one; else each site becomes a source, in a register written to the
    data folder `home`. Raises UsageError or SourceError when the folder cannot be used, StoreError when `home` cannot.
    """
    sites = Sites.in_folder(folder)
    register = folder / "sources.toml"
    if not register.is_file():
        register = _write_register(sites, home)
    return Plan(sites, sources.load(register), objections(folder / "opt-outs.toml"))


def _write_register(sites: Sites, home: Path) -> Path:
    file = home / "sources.toml"
    tables = [_source(host, _entrances(root)) for host, root in sites.hosts.items()]
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "trial.md").write_text(_BALANCING, "utf-8")
        file.write_text("\n".join([_DEFAULTS, *tables]), "utf-8")
    except OSError as error:
        raise StoreError(
            f"The data folder {home} cannot be written ({error.strerror}); name another: --home."
        ) from None
    return file


def _source(host: str, paths: Iterable[str]) -> str:
    identifier = re.sub(r"[^a-z0-9]+", "-", host).strip("-")
    urls = ", ".join(f'"http://{host}{path}"' for path in paths)
    return f'[[source]]\nid = "{identifier}"\npublisher = "{host}"\nstart_urls = [{urls}]\n'


def _entrances(root: Path) -> list[str]:
    """Return the front page, else the front page nearest to it, else the first pages."""
    fronts = sorted((page.parent for page in root.rglob("index.html")), key=lambda place: (len(place.parts), place))
    if fronts:
        inside = fronts[0].relative_to(root).as_posix()
        return ["/" if inside == "." else f"/{inside}/"]
    pages = sorted(root.rglob("*.htm*"), key=lambda page: (len(page.parts), page))
    return [f"/{page.relative_to(root).as_posix()}" for page in pages[:_ENTRANCES]] or ["/"]
