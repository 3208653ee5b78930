"""What people have judged, as the learning of weights reads it: which rules held, and nothing about whom.

A pair of names would teach no more than the rules that held for it (Article 5(1)(c) GDPR), so no name leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from pipelines.master.upsert import chunks
from pipelines.reports.restricted import Veil
from pipelines.resolution import evidence, frozen
from pipelines.resolution.comparison import PLACES
from pipelines.resolution.judgements import of_people
from pipelines.resolution.loading import records
from pipelines.resolution.master_rows import homes_of
from pipelines.resolution.preparation import prepare


def lessons(connection: Connection) -> Iterator[dict[str, Any] | None]:
    """Yield what each judgement of a person teaches, oldest first: {type, verdict, findings}, a finding being [rule,
    strength] (`pipelines.resolution.labels`).

    None stands for a judgement that teaches nothing now: a reading of it is gone or of another type than the other, or
    its processing is restricted (Article 18(2) GDPR: it is stored and not used).
    """
    statistics, restricted = frozen.current(connection), Veil.of(connection).entities
    for chunk in chunks(of_people(connection)):
        told = {mention for one in chunk for mention in one.pair}
        home, read = homes_of(connection, told), records(connection, told)
        prepared = {key: prepare(record) for key, record in read.items() if home.get(key) not in restricted}
        for one in chunk:
            sides = [prepared[key] for key in one.pair if key in prepared]
            if len(sides) < 2 or sides[0].type is not sides[1].type:
                yield None
                continue
            found = evidence.pair(sides[0], sides[1], statistics)
            rules = [[rule, round(strength, PLACES)] for rule, strength in found]
            yield {"type": sides[0].type.value, "verdict": one.verdict, "findings": rules}
