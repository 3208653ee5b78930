"""A mapping to start from, by what the columns of a file are called."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

from crawler import lexicon
from crawler.items import Property
from crawler.registers.records import Layout, format_of, records
from pipelines.errors import UsageError
from pipelines.sensitive.fields import decide, spoken

#: Records that are looked at: a key that is in none of them is rare.
_LOOKED_AT = 200
_LABELS = {
    "email": Property.EMAIL,
    "telephone": Property.TELEPHONE,
    "mobile": Property.TELEPHONE,
    "fax": Property.FAX_NUMBER,
    "organisation": Property.WORKS_FOR,
    "title": Property.JOB_TITLE,
    "address": Property.WORK_LOCATION,
    "web": Property.URL,
    "name": Property.NAME,
}
_PLAIN = re.compile(r"[A-Za-z_]\w*")


def suggest(path: Path) -> str:
    """Return a mapping in TOML that names the columns of a file as far as their names tell what they hold.

    Columns that may not be stored are listed as comments, and so are those that say nothing. Raises UsageError for a
    format without columns and DocumentError for a file that cannot be read.
    """
    form = format_of(path.name)
    if form is None:
        raise UsageError(f"{path} has no columns; a mapping is for CSV, JSON, JSON Lines, YAML and XLSX")
    with path.open("rb") as stream:
        looked_at = [record.data for record in islice(records(stream, form, Layout(), _ignore), _LOOKED_AT)]
    columns = dict.fromkeys(column for data in looked_at for column in _columns(data))
    return "\n".join(_lines(path.name, list(columns)))


def _ignore(place: str, reason: str) -> None:
    """A record that cannot be read suggests nothing."""


def _columns(data: dict[str, Any], above: str = "") -> Iterator[str]:
    """Yield the expressions that lead to the values of a record, two levels deep."""
    for key, value in data.items():
        quoted = key if not above or _PLAIN.fullmatch(key) else json.dumps(key, ensure_ascii=False)
        path = f"{above}{quoted}"
        elements = value if isinstance(value, list) else [value]
        if any(isinstance(element, dict) for element in elements) and not above:
            inside = f"{path}[]." if isinstance(value, list) else f"{path}."
            for element in elements:
                yield from _columns(element, inside) if isinstance(element, dict) else ()
        else:
            yield path


def _lines(name: str, columns: list[str]) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    dropped, unknown = [], []
    for column in columns:
        decision = decide(column)
        kind = _kind(column)
        if decision.action == "drop" and decision.category is not None:
            dropped.append(f"# {column}: {decision.category.value}, is never stored")
        elif kind and (kind != Property.NAME or column.isidentifier() or "[" not in column):
            found.setdefault(kind, []).append(column)
        else:
            unknown.append(column)
    yield f"# What the columns of {name} mean. Check each line, and take out what is not a work contact."
    if "id" in found:
        yield f"id = {json.dumps(found.pop('id')[0], ensure_ascii=False)}"
    yield ""
    yield "[[mention]]"
    yield 'type = "person"'
    if Property.NAME.value not in found and Property.FAMILY_NAME.value not in found:
        yield '# name = "…"   which column holds the name?'
    for prop in Property:
        if readings := found.get(prop.value):
            shown = readings[0] if len(readings) == 1 else readings
            yield f"{prop.value} = {json.dumps(shown, ensure_ascii=False)}"
    if dropped or unknown:
        yield ""
    yield from dropped
    if unknown:
        yield f"# not named, and so not read: {', '.join(unknown)}"


def _kind(column: str) -> str:
    """Return the property that a column seems to hold, "id", or an empty string."""
    parts = [part for part in re.split(r"[.\[\]\"]+", column) if part.strip()]
    said = spoken(parts[-1]) if parts else ""
    for kind, names in _name_parts().items():
        if said in names:
            return kind
    labels, words = _labels(), said.split()
    if said in labels:
        return labels[said]
    if words and words[-1] in _name_parts()["number"]:
        return "id"
    return next((labels[word] for word in words if len(word) > 2 and word in labels), "")


@cache
def _name_parts() -> dict[str, frozenset[str]]:
    text = resources.files("pipelines.importing").joinpath("columns.toml").read_text("utf-8")
    return {kind: frozenset(table["words"]) for kind, table in tomllib.loads(text).items()}


@cache
def _labels() -> dict[str, str]:
    return {
        spoken(word): prop.value for kind, prop in reversed(_LABELS.items()) for word in lexicon.words("cues", kind)
    }
