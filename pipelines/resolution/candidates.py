"""Candidate pairs of a collection: DuckDB joins the pieces of the blocking keys, on disk where memory does not do.

The keys are those of `blocking.keys`, as the numbers that `blocking.digest` shows: the pieces are worked out in Python
once per distinct value (`key_pieces`), and put together in SQL once per record.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import duckdb
import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import blocking, key_pieces
from pipelines.resolution.collection import PROPERTIES, Collection

Ints = NDArray[np.int64]
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
        for table, prop, pieces in key_pieces.TABLES:
            self._put(f"{table}_{prop}", key_pieces.of_values(records.columns[prop].values, pieces).columns())
        names = key_pieces.of_names(records.names)
        for table, found in names.tables.items():
            self._put(f"{table}_names", found.columns())
        self._put("titled", names.titled)
        wanted = self._database.execute(_TITLED).fetchnumpy()
        titles = records.columns["titles"].values
        self._put("titled_texts", key_pieces.with_titles(wanted["piece"], wanted["titles"], names.texts, titles))
        keys, seconds = key_pieces.of_organisations(records)
        self._put("other_keys", keys.columns())
        self._put("other_seconds", seconds.columns())
        self._database.execute(_KEYS)


_OF_VALUES = [f"{table}_{prop}" for table, prop, _ in key_pieces.TABLES]
_OF_NAMES = [f"{table}_names" for table in key_pieces.NAMES]
_TABLES = [
    *(
        f"CREATE TABLE {name} (code INTEGER, kind UTINYINT, number UBIGINT)"
        for name in (*_OF_VALUES, *_OF_NAMES, "other_keys", "other_seconds")
    ),
    "CREATE TABLE titled (code INTEGER, piece INTEGER)",
    "CREATE TABLE titled_texts (piece INTEGER, titles INTEGER, number UBIGINT)",
]


def _rows(tables: Iterable[str], view: str) -> str:
    """Return the view that has the pieces of several tables, each by the property that it is named after."""
    selected = [
        f"SELECT place, kind, number FROM records JOIN {table} ON {table.partition('_')[2]} = code"  # noqa: S608
        for table in tables
        if table.startswith(view)
    ]
    return f"CREATE VIEW {view} AS {' UNION ALL '.join(selected)}"


#: What a record says of its workplace, its own keys, and all that can split a crowded key of it.
_VIEWS = f"""
CREATE TABLE records (
    place INTEGER, names INTEGER, organisations INTEGER, titles INTEGER, mailboxes INTEGER, telephones INTEGER,
    addresses INTEGER, profiles INTEGER
);
{_rows(_OF_VALUES, "spots")};
{_rows(_OF_VALUES, "own")}
UNION ALL SELECT place, kind, number FROM records JOIN pieces_names ON names = code
WHERE kind NOT IN (ord('s'), ord('h'), ord('g'));
{_rows([*_OF_VALUES, *_OF_NAMES], "seconds")}
UNION ALL SELECT place, kind, number FROM records JOIN spots_organisations ON organisations = code
UNION ALL SELECT place, kind, number FROM records JOIN spots_telephones ON telephones = code
UNION ALL SELECT code, kind, number FROM other_seconds;
"""  # noqa: S608  the tables are named here
_TITLED = "SELECT DISTINCT piece, titles FROM records JOIN titled ON names = code WHERE titles > 0"
#: Every record's keys: its number, and the kind that says what cannot split it. Joined pieces are put together as
#: `blocking.digest` does it.
_KEYS = """
CREATE TABLE keys AS
SELECT DISTINCT place, kind, number AS key FROM (
    SELECT * FROM own
    UNION ALL SELECT code, kind, number FROM other_keys
    UNION ALL SELECT place, spots.kind, xor(piece.number, spots.number)
    FROM records JOIN pieces_names AS piece ON names = code JOIN spots USING (place)
    WHERE piece.kind IN (ord('s'), ord('h'))
    UNION ALL SELECT place, spots.kind, xor(piece.number, spots.number)
    FROM records JOIN pieces_names AS piece ON names = code JOIN spots USING (place)
    WHERE piece.kind = ord('g') AND spots.kind IN (ord('t'), ord('a'))
    UNION ALL SELECT place, spots.kind, xor(piece.number, spots.number)
    FROM records JOIN marked_names AS piece ON names = code JOIN spots USING (place)
    WHERE spots.kind IN (ord('d'), ord('o'))
    UNION ALL SELECT place, spots.kind, xor(text.number, spots.number)
    FROM records JOIN titled ON names = code
    JOIN titled_texts AS text ON text.piece = titled.piece AND text.titles = records.titles
    JOIN spots USING (place)
    WHERE spots.kind IN (ord('d'), ord('o'))
)
"""
_CROWDED = """
SELECT key FROM keys GROUP BY key, kind
HAVING count(*) > CASE WHEN contains($kinds, chr(kind)) THEN $parts ELSE $limit END
"""
_HELD = " ".join(f"WHEN ord('{kind}') THEN '{held}'" for kind, held in blocking.HELD.items())
#: The blocks as they are compared, each record with its rank in it.
_BLOCKS = f"""
CREATE OR REPLACE TEMP TABLE blocks AS
WITH common AS (SELECT key FROM keys GROUP BY key HAVING count(*) > 1),
split AS (
    SELECT place, key FROM keys SEMI JOIN common USING (key) ANTI JOIN crowded USING (key)
    UNION ALL
    SELECT DISTINCT place, hash(key, number)
    FROM keys SEMI JOIN crowded USING (key) JOIN seconds USING (place)
    WHERE NOT contains(CASE keys.kind {_HELD} ELSE '' END, chr(seconds.kind))
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
