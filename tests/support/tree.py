"""The project's own files, for the tests that keep rules over all of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: The law of the top level: nothing else may lie there, but for what `.gitignore` names.
TOP_LEVEL = frozenset(
    {"crawler", "pipelines", "settings", "fixtures", "tests", "docs"}
    | {"scrapy.cfg", "pyproject.toml", "constraints.txt", "Makefile"}
    | {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"}
)
_TRACE = re.compile(r"\.(?:sqlite3?|db|duckdb|log|lock|pid|csv|jsonl|parquet|xlsx)\b")
_IGNORED = frozenset({"__pycache__", "bench.json", "var", "build", "cardfile.egg-info"})


def top_level() -> set[str]:
    """Return what lies at the top but for dot files and what git ignores."""
    return {entry.name for entry in ROOT.iterdir() if not entry.name.startswith(".")} - _IGNORED


def files(*folders: str) -> Iterator[Path]:
    """Yield the files below folders of the project (all of its folders when none is named), relative to its root."""
    for folder in folders or (".ci", *sorted(name for name in TOP_LEVEL if (ROOT / name).is_dir())):
        for parent, names, found in os.walk(ROOT / folder):
            names[:] = sorted(set(names) - _IGNORED)
            yield from (Path(parent, name).relative_to(ROOT) for name in sorted(found))


def texts() -> Iterator[Path]:
    """Yield the files that people write: code, data, documents and the files at the top. Not fixtures, not locks."""
    yield from (Path(name) for name in sorted(TOP_LEVEL) if (ROOT / name).is_file() and name != "constraints.txt")
    for path in files():
        if path.parts[0] != "fixtures" and path.suffix in {"", ".py", ".toml", ".md", ".tmpl", ".html", ".j2", ".ini"}:
            yield path


def read(path: Path) -> str:
    """Return the text of a file of the project."""
    return (ROOT / path).read_text("utf-8")


def traces() -> set[str]:
    """Return what a run could have left in the tree: stores, logs, locks, exports, and strangers at the top."""
    return (top_level() - TOP_LEVEL) | {path.as_posix() for path in files() if _TRACE.search(path.name)}


def modules(package: str) -> list[str]:
    """Return the names of the modules of a package (`crawler.spiders`) but for those that begin with `_`."""
    return sorted(path.stem for path in (ROOT / package.replace(".", "/")).glob("*.py") if path.stem[0] != "_")
