"""The mapping file, in which an operator says what the columns of a register mean.

A TOML file with one `[[mention]]` table for each person or organisation that a record speaks of. Its keys are
properties of the closed schema; what stands behind them is a column's name or a JMESPath expression over the record.
Only what is named passes: every other key of a record is dropped and counted.

    [[mention]]
    type = "person"
    name = "Full name"
    email = ["E-mail", "contact.mail"]

    [[mention.part]]            # the elements of a list, or one more job of the same record
    each = "offices[]"
    label = "kind"              # stands beside the values: "home", "Fax"
    telephone = { from = "voice", split = "/" }
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from crawler.countries import misnamed
from crawler.errors import SourceError
from crawler.items import SCHEMA, MentionType, Property
from crawler.registers.mapping import Expression, Field, Mapping, Part, Rule
from crawler.registers.records import Format, Layout

_TOP_KEYS = frozenset({"format", "id", "country", "language", "snapshot", "layout", "mention"})
_LAYOUT_KEYS = frozenset(entry.name for entry in fields(Layout))
_MENTION_KEYS = frozenset({"type", "when", "label", "part"})
_PART_KEYS = frozenset({"each", "label"})
_FIELD_KEYS = frozenset({"from", "split", "translate"})


def load(path: str | Path) -> Mapping:
    """Read and check a mapping file; raises SourceError with the file and the key that is wrong."""
    file = Path(path)
    try:
        document = tomllib.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise SourceError(
            f"The mapping {file} cannot be read ({error.strerror}); `scrapy import FILE --suggest` writes a first one."
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"The mapping {file} is no valid TOML: {error}.") from None
    return _Reader(file).read(document)


class _Reader:
    """Checks one mapping document; its errors name the file and the key."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self, document: dict[str, Any]) -> Mapping:
        self._keys(document, _TOP_KEYS, "the top")
        tables = document.get("mention")
        if not isinstance(tables, list) or not tables:
            raise self._error("it has no [[mention]] table; one for each person or organisation that a record names")
        layout = document.get("layout", {})
        self._keys(layout, _LAYOUT_KEYS, "[layout]")
        form = document.get("format")
        if form is not None and form not in list(Format):
            raise self._error(f"unknown format {form!r}; one of {', '.join(Format)}")
        for key, kind in (("country", str), ("language", str), ("snapshot", bool)):
            if not isinstance(document.get(key, kind()), kind):
                raise self._error(f"{key!r} must be {'text' if kind is str else 'true or false'}")
        if wrong := misnamed(document["country"]) if document.get("country") else "":
            raise self._error(wrong)
        return Mapping(
            self.file,
            tuple(self._rule(table, f"[[mention]] number {number}") for number, table in enumerate(tables, start=1)),
            format=Format(form) if form else None,
            id=self._expression(document, "id", "the top"),
            country=document.get("country", ""),
            language=document.get("language", ""),
            snapshot=document.get("snapshot", False),
            layout=self._layout(layout),
        )

    def _layout(self, table: dict[str, Any]) -> Layout:
        header = table.get("header", 1)
        if not isinstance(header, int) or isinstance(header, bool) or header < 1:
            raise self._error("layout.header is the number of the header row, from 1")
        if any(not isinstance(value, str) for key, value in table.items() if key != "header"):
            raise self._error("layout.path, delimiter, encoding and sheet are texts")
        if len(table.get("delimiter", "")) > 1:
            raise self._error("layout.delimiter is one sign")
        return Layout(**table)

    def _rule(self, table: Any, where: str) -> Rule:
        if not isinstance(table, dict) or table.get("type") not in list(MentionType):
            raise self._error(f'{where}: type is "person" or "organisation"')
        kind = MentionType(table["type"])
        allowed = {prop.value for prop in SCHEMA[kind]}
        self._keys(table, allowed | _MENTION_KEYS, where)
        parts = [Part(self._fields(table, allowed, where), label=self._expression(table, "label", where))]
        inner = table.get("part", [])
        if not isinstance(inner, list):
            raise self._error(f"{where}: part is written as [[mention.part]]")
        for part in inner:
            self._keys(part, allowed | _PART_KEYS, f"{where}, part")
            each, label = (self._expression(part, key, where) for key in ("each", "label"))
            parts.append(Part(self._fields(part, allowed, where), each, label))
        if not any(one.property in (Property.NAME, Property.FAMILY_NAME) for part in parts for one in part.fields):
            raise self._error(f"{where}: it needs a name, or givenName and familyName")
        return Rule(kind, tuple(parts), self._expression(table, "when", where))

    def _fields(self, table: dict[str, Any], allowed: set[str], where: str) -> tuple[Field, ...]:
        return tuple(
            self._field(Property(key), value, f"{where}, {key}") for key, value in table.items() if key in allowed
        )

    def _field(self, prop: Property, value: Any, where: str) -> Field:
        table = value if isinstance(value, dict) else {"from": value}
        self._keys(table, _FIELD_KEYS, where)
        sources = table.get("from")
        texts = sources if isinstance(sources, list) else [sources]
        if not texts or not all(isinstance(text, str) and text for text in texts):
            raise self._error(f"{where}: name a column or an expression, or a list of them")
        translate, split = table.get("translate", {}), table.get("split", "")
        if not isinstance(split, str) or not isinstance(translate, dict):
            raise self._error(f"{where}: split is a text, translate a table of code = text")
        codes = {str(code): str(text) for code, text in translate.items()}
        return Field(prop, tuple(map(Expression.of, texts)), split, codes)

    def _expression(self, table: dict[str, Any], key: str, where: str) -> Expression | None:
        text = table.get(key)
        if text is None:
            return None
        if not isinstance(text, str) or not text:
            raise self._error(f"{where}: {key!r} is a column's name or an expression")
        return Expression.of(text)

    def _keys(self, table: Any, known: Iterable[str], where: str) -> None:
        if not isinstance(table, dict):
            raise self._error(f"{where} must be a table")
        for key in table:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"it may hold {', '.join(sorted(known))}"
                raise self._error(f"{where}: unknown key {key!r}; {hint}")

    def _error(self, message: str) -> SourceError:
        return SourceError(f"The mapping {self.file}: {message}.")
