"""What the documents name exists: commands with their options, make targets, variables, files."""

from __future__ import annotations

import argparse
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import scrapy.commands
from scrapy.settings import Settings

from pipelines.command import CardfileCommand
from tests.support import tree

DOCUMENTS = [path for path in tree.texts() if path.suffix == ".md" and path.parts[0] != "tests"]
OURS = tree.modules("pipelines.commands")
SCRAPYS = sorted(path.stem for path in Path(scrapy.commands.__path__[0]).glob("[a-z]*.py"))
TARGETS = set(re.findall(r"^([a-z]+):", tree.read(Path("Makefile")), re.MULTILINE))
ENVIRONMENT = r"(?:CARDFILE_[A-Z_]+|DATABASE_URL)\b"


def code(document: Path) -> list[str]:
    """Return the lines of code of a document: those of its fences, continued lines joined, and its code spans."""
    text = tree.read(document)
    fences = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for fence in fences for line in fence.replace("\\\n", " ").splitlines()]
    return lines + re.findall(r"`([^`]+)`", rest)


def named(document: Path, program: str) -> list[tuple[str, str]]:
    """Return (word behind the program's name, rest of the line) for each command line of a document."""
    pattern = re.compile(rf"(?:^|[\s/$;&|]){program} ([a-z][a-z_]*)\b([^#;&|]*)")
    return [found for line in code(document) for found in pattern.findall(line)]


@cache
def options(command: str) -> frozenset[str]:
    """Return the options that a command knows."""
    package = "pipelines.commands" if command in OURS else "scrapy.commands"
    module = import_module(f"{package}.{command}")
    (kind,) = (
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, scrapy.commands.ScrapyCommand)
        and thing.__module__ == module.__name__
    )
    instance = kind()
    instance.settings = Settings()
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    instance.add_options(parser)
    return frozenset(name for action in _actions(parser) for name in action.option_strings)


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the actions of a parser and of its subcommands."""
    mine = list(parser._actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            mine += [inner for sub in action.choices.values() for inner in _actions(sub)]
    return mine


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_command_and_option_exists(document: Path) -> None:
    for command, rest in named(document, "scrapy"):
        assert command in {*OURS, *SCRAPYS}, f"there is no `scrapy {command}`"
        unknown = set(re.findall(r"(?<!\S)--?[a-zA-Z][\w-]*", rest)) - options(command)
        assert not unknown, f"`scrapy {command}` has no {', '.join(sorted(unknown))}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_make_target_exists(document: Path) -> None:
    assert {target for target, _ in named(document, "make")} <= TARGETS


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", tree.read(document))
    missing = [link for link in links if ":" not in link and not (tree.ROOT / document.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_variable_is_read(document: Path) -> None:
    sources = "".join(tree.read(path) for path in tree.texts() if path.suffix in {".py", ""})
    assert {name for name in re.findall(ENVIRONMENT, tree.read(document)) if name not in sources} == set()


def test_every_variable_that_is_read_is_documented() -> None:
    read = set(re.findall(rf'environ(?:\.get\(|\[)"({ENVIRONMENT})', tree.read(Path("settings/base.py"))))
    table = set(re.findall(rf"^\| *`({ENVIRONMENT})`", tree.read(Path("README.md")), re.MULTILINE))
    assert read
    assert read <= table, "add it to the table of variables in README.md"


@pytest.mark.parametrize("name", OURS)
def test_a_command_is_complete(name: str) -> None:
    (command,) = (
        thing
        for thing in vars(import_module(f"pipelines.commands.{name}")).values()
        if isinstance(thing, type) and issubclass(thing, CardfileCommand) and thing.__module__.endswith(f".{name}")
    )
    assert not getattr(command, "__abstractmethods__", None)
    assert command.summary
    assert f"scrapy {name}" in command.example
    assert "--json" in options(name)
