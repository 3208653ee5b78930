"""Stage three: who has opted out or was erased stays out, and what nobody may merge yet is kept apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from sqlalchemy import Connection

from crawler import clock
from crawler.acquisition import is_upload, stays_apart
from crawler.items import Disposal, Mention, MentionType, Property, Source
from pipelines.master.statements import mention_ids
from pipelines.master.store import Store
from pipelines.rights import apart
from pipelines.rights.apart import Apart
from pipelines.rights.droplists import hashed
from pipelines.rights.secret import Keyring, keyring
from pipelines.rights.suppression import Identifier, keyed_hashes, renew, standings
from pipelines.upkeep.replay import by_reading

_OPTED_OUT = Disposal("suppress", "opted-out", "person", "suppression-list")
_RESTRICTED = Disposal("suppress", "restricted", "person", "restriction")
_NAMESAKE = Disposal("suppress", "namesake", "person", "name-of-a-suppressed-person", "apart")
_UPLOAD = Disposal("suppress", "upload", "mention", "no-permission", "apart")


class _Fate(Enum):
    """What becomes of a mention."""

    PASSES = None
    OUT = _OPTED_OUT
    RESTRICTED = _RESTRICTED
    NAMESAKE = _NAMESAKE
    UPLOAD = _UPLOAD


class Suppress:
    """Drops a mention of a suppressed person.

    A mention that has a suppressed person's name and none of the other identifiers is somebody else or the same person
    at a new employer: it is kept apart until a person decides. So are customers' uploads that no document lets in.
    """

    def __init__(self, crawler: Crawler, store: Store, keys: Keyring) -> None:
        self._crawler = crawler
        self._store = store
        self._keys = keys

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Fetch the store and the keys; raises UsageError when production has no key."""
        return cls(crawler, Store.of(crawler), keyring(crawler.settings))

    async def process_item(self, item: Mention) -> Mention:
        """Return the mention, less what the source's assessment does not cover, or drop it when it may not go on."""
        self._cover(item)
        fate = await self._store.submit(self._decide, item)
        if fate is _Fate.PASSES:
            return item
        disposal: Disposal = fate.value
        self._store.tally(item.host, [disposal])
        if self._crawler.stats:
            self._crawler.stats.inc_value(f"cardfile/suppress/{disposal.category}")
        raise DropItem(f"{disposal.rule}: {disposal.action}")

    def _cover(self, item: Mention) -> None:
        """Take out of a person's mention what the balancing test of its source does not speak of; the name remains."""
        source = getattr(self._crawler.spider, "source", None)
        if not isinstance(source, Source) or not _is_person(item):
            return
        beyond = [prop for prop in item.values if prop is not Property.NAME and not source.covers(prop)]
        for prop in beyond:
            del item.values[prop]
            self._store.tally(item.host, [Disposal("suppress", "not-covered", prop.value, "balancing-test")])

    def _decide(self, connection: Connection, items: Sequence[Mention]) -> list[_Fate]:
        source = getattr(self._crawler.spider, "source", None)
        purpose = source.purpose if isinstance(source, Source) else ""
        upload = isinstance(source, Source) and stays_apart(source)
        uploaded = isinstance(source, Source) and is_upload(source)
        groups = [keyed_hashes(self._keys, _identifiers(item)) for item in items]
        found = standings(connection, groups)
        names = [one.namesake(purpose) for one in found]
        known = [False] * len(items)
        if any(names):
            known = apart.cleared(connection, self._keys, [apart.Named.of(item) for item in items])
        fates = []
        for one, name, cleared in zip(found, names, known, strict=True):
            if one.out(purpose):
                fates.append(_Fate.OUT)
            elif one.restricted:  # what is held stays as it is (Article 18(2) GDPR)
                fates.append(_Fate.RESTRICTED)
            elif name and not cleared:
                fates.append(_Fate.NAMESAKE)
            else:
                fates.append(_Fate.UPLOAD if upload else _Fate.PASSES)
        self._keep(connection, items, fates, names)
        if uploaded:  # what stayed apart before a document let it in
            passed = (item for item, fate in zip(items, fates, strict=True) if fate is _Fate.PASSES)
            apart.forget(connection, [mention_ids(item)[-1] for item in passed])
        if self._keys.previous:
            renew(connection, self._keys, (key for item in items if _is_person(item) for key in apart.named(item)))
        return fates

    def _keep(
        self, connection: Connection, items: Sequence[Mention], fates: Sequence[_Fate], names: Sequence[str]
    ) -> None:
        reasons = {_Fate.NAMESAKE: apart.NAMESAKE, _Fate.UPLOAD: apart.UPLOAD}
        kept = [
            Apart(item, reasons[fate], name)
            for item, fate, name in zip(items, fates, names, strict=True)
            if fate in reasons
        ]
        if kept:
            apart.keep(connection, self._keys, kept, clock.now())


def _identifiers(item: Mention) -> Iterator[Identifier]:
    """Yield all that an entry of the suppression list may name the person of a mention by."""
    if _is_person(item):
        yield from apart.named(item)
        yield from hashed(item)
        yield by_reading(mention_ids(item)[-1])


def _is_person(item: Mention) -> bool:
    return item.type is MentionType.PERSON
