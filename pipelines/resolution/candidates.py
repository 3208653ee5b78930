"""Candidate pairs of a collection: DuckDB joins the pieces of the blocking keys, on disk where memory does not do.

The keys are those of `blocking.keys`, as eight-byte digests: the pieces are worked out in Python once per distinct
value, and put together in SQL once per record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Collection as Some
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import duckdb
import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import blocking
from pipelines.resolution.collection import PROPERTIES, Collection
from pipelines.resolution.contacts import title_key

Ints = NDArray[np.int64]
_CHUNK = 100_000
_MEMORY = "1GB"
#: So many records are blocked faster without a database.
_FEW = 500


def propose(records: Collection, crowded: frozenset[str] | None = None) -> tuple[Ints, frozenset[str]]:
    """Return the candidate pairs as `Candidates.pairs` has them, and the crowded keys, counted when not given.

    A small collection is blocked in Python: opening a database would take longer.
    """
    if len(records) <= _FEW:
        crowd = blocking.find_crowded(records) if crowded is None else crowded
        found = sorted(blocking.pairs(records, crowded=crowd))
        return np.array(found, dtype=np.int64).reshape(-1, 2), crowd
    with Candidates(records) as candidates:
        crowd = candidates.crowded() if crowded is None else crowded
        return candidates.pairs(crowd), crowd


class Candidates:
    """The blocking keys of one collection; use as a context manager, it holds a temporary folder."""

    def __init__(self, records: Collection) -> None:
        self._records = records
        self._folder = TemporaryDirectory(prefix="cardfile-")
        self._database = duckdb.connect()
        self._database.execute("SET threads = 2")
        self._database.execute("SET enable_progress_bar = false")
        self._database.execute(f"SET memory_limit = '{_MEMORY}'")
        self._database.execute("SET preserve_insertion_order = false")
        self._database.execute("SET temp_directory = $path", {"path": str(Path(self._folder.name) / "spill")})
        self._load()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop the keys and the folder."""
        self._database.close()
        self._folder.cleanup()

    def crowded(self, limit: int = blocking.CROWDED, limit_of_parts: int = blocking.CROWDED_PARTS) -> frozenset[str]:
        """Return what `blocking.find_crowded` returns."""
        limits = {"limit": limit, "parts": limit_of_parts, "kinds": blocking.PARTS}
        rows = self._database.execute(_CROWDED, limits).fetchnumpy()
        return frozenset(f"{key:016x}" for key in rows["key"].tolist())

    def pairs(self, crowded: Some[str]) -> Ints:
        """Return the distinct pairs of places that share a key, one row a pair, the smaller place first, sorted.

        The keys in `crowded` are split; a block that is too large all the same pairs each record with its next few
        neighbours.
        """
        digests = np.array(sorted(int(key, 16) for key in crowded), dtype=np.uint64)
        self._database.execute("CREATE OR REPLACE TEMP TABLE crowded (key UBIGINT)")
        if len(digests):
            self._put("crowded", {"key": digests})
        self._database.execute(_BLOCKS)
        found = self._database.execute(_PAIRS, {"largest": blocking.LARGEST, "window": blocking.WINDOW}).fetchnumpy()
        return np.stack([found["a"], found["b"]], axis=1).astype(np.int64)

    def _put(self, table: str, columns: dict[str, NDArray[Any]]) -> None:
        self._database.register("given", columns)
        self._database.execute(f"INSERT INTO {table} SELECT * FROM given")  # noqa: S608  the table names are ours
        self._database.unregister("given")

    def _load(self) -> None:
        for statement in (*_TABLES, _VIEWS):
            self._database.execute(statement)
        records, people = self._records, np.flatnonzero(self._records.people)
        codes = {name: records.columns[name].codes[people] for name in PROPERTIES}
        self._put("records", {"place": people.astype(np.int32), **codes})
        self._load_names()
        for table, prop, pieces in _PIECES:
            values = records.columns[prop].values
            self._pieces(
                f"{table}_{prop}", ((code, text) for code, value in enumerate(values) for text in pieces(value))
            )
        for place in np.flatnonzero(~records.people).tolist():
            self._load_organisation(place)
        self._database.execute(_KEYS)

    def _load_names(self) -> None:
        values = enumerate(self._records.columns["names"].values)
        while chunk := list(islice(values, _CHUNK)):
            pieces = [(code, blocking.name_pieces(value)) for code, value in chunk if value]
            for table in blocking.NamePieces._fields:
                self._pieces(table, ((code, text) for code, given in pieces for text in getattr(given, table)))

    def _load_organisation(self, place: int) -> None:
        one = self._records[place]
        for table, texts in (("other_keys", blocking.keys(one)), ("other_seconds", blocking.seconds(one))):
            self._pieces(table, ((place, text) for text in texts))

    def _pieces(self, table: str, rows: Iterable[tuple[int, str]]) -> None:
        listed = iter(rows)
        while chunk := list(islice(listed, 10 * _CHUNK)):
            codes, texts = zip(*chunk, strict=True)
            self._put(table, {"code": np.array(codes, dtype=np.int32), "text": np.array(texts, dtype=object)})


#: A table of pieces, the property that they come from, and how.
_PIECES: tuple[tuple[str, str, Callable[[Any], Iterable[str]]], ...] = (
    ("spots", "organisations", blocking.firm_spots),
    ("spots", "telephones", blocking.telephone_spots),
    ("spots", "addresses", blocking.address_spots),
    ("spots", "mailboxes", blocking.domain_spots),
    ("own", "mailboxes", blocking.mailbox_keys),
    ("own", "profiles", blocking.profile_keys),
    ("marks", "titles", lambda titles: {title_key(title) for title in titles}),
    ("seconds", "names", blocking.name_seconds),
    ("seconds", "mailboxes", lambda boxes: [f"m{box.key}" for box in boxes]),
    ("seconds", "profiles", lambda pages: [f"p{page.key}" for page in pages]),
    ("seconds", "addresses", lambda places: [f"a{place.key}" for place in places]),
)
_TABLES = [
    f"CREATE TABLE {name} (code INTEGER, text VARCHAR)"
    for name in (
        *blocking.NamePieces._fields,
        *(f"{table}_{prop}" for table, prop, _ in _PIECES),
        "other_keys",
        "other_seconds",
    )
]
#: What a record says of its workplace, and all that can split a crowded key of it.
_VIEWS = """
CREATE TABLE records (
    place INTEGER, names INTEGER, organisations INTEGER, titles INTEGER, mailboxes INTEGER, telephones INTEGER,
    addresses INTEGER, profiles INTEGER
);
CREATE VIEW spots AS
SELECT place, text FROM records JOIN spots_organisations ON organisations = code
UNION ALL SELECT place, text FROM records JOIN spots_telephones ON telephones = code
UNION ALL SELECT place, text FROM records JOIN spots_addresses ON addresses = code
UNION ALL SELECT place, text FROM records JOIN spots_mailboxes ON mailboxes = code;
CREATE VIEW seconds AS
SELECT place, text FROM records JOIN spots_organisations ON organisations = code
UNION ALL SELECT place, text FROM records JOIN spots_telephones ON telephones = code
UNION ALL SELECT place, text FROM records JOIN seconds_addresses ON addresses = code
UNION ALL SELECT place, text FROM records JOIN seconds_mailboxes ON mailboxes = code
UNION ALL SELECT place, text FROM records JOIN seconds_profiles ON profiles = code
UNION ALL SELECT place, text FROM records JOIN seconds_names ON names = code
UNION ALL SELECT code, text FROM other_seconds;
"""
#: Every record's keys: its digest, and the kind that says what cannot split it.
_KEYS = """
CREATE TABLE keys AS
SELECT DISTINCT place, kind, md5_number_lower(text) AS key FROM (
    SELECT place, text[1] AS kind, text FROM records JOIN whole ON names = code
    UNION ALL SELECT place, text[1], text FROM records JOIN own_mailboxes ON mailboxes = code
    UNION ALL SELECT place, text[1], text FROM records JOIN own_profiles ON profiles = code
    UNION ALL SELECT code, CASE WHEN text[1] IN ('k', 'w', 'f', 'j') THEN 'o' ELSE text[1] END, text FROM other_keys
    UNION ALL
    SELECT place, spots.text[1], anywhere.text || '@' || spots.text
    FROM records JOIN anywhere ON names = code JOIN spots USING (place)
    UNION ALL
    SELECT place, spots.text[1], direct.text || '@' || spots.text
    FROM records JOIN direct ON names = code JOIN spots USING (place) WHERE spots.text[1] IN ('t', 'a')
    UNION ALL
    SELECT place, spots.text[1], marked.text || '@' || spots.text
    FROM records JOIN marked ON names = code JOIN spots USING (place) WHERE spots.text[1] IN ('d', 'o')
    UNION ALL
    SELECT place, spots.text[1], titled.text || marks_titles.text || '@' || spots.text
    FROM records JOIN titled ON names = titled.code JOIN marks_titles ON titles = marks_titles.code
    JOIN spots USING (place) WHERE spots.text[1] IN ('d', 'o')
)
"""
_CROWDED = """
SELECT key FROM keys GROUP BY key, kind
HAVING count(*) > CASE WHEN contains($kinds, kind) THEN $parts ELSE $limit END
"""
_HELD = " ".join(f"WHEN '{kind}' THEN '{held}'" for kind, held in blocking.HELD.items())
#: The blocks as they are compared, each record with its rank in it.
_BLOCKS = f"""
CREATE OR REPLACE TEMP TABLE blocks AS
WITH common AS (SELECT key FROM keys GROUP BY key HAVING count(*) > 1),
split AS (
    SELECT place, key FROM keys SEMI JOIN common USING (key) ANTI JOIN crowded USING (key)
    UNION ALL
    SELECT DISTINCT place, md5_number_lower(format('{{:016x}}|', key) || text)
    FROM keys SEMI JOIN crowded USING (key) JOIN seconds USING (place)
    WHERE NOT contains(CASE kind {_HELD} ELSE '' END, text[1])
), numbered AS (
    SELECT key, place, row_number() OVER (PARTITION BY key ORDER BY place) AS rank,
           count(*) OVER (PARTITION BY key) AS size
    FROM split
)
SELECT * FROM numbered WHERE size > 1
"""  # noqa: S608  the kinds are constants of ours
_PAIRS = """
WITH small AS (SELECT * FROM blocks WHERE size <= $largest), large AS (SELECT * FROM blocks WHERE size > $largest)
SELECT one.place AS a, other.place AS b
FROM small AS one JOIN small AS other ON one.key = other.key AND one.rank < other.rank
UNION
SELECT one.place, other.place
FROM (SELECT key, place, rank + unnest(range(1, $window + 1)) AS next FROM large) AS one
JOIN large AS other ON one.key = other.key AND other.rank = one.next
ORDER BY a, b
"""
