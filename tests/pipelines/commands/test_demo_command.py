"""`scrapy demo` over a small folder of sites, in a process of its own because it needs a reactor of its own."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.sources import BALANCING_KEYS

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
    quality = (home / "quality.html").read_text("utf-8")
    assert 'id="s-two-example"' in quality
    assert "Bronwen" not in quality

    second = demo("--sites", sites, "--home", home)
    assert (second.returncode, second.stderr) == (0, "")
    assert "added nothing and changed nothing" in second.stdout
    assert "2 people" in second.stdout
    written = b"".join(path.read_bytes() for path in home.iterdir())
    assert b"philippa.ashworth" not in written.lower()


def test_a_source_that_may_not_be_crawled_does_not_stop_the_others(tmp_path: Path) -> None:
    for host in ("one.example", "two.example"):
        (tmp_path / "sites" / host).mkdir(parents=True)
        (tmp_path / "sites" / host / "index.html").write_text(TEAM, "utf-8")
    defaults = 'kind = "company-site"\nspider = "company_site"\npurpose = "trial"\nretention_days = 3\n'
    sources = "".join(
        f'[[source]]\nid = "{name}"\npublisher = "{name}"\nstart_urls = ["http://{name}.example/"]\n{basis}\n'
        for name, basis in (
            ("one", 'legal_basis = "legitimate-interest"\nbalancing_test = "expired.md"'),
            ("two", 'legal_basis = "consent"'),
        )
    )
    (tmp_path / "sites" / "sources.toml").write_text(f"[defaults]\n{defaults}{sources}", "utf-8")
    facts = "".join(
        f"{key}: {'[name]' if key == 'fields' else 'x'}\n" for key in sorted(BALANCING_KEYS - {"expires_on"})
    )
    (tmp_path / "sites" / "expired.md").write_text(f"---\n{facts}expires_on: 2020-01-01\n---\n", "utf-8")
    ended = demo("--sites", tmp_path / "sites", "--home", tmp_path / "home")
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "one: Source 'one': its balancing test expired on 2020-01-01" in ended.stdout
    assert "3 people" in ended.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_goes_on_serving_until_it_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    page = tmp_path / "sites" / "one.example" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p>A page</p>", "utf-8")
    folders = ["--sites", str(tmp_path / "sites"), "--home", str(tmp_path)]
    command = [sys.executable, "-m", "scrapy", "demo", *folders, "--keep"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            said = process.stderr.readline()
            address = re.search(r"127\.0\.0\.1:\d+", said)
            assert address
            connection = http.client.HTTPConnection(address[0], timeout=5)
            connection.request("GET", "/", headers={"Host": "one.example"})
            assert connection.getresponse().read() == b"<p>A page</p>"
            connection.close()
            process.send_signal(number)
            assert process.wait(20) == (0 if number is signal.SIGINT else -signal.SIGTERM)
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--sites", "nowhere"], "not a folder"),
        (["--sites", "settings"], "no site"),
        (["--site", "x"], "--site"),
        (["--home", "FILE"], "cannot be written"),
    ],
)
def test_bad_usage_gets_a_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    ended = demo(
        "--home", tmp_path / "home", *(argument.replace("FILE", str(tmp_path / "file")) for argument in arguments)
    )
    assert ended.returncode == 2
    assert sentence in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
