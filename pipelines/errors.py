"""What can go wrong between a mention and the master table.

CardfileError            the root, see `crawler.errors`
├── UsageError           wrong option, argument or setting                                  exit 2
├── SourceError, RightsError, DocumentError                                                 exit 4, 4, 1
├── RefusedError         a lock, a right or a missing legal basis stands against it         exit 4
├── StoreError           the store cannot be opened, read or written                        exit 1
│   ├── BackupError      a backup is damaged, foreign or from a newer program                exit 1
│   ├── StoreLocked      another process holds it                                           exit 4
│   └── SchemaMismatch   its schema is older or newer than this program                     exit 1
└── ExpectationMissed    the run finished, but found less or more than it should            exit 3
"""

from crawler.errors import (
    CardfileError,
    DocumentError,
    RightsError,
    SourceError,
    UnknownSource,
    UsageError,
)

__all__ = [
    "BackupError",
    "CardfileError",
    "DocumentError",
    "ExpectationMissed",
    "RefusedError",
    "RightsError",
    "SchemaMismatch",
    "SourceError",
    "StoreError",
    "StoreLocked",
    "UnknownSource",
    "UsageError",
]


class RefusedError(CardfileError):
    """A lock, a right or a missing legal basis stands against it."""

    exit_code = 4


class StoreError(CardfileError):
    """The store cannot be opened, read or written."""


class BackupError(StoreError):
    """A backup is damaged, foreign or from a newer program."""


class StoreLocked(StoreError):
    """Another process holds the store."""

    exit_code = 4


class SchemaMismatch(StoreError):
    """The store's schema is older or newer than this program."""


class ExpectationMissed(CardfileError):
    """The run finished, but found less or more than the source expects."""

    exit_code = 3
