"""A plan is checked to the last key, and every mistake is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler import sources
from crawler.items import Budget
from crawler.sources import SourceRegister
from pipelines.errors import UsageError
from pipelines.runs.plan import Job, Plan, load

REGISTER = """[defaults]
kind = "company-site"
publisher = "Noord NV"
spider = "company_site"
purpose = "test"
legal_basis = "contract"
retention_days = 30
budget = { pages = 100, depth = 2, seconds = 600 }

[[source]]
id = "munich-a"
start_urls = ["https://www.a.example/team", "https://a.example/"]

[[source]]
id = "munich-b"
start_urls = ["https://b.example/"]

[[source]]
id = "fair"
kind = "trade-fair"
start_urls = ["https://fair.example/"]
"""


@pytest.fixture
def register(tmp_path: Path) -> SourceRegister:
    file = tmp_path / "sources.toml"
    file.write_text(REGISTER, "utf-8")
    return sources.load(file)


def read(tmp_path: Path, register: SourceRegister, text: str) -> Plan:
    file = tmp_path / "plan.toml"
    file.write_text(text, "utf-8")
    return load(file, register)


def test_a_whole_plan(tmp_path: Path, register: SourceRegister) -> None:
    text = """name = "nightly"
at_once = 2
order = "longest-ago"
budget = { pages = 500, seconds = 3600 }
per_host = { at_once = 2, pages = 300 }
resume_hours = 12

[[job]]
kind = "trade-fair"
budget = { pages = 5, seconds = 60 }

[[job]]
source = "munich-*"
"""
    plan = read(tmp_path, register, text)
    assert plan == Plan("nightly", plan.jobs, 2, "longest-ago", 500, 3600, 2, 300, 12)
    assert [job.source_id for job in plan.jobs] == ["fair", "munich-a", "munich-b"]
    assert plan.jobs[0] == Job("fair", "company_site", ("fair.example",), Budget(5, 2, 60))
    assert plan.jobs[1].hosts == ("a.example",)


def test_a_source_is_crawled_once(tmp_path: Path, register: SourceRegister) -> None:
    text = 'name = "n"\n[[job]]\nsource = "munich-b"\nbudget = { pages = 9 }\n[[job]]\nspider = "company_site"\n'
    jobs = read(tmp_path, register, text).jobs
    assert [(job.source_id, job.budget.pages) for job in jobs] == [("munich-b", 9), ("munich-a", 100), ("fair", 100)]


def test_a_plan_gives_no_more_than_the_register(tmp_path: Path, register: SourceRegister) -> None:
    text = 'name = "n"\n[[job]]\nsource = "fair"\nbudget = { pages = 999, depth = 9, seconds = 9999 }\n'
    budget = read(tmp_path, register, text).jobs[0].budget
    assert (budget.pages, budget.depth, budget.seconds) == (100, 2, 600)


JOB = '[[job]]\nsource = "fair"\n'


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (JOB, 1, "a plan has a name"),
        ('name = "Every Night"\n' + JOB, 1, "lower-case"),
        ('name = "n"\n', 1, "at least one job"),
        ('name = "n"\njob = []\n', 2, "at least one job"),
        ('name = "n"\nat_ones = 2\n' + JOB, 2, "did you mean 'at_once'"),
        ('name = "n"\n\nat_once = 0\n' + JOB, 3, "from 1 to 64"),
        ('name = "n"\nat_once = true\n' + JOB, 2, "whole number"),
        ('name = "n"\norder = "random"\n' + JOB, 2, "listed, longest-ago"),
        ('name = "n"\nbudget = { pages = "many" }\n' + JOB, 2, "budget.pages is a whole number"),
        ('name = "n"\nbudget = { depth = 3 }\n' + JOB, 2, "budget looks like"),
        ('name = "n"\n[budget]\npages = 0\n' + JOB, 2, "at least 1"),
        ('name = "n"\nper_host = { delay = 3 }\n' + JOB, 2, "per_host looks like"),
        ('name = "n"\nresume_hours = -1\n' + JOB, 2, "resume_hours"),
        ('name = "n"\n' + JOB + '[[job]]\nsource = "fairs"\n', 5, "did you mean 'fair'"),
        ('name = "n"\n' + JOB + '[[job]]\nkind = "blog"\n', 5, "no registered source with kind 'blog'"),
        ('name = "n"\n' + JOB + JOB, 5, "named by a job above"),
        ('name = "n"\n' + JOB + '[[job]]\nsource = "fair"\nkind = "blog"\n', 4, "by one of source, kind, spider"),
        ('name = "n"\n[[job]]\nsource = 3\n', 2, "as text"),
        ('name = "n"\n[[job]]\nsorce = "fair"\n', 3, r"unknown key 'sorce' in \[\[job\]\]; did you mean 'source'"),
        ('name = "n"\n' + JOB + "budget = { pages = -1 }\n", 4, "at least 1"),
        ('name = "n"\n' + JOB + "budget = { minutes = 1 }\n", 4, "budget looks like"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, register: SourceRegister, text: str, line: int, says: str
) -> None:
    with pytest.raises(UsageError, match=rf"plan\.toml, line {line}: .*{says}"):
        read(tmp_path, register, text)


def test_an_empty_register_is_told(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("", "utf-8")
    with pytest.raises(UsageError, match=r"sources\.toml registers no source yet: add a"):
        read(tmp_path, sources.load(tmp_path / "sources.toml"), 'name = "n"\n[[job]]\nsource = "*"\n')


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"name = n", "not valid TOML: .*line 1"), (b"name = '\xff'", "not UTF-8"), (None, "cannot be read")],
)
def test_an_unreadable_plan(tmp_path: Path, register: SourceRegister, content: bytes | None, says: str) -> None:
    file = tmp_path / "plan.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=says):
        load(file, register)
