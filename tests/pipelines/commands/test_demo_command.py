"""`scrapy demo` over a small folder of sites, in a process of its own because it needs a reactor of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TEAM = """<!DOCTYPE html><html lang="en"><title>Team</title><h1>Our team</h1><ul>
<li><h3>Bronwen Achterberg</h3><p>Managing Director</p><a href="mailto:bronwen.achterberg@one.example">Mail</a></li>
<li><h3>Alasdair Pemberly</h3><p>Sales Manager</p><a href="mailto:alasdair.pemberly@one.example">Mail</a></li>
<li><h3>Philippa Ashworth</h3><p>Head of Customs</p><a href="mailto:philippa.ashworth@one.example">Mail</a></li>
</ul></html>"""


def demo(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", "demo", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)


def test_a_folder_of_sites_is_crawled_once_and_then_found_unchanged(tmp_path: Path) -> None:
    sites, home = tmp_path / "sites", tmp_path / "home"
    for name, text in {
        "one.example/index.html": '<html lang="en"><a href="/team">Our team</a></html>',
        "one.example/team.html": TEAM,
        "two.example/robots.txt": "User-agent: *\nDisallow: /",
        "two.example/index.html": TEAM,
        "opt-outs.toml": '[[opt_out]]\nemail = "philippa.ashworth@one.example"\n',
    }.items():
        (sites / name).parent.mkdir(parents=True, exist_ok=True)
        (sites / name).write_text(text, "utf-8")

    first = demo("--sites", sites, "--home", home, "--json")
    assert (first.returncode, first.stderr) == (0, "")
    found: dict[str, Any] = json.loads(first.stdout)
    assert {run["source"]: run["outcome"] for run in found["runs"]} == {
        "one-example": "finished",
        "two-example": "refused",
    }
    assert (found["totals"]["people"], found["changed"], found["suppressed_identifiers"]) == (2, True, 1)
    assert [row["count"] for row in found["not_kept"] if row["category"] == "opted-out"] == [1]
    report = (home / "report.html").read_text("utf-8")
    assert "Bronwen Achterberg" in report
    assert "Philippa" not in report

    second = demo("--sites", sites, "--home", home)
    assert (second.returncode, second.stderr) == (0, "")
    assert "added nothing and changed nothing" in second.stdout
    assert "2 people" in second.stdout
    written = b"".join(path.read_bytes() for path in home.iterdir())
    assert b"philippa.ashworth" not in written.lower()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--sites", "nowhere"], "not a folder"),
        (["--sites", "settings"], "no site"),
        (["--site", "x"], "--site"),
    ],
)
def test_bad_usage_gets_a_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    ended = demo(*arguments, "--home", tmp_path / "home")
    assert ended.returncode == 2
    assert sentence in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
