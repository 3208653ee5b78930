"""Texts to people as templates: filled in steps, for most of a text is the same for many people, and linted by item.

Every template is made of blocks, one for each item that the law wants said; a text that lacks one, or leaves it empty,
is not used. Templates carry a version and the day by which somebody has to read them again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, meta, nodes
from jinja2.runtime import Context

from pipelines.errors import RightsError

PACKAGE, FOLDER = "pipelines.rights", "templates"
_HEAD = re.compile(r"version: (\d+); reviewed_on: (\S+); review_by: (\S+)")


@dataclass(frozen=True, slots=True)
class Notice:
    """A text as it is sent; `template` names its language and version ("nl@1")."""

    template: str
    subject: str
    body: str


class Sheet:
    """A template filled as far as it says the same to everybody who shares some facts.

    `own` are the facts that differ from person to person: the blocks that use one are filled for each of them, all else
    once. Text outside the blocks uses none.
    """

    def __init__(
        self, name: str, language: str, facts: Mapping[str, Any], items: Sequence[str], own: Collection[str] = ()
    ) -> None:
        self._template, version, self._review_by, uses = _template(name)
        self._label = f"{language}@{version}"
        self._facts = facts
        self._items = items
        context = self._template.new_context(dict(facts))  # one for all blocks: making one costs more than filling it
        self._own = {block for block in self._template.blocks if uses[block] & set(own)}
        self._said = {
            block: "".join(fill(context)) for block, fill in self._template.blocks.items() if block not in self._own
        }
        context.blocks = {block: [partial(_placed, block)] for block in self._template.blocks}
        self._parts = list(self._template.root_render_func(context))

    def filled(self, own: Mapping[str, Any], today: date) -> Notice:
        """Return the text for one person; raises RightsError when it may not be used."""
        if today >= self._review_by:
            raise RightsError(f"its review ran out on {self._review_by}; read it again and set a new review_by.")
        said = dict(self._said)
        if self._own:
            context = self._template.new_context({**self._facts, **own})
            said.update({block: "".join(self._template.blocks[block](context)) for block in self._own})
        if silent := [item for item in self._items if not said.get(item, "").strip()]:
            raise RightsError(f"it says nothing on {', '.join(silent)}.")
        text = "".join([said[part.block] if type(part) is _Place else part for part in self._parts])
        body = text.partition("\n")[2].strip()  # the subject is its first line
        return Notice(self._label, said["subject"].strip(), f"{body}\n")


class _Place(str):
    """Where a block stands in the whole."""

    __slots__ = ("block",)
    block: str


def _placed(block: str, _context: Context) -> Iterator[str]:
    place = _Place()
    place.block = block
    yield place


def filled(name: str, language: str, facts: Mapping[str, Any], items: Sequence[str], today: date) -> Notice:
    """Fill a template and return it; raises RightsError when its review has run out or it is silent on an item."""
    return Sheet(name, language, facts, items).filled({}, today)


def omissions(template: Template, facts: Mapping[str, Any], items: Sequence[str]) -> list[str]:
    """Return the items of the law that a template has no block for or, with these facts, says nothing on."""
    context = template.new_context(dict(facts))
    return [item for item in items if not _block(template.blocks.get(item), context)]


def _block(fill: Callable[[Context], Iterator[str]] | None, context: Context) -> str:
    return "".join(fill(context)).strip() if fill else ""


@cache
def environment() -> Environment:
    """Return where the templates come from; a text that asks for a fact that there is not is an error."""
    return Environment(loader=PackageLoader(PACKAGE, FOLDER), undefined=StrictUndefined, autoescape=False)  # noqa: S701  plain text


@cache
def _template(name: str) -> tuple[Template, str, date, Mapping[str, frozenset[str]]]:
    """Return a template, its version, the day its review runs out, and the facts that each block uses."""
    text = resources.files(PACKAGE).joinpath(FOLDER, name).read_text("utf-8")
    head = _HEAD.search(text)
    if head is None:
        raise RightsError(f"The template {name} does not say its version and when it was reviewed.")
    uses = {}
    for block in environment().parse(text).find_all(nodes.Block):
        alone = nodes.Template(block.body, lineno=block.lineno)
        alone.set_environment(environment())
        uses[block.name] = frozenset(meta.find_undeclared_variables(alone))
    return environment().get_template(name), head[1], date.fromisoformat(head[3]), uses
