"""`scrapy extract` over files, as Scrapy runs it, and over an address on a loopback web."""

from __future__ import annotations

import json
import os
import pty
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scrapy import cmdline
from scrapy.utils.project import get_project_settings

from tests.support.web import Answer, Web

TEAM = """<!DOCTYPE html><html lang="en"><title>Team</title><script type="application/ld+json">
{"@type": "Person", "name": "Bronwen Achterberg", "jobTitle": "Managing Director", "birthDate": "1970-01-01",
 "email": "bronwen@firma.example", "telephone": "020 555 0100", "url": "/bronwen", "worksFor": {"name": "Firma BV"}}
</script></html>"""
Extract = Callable[..., int]


@pytest.fixture
def extract() -> Extract:
    def call(*arguments: str | Path) -> int:
        with pytest.raises(SystemExit) as ended:
            cmdline.execute(["scrapy", "extract", *map(str, arguments)], get_project_settings())
        return int(ended.value.code or 0)

    return call


@pytest.fixture
def team(tmp_path: Path) -> Path:
    file = tmp_path / "team.html"
    file.write_text(TEAM, "utf-8")
    return file


def test_one_object_a_mention(extract: Extract, team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert extract(team, "--url", "https://firma.example/team", "--country", "NL", "--json") == 0
    printed = capsys.readouterr()
    [found] = [json.loads(line) for line in printed.out.splitlines()]
    evidence: list[dict[str, Any]] = found.pop("evidence")
    assert 0 < found.pop("confidence") <= 1
    assert found == {
        "document": str(team),
        "type": "person",
        "name": "Bronwen Achterberg",
        "jobTitle": ["Managing Director"],
        "worksFor": ["Firma BV"],
        "email": ["bronwen@firma.example"],
        "telephone": ["+31205550100"],
        "workLocation": [],
        "url": ["https://firma.example/bronwen"],
        "sameAs": [],
    }
    [number] = [one for one in evidence if one["property"] == "telephone"]
    assert (number["value"], number["method"], number["locator"]) == ("+31205550100", "json-ld", "script[1]#/telephone")
    assert "Managing Director" in number["snippet"] or "020 555 0100" in number["snippet"]
    assert "1970" not in printed.out
    assert printed.err == ""


def test_the_view_says_how_each_value_was_read(
    extract: Extract, team: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert extract(team) == 0
    shown = capsys.readouterr().out
    for part in ("Bronwen Achterberg", "json-ld", "script[1]#/email", "Not kept", "unknown-property", "closed-schema"):
        assert part in shown
    assert "1970" not in shown
    assert "\x1b[" not in shown


def test_what_was_read_is_shown_whole(
    extract: Extract, team: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that is folded in two cannot be copied; a place on the page can be folded."""
    address = "bronwen.achterberg.office@firma.example"
    team.write_text(TEAM.replace("bronwen@firma.example", address), "utf-8")
    monkeypatch.delenv("COLUMNS", raising=False)
    assert extract(team) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("    email "))
    assert line.split()[1] == address
    assert line.split()[-1].endswith("#/email")
    monkeypatch.setenv("COLUMNS", "80")
    assert extract(team) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("    email "))
    assert line.split()[1] == address
    assert len(line) <= 80


def test_a_host_in_place_of_a_file_is_told(extract: Extract, capsys: pytest.CaptureFixture[str]) -> None:
    assert extract("www.firma.example/team") == 1
    assert "as in https://www.firma.example/team." in capsys.readouterr().err


def test_bad_documents_are_named_and_the_others_read(
    extract: Extract, team: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.html").write_bytes(b"")
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04")
    assert extract(tmp_path / "none.html", tmp_path / "empty.html", team, tmp_path / "a.zip", "--json") == 1
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 1
    assert len(printed.err.splitlines()) == 3
    assert all(str(tmp_path) in line for line in printed.err.splitlines())


def test_a_batch(extract: Extract, team: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jobs = tmp_path / "jobs.jsonl"
    jobs.write_text('{"path": "team.html", "url": "https://firma.example/team", "country": "NL"}\n' * 2, "utf-8")
    assert extract("--batch", jobs, "--json") == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["document"], one["telephone"]) for one in found] == [("team.html", ["+31205550100"])] * 2


def test_a_bad_line_of_a_batch_costs_only_itself(
    extract: Extract, team: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = tmp_path / "jobs.jsonl"
    jobs.write_text('{"path": "team.html"}\n{"path": \n{"file": "x"}\n{"path": "team.html"}\n', "utf-8")
    assert extract("--batch", jobs, "--json") == 2
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 2
    assert [line.rpartition("line ")[2][:1] for line in printed.err.splitlines()] == ["2", "3"]


def test_a_private_contact_is_marked(
    extract: Extract, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    file = tmp_path / "team.html"
    file.write_text(TEAM.replace("bronwen@firma.example", "bron@gmail.com"), "utf-8")
    assert extract(file) == 0
    shown = capsys.readouterr().out
    assert "bron@gmail.com" in shown
    assert "would not be stored: free-mail" in shown
    assert extract(file, "--json") == 0
    [found] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert list(found) == [
        "document", "type", "name", "jobTitle", "worksFor", "email", "telephone", "workLocation", "url", "sameAs",
        "confidence", "evidence",
    ]  # fmt: skip
    assert found["email"] == ["bron@gmail.com"]
    [entry] = [entry for entry in found["evidence"] if entry["property"] == "email"]
    assert list(entry) == ["property", "value", "method", "locator", "confidence", "snippet", "stored", "rule"]
    assert (entry["stored"], entry["rule"], entry["locator"]) == (False, "free-mail", "script[1]#/email")


@pytest.mark.parametrize(
    "body",
    [b"<" * 100_000, b"\xff\xfe\x00", b"%PDF-1.7\nnothing", b"BEGIN:VCARD\nFN", b"{", b"<rss><channel>", bytes(5000)],
    ids=["brackets", "odd-utf-16", "pdf", "vcard", "json", "feed", "zeros"],
)
def test_no_document_stops_the_others(
    extract: Extract, team: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], body: bytes
) -> None:
    (tmp_path / "bad").write_bytes(body)
    assert extract(tmp_path / "bad", tmp_path, team, "--json") == 1
    printed = capsys.readouterr()
    assert [json.loads(line)["name"] for line in printed.out.splitlines()] == ["Bronwen Achterberg"]
    assert "Traceback" not in printed.err


def test_a_terminal_gets_colour_and_one_file_is_read_at_once(team: Path) -> None:
    command = [sys.executable, "-m", "scrapy", "extract", str(team)]
    ours, theirs = pty.openpty()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(
        command, stdout=theirs, stderr=theirs, timeout=60, check=False, env=os.environ | {"TERM": "xterm"}
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.close(theirs)
    shown = b""
    while chunk := _chunk(ours):
        shown += chunk
    os.close(ours)
    assert ended.returncode == 0
    assert b"\x1b[1;32mBronwen Achterberg" in shown
    # Processor time, because the clock tells more about the neighbours; it takes 1.0 to 1.5 s, and 2 s are promised.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 4


def _chunk(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that nobody writes to the other end any more
        return b""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "name a file or an address"),
        (["x.html", "--country", "Holland"], "no country"),
        (["--batch", "no-such.jsonl"], "cannot be read"),
        (["x.html", "--jsn"], "unknown option --jsn"),
    ],
)
def test_wrong_usage(extract: Extract, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str) -> None:
    assert extract(*arguments) == 2
    assert sentence in capsys.readouterr().err


def test_addresses_are_fetched_as_a_crawl_fetches_them(web: Web, tmp_path: Path) -> None:
    web.pages |= {
        "firma.example/robots.txt": "User-agent: *\nDisallow: /closed",
        "firma.example/team": TEAM,
        "firma.example/closed": TEAM,
        "firma.example/quiet": Answer(TEAM, headers={"X-Robots-Tag": "noindex"}),
    }
    base = "http://firma.example"
    command = [sys.executable, "-m", "scrapy", "extract", "--json", "-s", "DOWNLOAD_DELAY=0"]
    hosts = json.dumps({"firma.example": f"127.0.0.1:{web.port}"})
    result = subprocess.run(
        [
            *command,
            "-s",
            f"CARDFILE_HOSTS={hosts}",
            *(f"{base}/{path}" for path in ("team", "closed", "quiet", "gone")),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"CARDFILE_HOME": str(tmp_path), "CARDFILE_ALLOWED_PRIVATE_HOSTS": "firma.example"},
    )
    assert [json.loads(line)["name"] for line in result.stdout.splitlines()] == ["Bronwen Achterberg"]
    assert [line.partition(" ")[0].rpartition("/")[2] for line in sorted(result.stderr.splitlines())] == [
        "closed",
        "gone",
        "quiet",
    ]
    assert result.returncode == 1
    assert "/closed" not in web.paths()
    assert list(tmp_path.iterdir()) == []
