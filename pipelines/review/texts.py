"""The sentences of the human side, in English and Dutch, from `texts.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from pipelines.resolution.weights import sentence

LANGUAGES = ("en", "nl")


def say(key: str, language: str, **facts: Any) -> str:
    """Return a sentence with its facts filled in; an unknown key is a KeyError."""
    return _texts()["sentences"][language][key].format(**facts)


def thing(field: str, language: str) -> str:
    """Return what a group of values is called."""
    return _texts()["fields"][language][field]


def reason(code: str, language: str = "en") -> str:
    """Return the sentence of a reason that a person gave."""
    return _texts()["reasons"][language][code]


def reasons() -> tuple[str, ...]:
    """Return the codes of the reasons that a person can give: no free text is stored, in this store too."""
    return tuple(_texts()["reasons"]["en"])


def rule(name: str, language: str, stored: str = "") -> str:
    """Return the sentence of a rule; one that this program no longer knows keeps the one it was stored with."""
    own = _texts()["rules"][language]
    if name in own:
        return own[name]
    code = name.removeprefix("human.")
    if code != name and code in _texts()["reasons"][language]:
        return reason(code, language)
    try:
        return sentence(name, language)
    except KeyError:
        return stored or name


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("texts.toml").read_text("utf-8"))
