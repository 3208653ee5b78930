"""The crontab and the systemd units of docs/runs.md do what they say, in an environment with nothing else in it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from crawler import sources
from pipelines.runs.plan import load
from tests.support import tree
from tests.support.pipeline import BALANCING
from tests.support.planned import team
from tests.support.web import Web

DOCUMENT = tree.read(Path("docs/runs.md"))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)


def crontab() -> tuple[dict[str, str], list[str]]:
    """The variables and the commands of the crontab, the schedule's five fields cut off."""
    (text,) = blocks("crontab")
    lines = [line for line in text.splitlines() if line]
    variables = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    commands = [line.split(None, 5)[5] for line in lines if not re.match(r"[A-Z_]+=", line)]
    return variables, commands


def unit(kind: str) -> ConfigParser:
    """A unit of the document."""
    (text,) = [block for block in blocks("ini") if f"cardfile.{kind}" in block]
    parser = ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


class Machine:
    """The folders that the examples name, in a folder of this test."""

    def __init__(self, folder: Path, web: Web) -> None:
        self.folder = folder
        for name in ("etc/cardfile", "var/lib/cardfile", "var/log/cardfile"):
            (folder / name).mkdir(parents=True)
        host = f"127.0.0.1:{web.port}"
        other = f"localhost:{web.port}"  # another host, so that both are crawled at once
        web.pages |= {f"{host}/team": team("noord.example"), f"{other}/team": team("fair.example", 1)}
        etc = folder / "etc" / "cardfile"
        (etc / "balancing.md").write_text(BALANCING, "utf-8")
        register = [
            '[defaults]\npublisher = "Noord NV"\nspider = "company_site"\npurpose = "test"\nretention_days = 30',
            'legal_basis = "legitimate-interest"\nbalancing_test = "balancing.md"\ncountry = "GB"',
            f'[[source]]\nid = "example-nv"\nkind = "company-site"\nstart_urls = ["http://{host}/team"]',
            f'[[source]]\nid = "fair"\nkind = "trade-fair"\nstart_urls = ["http://{other}/team"]',
        ]
        (etc / "sources.toml").write_text("\n".join(register), "utf-8")
        (plan,) = blocks("toml")
        (etc / "nightly.toml").write_text(plan, "utf-8")

    def here(self, text: str) -> str:
        """A text of the document with its folders in this test's."""
        text = text.replace("/opt/cardfile/.venv/bin/", ".venv/bin/").replace("/opt/cardfile", str(tree.ROOT))
        text = re.sub(r"/(etc|var)/", rf"{self.folder}/\1/", text)
        return text.replace(".venv/bin/", f"{Path(sys.executable).parent}/")

    def run(self, command: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a command with these variables, and what cron and systemd always set."""
        always = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "PYTHONPATH": os.environ["PYTHONPATH"],  # the guard against the network
            "CARDFILE_ALLOWED_PRIVATE_HOSTS": "127.0.0.1 localhost",
        }
        own = {name: self.here(value) for name, value in variables.items()}
        return subprocess.run(
            command,
            env=always | own,
            cwd=tree.ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path, web: Web) -> Machine:
    return Machine(tmp_path, web)


def test_the_plan_is_a_plan(machine: Machine) -> None:
    etc = machine.folder / "etc" / "cardfile"
    plan = load(etc / "nightly.toml", sources.load(etc / "sources.toml"))
    assert [(job.source_id, job.budget.pages) for job in plan.jobs] == [("example-nv", 200), ("fair", 50)]


def test_the_crontab(machine: Machine) -> None:
    variables, (run, report) = crontab()
    first = machine.run([variables.pop("SHELL"), "-c", machine.here(run)], variables)
    assert (first.returncode, first.stderr) == (0, "")
    assert re.fullmatch(r"Plan nightly: 2 sources: .*; exit code 0\n", first.stdout)
    assert "\x1b" not in first.stdout, "no colour and no progress in cron"
    assert "Run of source example-nv" in (machine.folder / "var/log/cardfile/cardfile.log").read_text("utf-8")
    second = machine.run(["/bin/sh", "-c", machine.here(report)], variables)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert "example-nv" in (machine.folder / "var/lib/cardfile/runs.html").read_text("utf-8")


def test_the_systemd_service(machine: Machine) -> None:
    service = unit("service")["Service"]
    variables, _ = crontab()
    ended = machine.run(shlex.split(machine.here(service["ExecStart"])), variables)
    assert ended.returncode == 0
    told, logged = ([json.loads(line) for line in text.splitlines()] for text in (ended.stdout, ended.stderr))
    assert [line["event"] for line in told] == ["source", "source", "plan"]
    assert {"time", "level", "logger", "message"} <= set(logged[0])
    assert int(service["SuccessExitStatus"]) == 4


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")
def test_the_systemd_timer() -> None:
    calendar = unit("timer")["Timer"]["OnCalendar"]
    asked = subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True, text=True, check=False)
    assert "03:17:00" in asked.stdout
