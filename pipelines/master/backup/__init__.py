"""Backups: the whole store in one file that either database can read again.

    plain    gzip of JSON lines: a manifest, each table's rows in an order in which they can be inserted, a trailer
             with the number of rows and a SHA-256 over everything before it
    sealed   the same, in chunks under AES-256-GCM with a key from the operator's key file

The format is our own and not the databases'. A dump of SQL runs what it holds, and an SQLite file may hold triggers and
views, so a file of unknown origin could not be looked at without trusting it; rows of JSON are only compared with the
schema. And one format lets a store move from SQLite to PostgreSQL. The price is speed; a large PostgreSQL keeps its own
base backups beside it.
"""

from pipelines.master.backup.dump import Manifest, write_dump
from pipelines.master.backup.files import read_backup, write_backup
from pipelines.master.backup.restore import replace_contents, stage
from pipelines.master.backup.verify import Dump, verify

__all__ = ["Dump", "Manifest", "read_backup", "replace_contents", "stage", "verify", "write_backup", "write_dump"]
