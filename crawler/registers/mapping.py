"""What the columns of a register mean, and the mentions that are made of its records.

`crawler.registers.declaration` reads it from a file. Only what is named passes: every other key of a record is dropped
and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Self

import jmespath
from jmespath.exceptions import JMESPathError

from crawler.items import Mention, MentionType, Method, Property, Value
from crawler.registers.records import Format, Layout, Record, Rejected

#: Readings of one property, and characters of one reading, that are taken from a record.
MAX_READINGS, MAX_LENGTH = 50, 400
#: A register says what it means; typing errors and old entries are left.
CONFIDENCE = 0.95

_JOB = (Property.JOB_TITLE, Property.WORKS_FOR)
_CONTEXT = (*_JOB, Property.EMAIL, Property.TELEPHONE, Property.WORK_LOCATION)


@dataclass(frozen=True, slots=True)
class Expression:
    """A column's name, or a JMESPath expression where no column has this name."""

    text: str
    compiled: Any = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Self:
        """Compile; a text that is no expression can only be a column's name."""
        try:
            return cls(text, jmespath.compile(text))
        except JMESPathError:
            return cls(text, None)

    def search(self, data: Any) -> Any:
        """Return what the expression finds in a record, None when it finds nothing or does not fit."""
        if isinstance(data, dict) and self.text in data:
            return data[self.text]
        try:
            return self.compiled.search(data) if self.compiled is not None else None
        except (JMESPathError, RecursionError):
            return None

    @property
    def keys(self) -> set[str]:
        """The keys of a record that the expression may look at."""
        pending, found = [self.compiled.parsed] if self.compiled is not None else [], {self.text}
        while pending:
            node = pending.pop()
            if node["type"] == "field":
                found.add(node["value"])
            pending.extend(node["children"])
        return found


@dataclass(frozen=True, slots=True)
class Field:
    """Where one property comes from. `split` parts a cell that holds several values, `translate` replaces codes."""

    property: Property
    sources: tuple[Expression, ...]
    split: str = ""
    translate: dict[str, str] = field(default_factory=dict)

    def readings(self, data: Any) -> Iterator[tuple[str, str]]:
        """Yield (text, expression) for each value that the record holds."""
        for source in self.sources:
            for found in _texts(source.search(data)):
                for text in found.split(self.split) if self.split else [found]:
                    if text.strip():
                        yield self.translate.get(text.strip(), text.strip()), source.text


@dataclass(frozen=True, slots=True)
class Part:
    """Fields that are read from each element of a list, or from the record itself when `each` is None.

    An element that names a title or an employer is a job of its own.
    """

    fields: tuple[Field, ...]
    each: Expression | None = None
    label: Expression | None = None

    def elements(self, data: dict[str, Any]) -> list[Any]:
        """Return what the fields are read from."""
        found = self.each.search(data) if self.each else data
        if found is None:
            return []
        return found[:MAX_READINGS] if isinstance(found, list) else [found]

    def values(self, element: Any, locator: str) -> Iterator[tuple[Property, Value]]:
        """Yield the values of one element of the record at `locator`, each with its column as the label beside it."""
        label = " ".join(_texts(self.label.search(element))) if self.label else ""
        for one in self.fields:
            for text, source in islice(one.readings(element), MAX_READINGS):
                place = "/".join([locator, *([self.each.text] if self.each else []), source])
                yield one.property, Value(text, Method.IMPORT, place, CONFIDENCE, around=f"{label} {source}".strip())


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind of mention is made of a record."""

    type: MentionType
    parts: tuple[Part, ...]
    when: Expression | None = None


@dataclass(frozen=True)
class Mapping:
    """A mapping file. `id` is what tells records apart across deliveries, `snapshot` whether a delivery is complete."""

    path: Path
    rules: tuple[Rule, ...]
    format: Format | None = None
    id: Expression | None = None
    country: str = ""
    language: str = ""
    snapshot: bool = False
    layout: Layout = field(default_factory=Layout)

    def properties(self, kind: MentionType) -> frozenset[Property]:
        """Return the properties that the rules read for mentions of a kind."""
        rules = (rule for rule in self.rules if rule.type is kind)
        return frozenset(one.property for rule in rules for part in rule.parts for one in part.fields)

    def columns(self) -> Iterator[tuple[Property, str]]:
        """Yield each property with each column or expression that it comes from."""
        for one in self._fields():
            yield from ((one.property, source.text) for source in one.sources)

    def _fields(self) -> Iterator[Field]:
        for rule in self.rules:
            for part in rule.parts:
                yield from part.fields

    @cached_property
    def _known(self) -> set[str]:
        found = set().union(*(source.keys for one in self._fields() for source in one.sources))
        for rule in self.rules:
            for expression in (rule.when, *(one for part in rule.parts for one in (part.each, part.label))):
                found |= expression.keys if expression else set()
        return found | (self.id.keys if self.id else set())

    def unknown(self, record: Record) -> int:
        """Return how many keys of a record the mapping does not name."""
        return sum(key not in self._known for key in record.data)

    def key(self, record: Record) -> str:
        """Return what tells this record apart in the next delivery, empty when the mapping does not say."""
        return next(iter(_texts(self.id.search(record.data))), "") if self.id else ""

    def mentions(self, record: Record, rejected: Rejected) -> list[Mention]:
        """Return what a record says; a mention without a name or without a business context is rejected."""
        found = []
        for rule in self.rules:
            if rule.when is not None and not rule.when.search(record.data):
                continue
            mention = self._mention(rule, record)
            if not mention.all(Property.NAME):
                rejected(record.locator, "no name")
            elif mention.type is MentionType.PERSON and not any(mention.all(prop) for prop in _CONTEXT):
                rejected(record.locator, "no business context: a title, an employer or a work contact")
            else:
                found.append(mention)
        return found

    def _mention(self, rule: Rule, record: Record) -> Mention:
        mention = Mention(
            rule.type,
            locator=record.locator,
            language=self.language,
            country=self.country,
            confidence=CONFIDENCE,
        )
        jobs = 0
        for part in rule.parts:
            for element in part.elements(record.data):
                worked = False
                for prop, value in part.values(element, record.locator):
                    if prop in _JOB:
                        value.employment, worked = jobs, True
                    mention.add(prop, value)
                jobs += worked
        _name(mention)
        mention._keep_in_memory(", ".join(dict.fromkeys(value.text for _, value in mention)))
        return mention


def _name(mention: Mention) -> None:
    """Make the name of its parts where the record has only these."""
    parts = [value for prop in (Property.GIVEN_NAME, Property.FAMILY_NAME) for value in mention.all(prop)[:1]]
    if not mention.all(Property.NAME) and len(parts) == 2:
        name = " ".join(part.text for part in parts)
        mention.add(Property.NAME, Value(name, Method.IMPORT, parts[0].locator, CONFIDENCE))


def _texts(found: Any) -> Iterator[str]:
    """Yield what was found as texts: lists apart, whole numbers without a fraction, nothing for objects and flags."""
    if isinstance(found, list):
        for one in found[:MAX_READINGS]:
            yield from _texts(one)
    elif isinstance(found, float) and found.is_integer():
        yield str(int(found))
    elif isinstance(found, (str, int, float)) and not isinstance(found, bool):
        text = str(found).strip()
        if 0 < len(text) <= MAX_LENGTH:
            yield text
