"""What a value reader answers: a clean value, or the rule that rejected it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.errors import CardfileError
from crawler.items import Disposal


@dataclass(slots=True, frozen=True)
class Clean:
    """A value in its normalised spelling.

    `notes` names the rules that took something away on the way (`courtesy-title`, `telephone-extension`), for the
    audit counts; never what was taken.
    """

    text: str
    notes: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Rejected:
    """No value of its kind; `rule` says why in a word that can be counted (`email-syntax`, `name-digits`)."""

    rule: str


class MentionRejected(CardfileError):
    """The mention has no valid name, so there is nothing that its other values could belong to.

    `disposals` holds what to count; the message carries no value.
    """

    def __init__(self, rule: str, disposals: Sequence[Disposal]) -> None:
        super().__init__(f"mention without a valid name ({rule})")
        self.rule = rule
        self.disposals = list(disposals)
