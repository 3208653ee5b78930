"""Nothing that a page says about a person's private side is in any byte that any command writes."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pipelines.sensitive.categories import Category
from tests.support import canaries
from tests.support.pipeline import Crawls
from tests.support.rights import RIGHTS, written
from tests.support.web import Answer, Web

Scrapy = Callable[..., int]
MAPPING = '[[mention]]\ntype = "person"\nname = "name"\njobTitle = "title"\nemail = "email"\n'
#: Runs a command of Scrapy with one function of ours that quotes what it is given when it fails, as careless code does.
SPOILT = """
import importlib, sys
module = importlib.import_module(sys.argv[1])
def fail(*values, **more):
    raise ValueError(repr([values, more, [getattr(one, "context", "") for one in values]]))
setattr(module, sys.argv[2], fail)
from scrapy.cmdline import execute
execute(["scrapy", *sys.argv[3:]])
"""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where every command writes what it says."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def scrapy(crawls: Crawls, web: Web, out: Path) -> Scrapy:
    """Runs a command in a process of its own, with logs at DEBUG, and keeps both streams."""
    hosts = json.dumps({".example": f"127.0.0.1:{web.port}"})
    environment = {
        **os.environ,
        "CARDFILE_HOME": str(crawls.home),
        "CARDFILE_SOURCES": str(crawls.home / "sources.toml"),
        "CARDFILE_ALLOWED_PRIVATE_HOSTS": ".example",
        "CARDFILE_RIGHTS": str(written(crawls.home, RIGHTS.replace("business-directory", "test"))),
    }

    def run(*arguments: str, spoil: Sequence[str] = ()) -> int:
        number = len(list(out.iterdir()))
        start = ["-c", SPOILT, *spoil] if spoil else ["-m", "scrapy"]
        command = [sys.executable, *start, *arguments, "-s", f"CARDFILE_HOSTS={hosts}", "-L", "DEBUG"]
        with (out / f"{number}.stdout").open("wb") as stdout, (out / f"{number}.stderr").open("wb") as stderr:
            ended = subprocess.run(command, env=environment, stdout=stdout, stderr=stderr, check=False, timeout=120)
        return ended.returncode

    return run


@pytest.fixture
def site(crawls: Crawls, web: Web) -> Crawls:
    web.pages |= {
        "noord.example/": '<html lang="en"><title>Noord</title><a href="/team">Team</a> <a href="/o.vcf">Card</a>',
        "noord.example/team": canaries.team_page(),
        "noord.example/o.vcf": Answer(canaries.vcard(), content_type="text/vcard"),
    }
    crawls.source("noord", "http://noord.example/")
    return crawls


CRAWL = ("crawl", "company_site", "-a", "source=noord")


def test_no_marker_is_left_by_a_crawl_its_feed_its_job_folder_and_its_log(
    site: Crawls, scrapy: Scrapy, out: Path
) -> None:
    assert scrapy(*CRAWL, "-s", f"JOBDIR={out / 'job'}", "-O", str(out / "feed.jsonl")) == 0
    items = [json.loads(line) for line in (out / "feed.jsonl").read_text("utf-8").splitlines()]
    assert {"Bronwen Achterberg", "Alasdair Pemberly", "Philippa Ashworth"} <= {
        value["normalised"] for item in items for value in item["values"].get("name", ())
    }
    assert canaries.found(out) | canaries.found(site.home) == set()


def test_a_cache_of_whole_pages_is_refused(site: Crawls, scrapy: Scrapy, out: Path) -> None:
    assert scrapy(*CRAWL, "-s", "HTTPCACHE_ENABLED=1") == 4
    assert canaries.found(out) | canaries.found(site.home) == set()


@pytest.mark.proof
def test_no_marker_is_left_by_reports_notices_exports_backups_and_what_prints(
    site: Crawls, scrapy: Scrapy, out: Path
) -> None:
    assert scrapy(*CRAWL) == 0
    for name in ("provenance.html", "provenance.json", "quality.html", "quality.json", "compliance.csv"):
        assert scrapy("report", name.partition(".")[0], "-o", str(out / name)) == 0
    assert scrapy("notice", "--into", str(out / "notices")) == 0
    for form in ("csv", "jsonl", "vcf"):
        assert scrapy("export", "--recipient", "acme", "--purpose", "test", "-o", str(out / f"acme.{form}")) == 0
    assert "Achterberg" in (out / "acme.csv").read_text("utf-8")
    assert scrapy("db", "backup", str(out / "backup")) == 0
    assert scrapy("db", "restore", str(out / "backup")) == 0
    assert scrapy("db", "rescreen") == 0
    assert scrapy("why", "Bronwen Achterberg") == 0
    assert canaries.found(out) | canaries.found(site.home) == set()


def test_extract_shows_contacts_that_would_not_be_stored_and_nothing_else(
    scrapy: Scrapy, crawls: Crawls, out: Path, tmp_path: Path
) -> None:
    """Whoever checks a source sees that a private address was read and will not be kept; no statement is shown."""
    page = tmp_path / "page.html"
    page.write_text(canaries.team_page(), "utf-8")
    assert scrapy("extract", str(page), "--json") == 0
    assert {category for category, _, _ in canaries.found(out)} <= {"private_contact"}
    assert canaries.found(crawls.home) == set()


@pytest.mark.proof
def test_no_marker_is_left_by_an_import(site: Crawls, scrapy: Scrapy, out: Path, tmp_path: Path) -> None:
    (site.home / "members.toml").write_text(MAPPING, "utf-8")
    acquisition = '{ method = "licensed", licence = "contract 7", article = 14, received_on = 2026-11-01 }'
    site.register(
        "".join(
            f'[[source]]\nid = "{name}"\nkind = "import"\nspider = "import_file"\nlegal_basis = "contract"\n{more}'
            f"acquisition = {acquisition}\n"
            for name, more in (("members", 'mapping = "members.toml"\n'), ("cards", ""))
        )
    )
    for name, content in (("members.csv", canaries.register()), ("cards.vcf", canaries.vcard())):
        file = tmp_path / name
        file.write_text(content, "utf-8")
        assert scrapy("import", str(file), "--source", file.stem, "--dry-run") == 0
        assert scrapy("import", str(file), "--source", file.stem) == 0
    assert scrapy("report", "provenance", "-o", str(out / "report.html")) == 0
    assert "Marla Quillfeather" in (out / "report.html").read_text("utf-8")
    assert canaries.found(out) | canaries.found(site.home) == set()


@pytest.mark.proof
@pytest.mark.parametrize(
    "spoil",
    [
        ("pipelines.sensitive.mention", "_rewrite"),
        ("pipelines.minimise", "minimise_mention"),
        ("pipelines.validate", "validate_mention"),
        ("pipelines.suppress", "keyed_hashes"),
    ],
)
def test_no_marker_is_left_by_a_stage_that_crashes(
    site: Crawls, scrapy: Scrapy, out: Path, spoil: tuple[str, str]
) -> None:
    scrapy(*CRAWL, "-O", str(out / "feed.jsonl"), spoil=spoil)
    assert canaries.found(out) | canaries.found(site.home) == set()
    assert (out / "feed.jsonl").read_text("utf-8") in ("", "\n")


@pytest.mark.parametrize(
    "disguise",
    [
        str.encode,
        lambda text: text.upper().encode(),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode().hex().encode(),
        lambda text: base64.b64encode(f"name: {text}; ".encode()),
        lambda text: base64.b64encode(f"a{text}bc".encode()),
        lambda text: gzip.compress(f"x{text}".encode()),
        lambda text: gzip.compress(gzip.compress(text.encode())),
    ],
)
def test_the_search_knows_disguises(tmp_path: Path, disguise: Callable[[str], bytes]) -> None:
    """A search that finds nothing proves nothing until it has found something."""
    one = canaries.marker(Category.HEALTH, "text")
    (tmp_path / "file").write_bytes(b"before " + disguise(one) if disguise(one)[:2] != b"\x1f\x8b" else disguise(one))
    assert canaries.found(tmp_path) == {("health_disability", "text", "file")}
