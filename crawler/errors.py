"""What can go wrong on the way from a source to a mention.

    CardfileError            the root: a sentence for a person, and the exit code it leads to
    ├── UsageError           wrong option, argument or setting                                  exit 2
    ├── SourceError          the source register is missing, malformed or refuses               exit 4
    │   └── UnknownSource    no such source is registered                                       exit 4
    ├── RightsError          the site or the law says no                                        exit 4
    └── DocumentError        a document cannot be read (encrypted, truncated, too large)        exit 1

`pipelines.errors` draws the rest of the tree.
"""

import re

#: What pure code over somebody else's text can raise where nobody foresaw that text. Caught around a whole reader only,
#: counted by type and never quoted: the message or traceback of such an error may hold what it failed on.
UNFORESEEN = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, re.error,
)  # fmt: skip


class CardfileError(Exception):
    """The root of our errors. The message is one sentence: what was wrong, where, and what to do."""

    exit_code = 1


class UsageError(CardfileError):
    """A wrong option, argument or setting."""

    exit_code = 2


class SourceError(CardfileError):
    """The source register is missing or malformed, or a source may not be used."""

    exit_code = 4


class UnknownSource(SourceError):
    """A source that nobody registered."""


class RightsError(CardfileError):
    """The site, the register or the law does not allow this."""

    exit_code = 4


class DocumentError(CardfileError):
    """A document that cannot be read; `reason` is the word under which that is counted."""

    def __init__(self, sentence: str, *, reason: str = "unreadable") -> None:
        super().__init__(sentence)
        self.reason = reason
