"""Whose processing is restricted (Article 18 GDPR) is in no report: a line stands where the card would be.

To restrict is to store and do nothing else (Article 18(2)); showing somebody's values to whoever asks for a report is
something else. Only the privacy officer, who answers the person, still sees them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from sqlalchemy import Connection, Select, or_, select

from crawler.items import MentionType
from pipelines.errors import RefusedError
from pipelines.master.models import MentionRow, StatementRow
from pipelines.master.requests import RestrictionRow
from pipelines.master.upsert import chunks
from pipelines.reports import masks
from pipelines.reports.entities import Entity

#: What stands in place of a name.
LINE = "restricted (Article 18)"


@dataclass(frozen=True, slots=True)
class Veil:
    """Who is not shown: the entries with a restricted reading, and the pages that such readings stand on.

    `own` are those of the pages that show no other person: their address may be a name.
    """

    entities: frozenset[str] = frozenset()
    pages: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """Read all that are restricted; they are few, whatever the size of the store."""
        query = select(MentionRow.entity_id, MentionRow.url)
        rows = connection.execute(query.where(MentionRow.id.in_(_restricted()))).all()
        pages = frozenset(row[1] for row in rows)
        others: set[str] = set()
        for chunk in chunks(sorted(pages)):
            of_people = MentionRow.url.in_(chunk), MentionRow.type == MentionType.PERSON.value
            free = MentionRow.id.not_in(_restricted())
            others.update(connection.scalars(select(MentionRow.url).where(*of_people, free).distinct()))
        return cls(frozenset(row[0] for row in rows if row[0]), pages, pages - others)

    def entity(self, found: Entity) -> Entity:
        """Return an entry as it may be shown: nothing but its id of who is restricted, and nobody's quotes of them.

        An employer that was read beside a restricted person may quote the person in its evidence, and stand on a page
        that is named by the person.
        """
        if found.id in self.entities:
            return Entity(found.id, found.type, LINE, 0, found.first_seen)
        if not self.entities:
            return found
        decisions = [
            replace(one, pages=(self._page(one.pages[0]), self._page(one.pages[1])))
            for one in found.decisions
            if one.other not in self.entities
        ]
        if found.type is MentionType.PERSON:
            return replace(found, decisions=decisions)
        quoting = {receipt.number for receipt in found.receipts if receipt.url in self.pages}
        values = [
            replace(
                value,
                statements=[
                    replace(one, evidence=one.original) if one.receipt in quoting else one for one in value.statements
                ],
            )
            for value in found.values
        ]
        receipts = [replace(receipt, url=self._page(receipt.url)) for receipt in found.receipts]
        return replace(found, decisions=decisions, values=values, receipts=receipts)

    def _page(self, url: str) -> str:
        return masks.page(url) if url in self.own else url

    def name(self, identity: str, name: str) -> str:
        """Return the name of an entry as it may be shown."""
        return LINE if identity in self.entities else name

    def require_open(self, entities: Iterable[str]) -> None:
        """Raise RefusedError when one of some entries is restricted."""
        if not self.entities.isdisjoint(entities):
            raise _refusal()


def require_free(connection: Connection, value: str) -> None:
    """Raise RefusedError when a restricted reading says a value."""
    spellings = {value.strip(), value.strip().lower()}
    said = or_(StatementRow.normalised.in_(spellings), StatementRow.original.in_(spellings))
    query = select(StatementRow.id).where(StatementRow.mention_id.in_(_restricted()), said)
    if connection.scalar(query.limit(1)):
        raise _refusal()


def _restricted() -> Select[str]:
    """The readings that are restricted, for the right side of an IN.

    A join would leave the order to SQLite, which knows nothing of sizes, and it goes through the whole store.
    """
    return select(RestrictionRow.mention_id)


def _refusal() -> RefusedError:
    return RefusedError(
        "The processing of this person's data is restricted (Article 18 GDPR): only the privacy officer sees them"
        " (--role privacy-officer)."
    )
