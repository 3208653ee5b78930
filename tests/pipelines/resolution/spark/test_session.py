"""What Spark lacks is said in a sentence, with exit code 2."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.resolution.spark import session


@pytest.fixture(autouse=True)
def _complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "find_spec", lambda name: name)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.delenv("JAVA_HOME", raising=False)


def test_nothing_is_said_when_all_is_there() -> None:
    session.check()


@pytest.mark.parametrize("missing", ["pyspark", "pandas", "pyarrow"])
def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr(session, "find_spec", lambda name: None if name == missing else name)
    with pytest.raises(UsageError, match=rf"needs {missing}; install the extra: pip install 'cardfile\[spark\]'"):
        session.check()


@pytest.mark.parametrize("home", ["", "/nowhere"])
def test_a_missing_java_is_named(monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    if home:
        monkeypatch.setenv("JAVA_HOME", home)
    with pytest.raises(UsageError, match=r"needs Java 17 or newer: install one .*, or set JAVA_HOME") as found:
        session.check()
    assert found.value.exit_code == 2


def test_java_is_found_by_its_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    session.check()
