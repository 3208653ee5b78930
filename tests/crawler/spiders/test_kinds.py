"""Every kind of source has a spider that is made for it, a bundled site, and a row in the documents."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from crawler import sources
from crawler.navigation.roles import Role
from crawler.spider import OWN_PEOPLE, ContactSpider
from tests.support import tree

SITES = tree.ROOT / "fixtures" / "sites"
REGISTER = sources.load(SITES / "sources.toml")
ROWS = {
    kind: [cell.strip() for cell in line.strip("| ").split("|")]
    for line in tree.read(Path("docs/sources.md")).splitlines()
    if line.startswith("| `")
    for kind in re.findall(r"`([a-z-]+)`", line.split("|")[1])
}


def spiders() -> dict[str, type[ContactSpider]]:
    found: dict[str, type[ContactSpider]] = {}
    for module in tree.modules("crawler.spiders"):
        things = vars(import_module(f"crawler.spiders.{module}")).values()
        found[module] = next(
            thing
            for thing in things
            if isinstance(thing, type) and issubclass(thing, ContactSpider) and thing is not ContactSpider
        )
    return found


SPIDERS = spiders()
#: Files that come in another way than by a crawl; `scrapy import` reads them.
CRAWLED = sorted(sources.KINDS - {"import"})


@pytest.mark.parametrize("kind", CRAWLED)
def test_a_kind_is_served(kind: str) -> None:
    made_for = [name for name, spider in SPIDERS.items() if kind in spider.kinds]
    assert len(made_for) == 1, "one spider is made for it, and no second one"
    registered = [source for source in REGISTER if source.kind == kind]
    assert registered, "a bundled site shows it"
    assert {source.spider for source in registered} == set(made_for)


@pytest.mark.parametrize("kind", sorted(sources.KINDS))
def test_a_kind_is_documented(kind: str) -> None:
    assert kind in ROWS, "docs/sources.md has no row for it"
    _, what, spider, site, own, employer, caution = ROWS[kind]
    assert all((what, employer, caution))
    assert own == ("yes" if kind in OWN_PEOPLE else "no")
    if kind != "import":
        assert kind in SPIDERS[spider.strip("`")].kinds
        assert (SITES / site.strip("`")).is_dir()


@pytest.mark.parametrize("name", SPIDERS)
def test_a_spider_is_a_short_declaration(name: str) -> None:
    spider = SPIDERS[name]
    assert spider.kinds <= sources.KINDS
    assert set(spider.worth) <= set(Role)
    assert all(0 <= amount < 100 for amount in spider.worth.values()), "a start URL comes first"
    lines = tree.read(Path("crawler", "spiders", f"{name}.py")).splitlines()
    assert name == "import_file" or len(lines) <= 95
