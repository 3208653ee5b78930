"""The first two stages as Scrapy runs them: counting, dropping, failing closed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import cast

import pytest
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from crawler.items import Disposal, Mention, MentionType, Method, Property, Value
from pipelines import minimise
from pipelines.master.store import Store
from pipelines.minimise import Minimise
from pipelines.validate import Validate

pytestmark = pytest.mark.asyncio


class Audit:
    """Stands in for the store: remembers what was handed to it."""

    def __init__(self) -> None:
        self.rules: list[str] = []

    def tally(self, host: str, disposals: Sequence[Disposal]) -> None:
        self.rules += [disposal.rule for disposal in disposals]


@pytest.fixture
def audit() -> Audit:
    return Audit()


@pytest.fixture
def crawler() -> Crawler:
    crawler = get_crawler()
    crawler._apply_settings()
    return crawler


def mention(name: str = "Ms Alex Sample", email: str = "alex@gmail.com") -> Mention:
    found = Mention(MentionType.PERSON, country="GB")
    found.add(Property.NAME, Value(name, Method.CARD, "/"))
    found.add(Property.EMAIL, Value(email, Method.CARD, "/"))
    return found


def count(crawler: Crawler, key: str) -> int:
    assert crawler.stats
    return cast("int", crawler.stats.get_value(f"cardfile/{key}", 0))


async def test_both_stages_count_what_they_do_not_keep(crawler: Crawler, audit: Audit) -> None:
    store = cast("Store", audit)
    item = await Validate(crawler, store).process_item(mention())
    item = await Minimise(crawler, store).process_item(item)
    assert item.text(Property.NAME) == "Alex Sample"
    assert Property.EMAIL not in item.values
    assert audit.rules == ["courtesy-title", "free-mail"]
    assert count(crawler, "validate/courtesy-title") == 1
    assert count(crawler, "minimise/free-mail") == 1


async def test_a_mention_without_a_name_is_dropped_and_counted(crawler: Crawler, audit: Audit) -> None:
    with pytest.raises(DropItem, match="name-placeholder") as dropped:
        await Validate(crawler, cast("Store", audit)).process_item(mention("Lorem Ipsum"))
    assert "gmail" not in str(dropped.value)
    assert audit.rules == ["name-placeholder"]


async def test_an_error_drops_the_item_and_says_nothing_of_it(
    crawler: Crawler, audit: Audit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(item: Mention, *, revealing_employers: bool) -> list[Disposal]:
        raise ValueError(item.text(Property.NAME))

    monkeypatch.setattr(minimise, "minimise_mention", fail)
    with caplog.at_level(logging.DEBUG), pytest.raises(DropItem, match="failed closed: ValueError") as dropped:
        await Minimise(crawler, cast("Store", audit)).process_item(mention())
    assert dropped.value.__cause__ is None
    assert "Sample" not in str(dropped.value) + caplog.text
    assert audit.rules == ["failed-closed"]
    assert count(crawler, "minimise/failed-closed") == 1


async def test_the_setting_reaches_the_stage(crawler: Crawler, monkeypatch: pytest.MonkeyPatch, audit: Audit) -> None:
    monkeypatch.setattr(Store, "of", lambda crawler: audit)
    crawler.settings.frozen = False
    crawler.settings.set("CARDFILE_KEEP_REVEALING_EMPLOYERS", True)
    item = mention(email="alex@corvid.example")
    item.add(Property.WORKS_FOR, Value("Diocese of Sampleton", Method.CARD, "/"))
    kept = await Minimise.from_crawler(crawler).process_item(item)
    assert kept.text(Property.WORKS_FOR) == "Diocese of Sampleton"
