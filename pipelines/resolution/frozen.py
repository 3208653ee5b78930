"""What was learnt from the store, frozen under a version: a pair scores the same today and in a year.

Only `scrapy resolve` makes a new version. Names, numbers and addresses are kept as hashes of eight bytes, because a
count needs no name: what was learnt from somebody does not keep them in the store when they are erased. Words of
organisations' names and of job titles stay readable, as aliases are relations between them.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

from sqlalchemy import Connection, select, update

from pipelines.master.models import StatisticsRow
from pipelines.master.upsert import upsert
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.thawing import freeze, thaw

#: Versions kept in memory: the one in use and, while a new one is made, the next.
_KEPT = 2
#: Levels of pairs of employers that are remembered from one group of mentions to the next: about 0.8 MB.
_MEMO = 4_000
_loaded: dict[str, Statistics] = {}


def current(connection: Connection) -> Statistics:
    """Return the version in use, or what is known of names in general when none was learnt yet."""
    version = version_in_use(connection)
    if version not in _loaded:
        row = connection.execute(select(StatisticsRow.id, StatisticsRow.data).where(StatisticsRow.in_use)).first()
        version, data = row or ("", b"")  # of one moment: another process may have learnt since the first look
        while len(_loaded) >= _KEPT:
            del _loaded[next(iter(_loaded))]
        _loaded[version] = thaw(data) if data else Statistics()
    found = _loaded[version]
    if len(found.memo) > _MEMO:
        found.memo.clear()
    return found


def version_in_use(connection: Connection) -> str:
    """Return the id of the version in use, "" for none."""
    return connection.scalar(select(StatisticsRow.id).where(StatisticsRow.in_use)) or ""


def keep(connection: Connection, statistics: Statistics, mentions: int, now: datetime) -> str:
    """Store statistics as the version in use and return its id; equal statistics are one version."""
    data = freeze(statistics)
    version = blake2b(data, digest_size=6).hexdigest()
    connection.execute(update(StatisticsRow).where(StatisticsRow.id != version).values(in_use=False, data=b""))
    row = {"id": version, "made_at": now, "mentions": mentions, "data": data, "in_use": True}
    upsert(connection, StatisticsRow, [row], lambda _, offered: {"in_use": True, "data": offered["data"]})
    return version
