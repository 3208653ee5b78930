"""Where Chromium is looked for, and how it is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.errors import UsageError
from crawler.middlewares.chromium import find, launch_options


def program(path: Path) -> str:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_the_wanted_one_comes_first_then_path_then_applications(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, app = program(tmp_path / "wanted"), program(tmp_path / "app")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find("", apps=()) == ""
    assert find("", apps=("/nowhere", app)) == app
    (tmp_path / "bin").mkdir()
    on_path = program(tmp_path / "bin" / "google-chrome")
    assert find("", apps=(app,)) == on_path
    assert find(wanted) == wanted


@pytest.mark.parametrize("wanted", ["/nowhere/chromium", "/", __file__])
def test_a_wanted_one_that_is_no_program_is_an_error(wanted: str) -> None:
    with pytest.raises(UsageError, match="CARDFILE_CHROMIUM names"):
        find(wanted)


@pytest.mark.parametrize("root", [True, False])
def test_the_sandbox_is_off_for_root_only(root: bool) -> None:
    options = launch_options("/usr/bin/chromium", root=root)
    assert options["chromium_sandbox"] is not root
    assert options["headless"] is True
    assert "--no-sandbox" not in options["args"]


def test_the_browser_learns_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "CARDFILE_SECRET", "http_proxy"):
        monkeypatch.setenv(name, "secret")
    environment = launch_options("", root=False)["env"]
    assert "PATH" in environment
    assert "secret" not in environment.values()


def test_playwrights_own_is_used_when_none_is_named() -> None:
    assert "executable_path" not in launch_options("", root=False)


def test_nothing_can_be_resolved_or_connected_to() -> None:
    arguments = launch_options("", root=True)["args"]
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in arguments
    assert "--proxy-bypass-list=<-loopback>" in arguments
    assert "--disable-background-networking" in arguments
