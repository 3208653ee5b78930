"""Who was put out stays out: through a new crawl, a new employer, a merge, an unmerge and the restore of a backup."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.engine import make_url

from pipelines.master.check import check
from pipelines.master.choices import SuppressionRow
from pipelines.master.database import open_store
from pipelines.master.models import DisposalRow, MentionRow, PersonRow, RunRow, StatementRow
from pipelines.rights import apart
from pipelines.upkeep.restoring import restore
from pipelines.upkeep.saving import save
from tests.support import commands
from tests.support.crawling import Reactor
from tests.support.pipeline import Crawls
from tests.support.web import Web

SECRET = "s" * 40
NAME = "Bronwen Achterberg"
OTHERS = """<li><h3>Philippa Ashworth</h3><p>Head of Customs</p>
<a href="mailto:philippa.ashworth@noord.example">Mail</a></li>
<li><h3>Alasdair Pemberly</h3><p>Sales Manager</p><a href="mailto:alasdair.pemberly@noord.example">Mail</a></li>"""
TEAM = f"""<!DOCTYPE html><html lang="en"><title>Our team</title><h1>Our team</h1><ul><li><h3>{NAME}</h3>
<p>Managing Director</p><a href="mailto:bronwen@noord.example">Mail</a></li>{OTHERS}</ul>"""
ELSEWHERE = TEAM.replace("@noord.", "@zuid.").replace("Managing Director", "Chair")


class Store:
    """A store that sites are crawled into and commands work on."""

    def __init__(self, crawls: Crawls) -> None:
        self.crawls = crawls
        crawls.home.mkdir(parents=True, exist_ok=True)
        both = "".join(
            f'[[source]]\nid = "{name}"\npublisher = "{name.title()} NV"\nstart_urls = ["http://{name}.example/team"]\n'
            for name in ("noord", "zuid")
        )
        crawls.register(both)

    def crawl(self, source: str) -> Any:
        return self.crawls.crawl(source, CARDFILE_SECRET=SECRET)

    def run(self, *arguments: str | Path, **more: Any) -> int:
        own = {"CARDFILE_HOME": str(self.crawls.home), "CARDFILE_DATABASE_URL": self.crawls.database_url}
        return commands.call(*arguments, **{**own, "CARDFILE_SECRET": SECRET, **more})

    @property
    def engine(self) -> Engine:
        return open_store(make_url(self.crawls.database_url))

    def people(self) -> set[str]:
        engine = self.engine
        with engine.connect() as connection:
            assert [one.invariant for one in check(connection) if one.broken] == []
            found = set(connection.scalars(select(PersonRow.name)))
        engine.dispose()
        return found

    def traces(self) -> int:
        """How many statements say the name, a mail box or a piece of either."""
        engine = self.engine
        with engine.connect() as connection:
            said = connection.execute(select(StatementRow.normalised, StatementRow.evidence)).all()
        engine.dispose()
        return sum("bronwen" in f"{row}".lower() for row in said)


@pytest.fixture
def kept(reactor: Reactor, web: Web, tmp_path: Path, database_url: str) -> Store:
    web.pages |= {"noord.example/team": TEAM, "zuid.example/team": ELSEWHERE}
    return Store(Crawls(reactor, web, tmp_path / "home", database_url))


def test_who_was_put_out_stays_out(kept: Store, web: Web, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept.crawl("noord")
    before = kept.people()
    assert NAME in before
    engine = kept.engine
    save(engine.url, tmp_path / "old.cardfile", seal=None, secret=SECRET.encode())
    assert kept.run("suppress", "--email", "bronwen@noord.example", "--reason", "objection", "--dry-run") == 0
    assert kept.people() == before
    assert kept.run("suppress", "--email", "Bronwen@noord.example", "--reason", "objection", "--json") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["people"], told["mentions"], told["errors"]) == (1, 1, 0)
    assert (kept.people(), kept.traces()) == (before - {NAME}, 0)

    web.pages["noord.example/team"] = TEAM.replace("Managing Director", "Director").replace("bronwen@", "ba@")
    stats = kept.crawl("noord")  # a new address; the name at the employer tells
    assert stats["cardfile/suppress/opted-out"] == 1
    assert (kept.people(), kept.traces()) == (before - {NAME}, 0)

    restore(
        tmp_path / "old.cardfile",
        engine,
        kept.crawls.home,
        seal=None,
        secret=SECRET.encode(),
        revealing_employers=False,
    )
    assert (kept.people(), kept.traces()) == (before - {NAME}, 0)
    engine.dispose()


@pytest.mark.parametrize("verdict", ["same", "different"])
def test_a_new_employer_is_a_question(kept: Store, web: Web, verdict: str, capsys: pytest.CaptureFixture[str]) -> None:
    kept.crawl("noord")
    kept.run("suppress", "--email", "bronwen@noord.example", "--reason", "objection")
    assert kept.crawl("zuid")["cardfile/suppress/namesake"] == 1
    assert (NAME in kept.people(), kept.traces()) == (False, 0)
    capsys.readouterr()
    assert kept.run("suppress", "waiting", "--json") == 0
    (question,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert question["values"]["email"] == ["bronwen@zuid.example"]
    assert kept.run("suppress", "decide", question["id"][:8]) == 2
    assert kept.run("suppress", "decide", question["id"][:8], f"--{verdict}", "--by", "A. Reviewer") == 0

    web.pages["zuid.example/team"] = ELSEWHERE.replace("Chair", "Head of Board")
    stats = kept.crawl("zuid")
    assert stats.get("cardfile/suppress/namesake") is None
    assert stats.get("cardfile/suppress/opted-out", 0) == (verdict == "same")
    assert (NAME in kept.people()) is (verdict == "different")
    engine = kept.engine
    with engine.connect() as connection:
        assert apart.counts(connection) == {}
        stored = connection.execute(select(SuppressionRow)).all()
    engine.dispose()
    assert not re.search("bronwen|noord|zuid", str(stored), re.IGNORECASE)


def test_what_was_put_out_on_the_way_to_the_master_is_not_merged(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The objection is recorded after the mention has passed the third stage."""
    from pipelines.suppress import Suppress

    passed = Suppress._decide

    def late(self: Suppress, connection: Any, items: Any) -> Any:
        return [type(fate).PASSES for fate in passed(self, connection, items)]

    kept.run("suppress", "--email", "bronwen@noord.example", "--reason", "objection")
    monkeypatch.setattr(Suppress, "_decide", late)
    kept.crawl("noord")
    assert (NAME in kept.people(), kept.traces()) == (False, 0)


def test_a_key_can_be_exchanged(kept: Store, web: Web, capsys: pytest.CaptureFixture[str]) -> None:
    kept.run("suppress", "--email", "bronwen@noord.example", "--reason", "objection")
    new = {"CARDFILE_SECRET": "n" * 40}
    assert kept.run("suppress", "rotate", **new) == 4  # the old key is not named: people would come back
    both = {**new, "CARDFILE_SECRET_PREVIOUS": SECRET}
    stats = kept.crawls.crawl("noord", **both)
    assert stats["cardfile/suppress/opted-out"] == 1
    capsys.readouterr()
    assert kept.run("suppress", "rotate", "--json", **both) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["state"], row["entries"]) for row in rows] == [("current", 1), ("previous", 0)]
    assert kept.run("suppress", "rotate", **new) == 0  # the old key can go
    web.pages["noord.example/team"] = TEAM.replace("Managing Director", "Director")
    assert kept.crawls.crawl("noord", **new)["cardfile/suppress/opted-out"] == 1


def test_what_the_balancing_test_does_not_cover_is_not_stored(kept: Store) -> None:
    paper = kept.crawls.home / "balancing.md"
    paper.write_text(re.sub(r"fields: .*", "fields: [name, jobTitle]", paper.read_text("utf-8")), "utf-8")
    kept.crawl("noord")
    engine = kept.engine
    with engine.connect() as connection:
        people = select(MentionRow.id).where(MentionRow.type == "person")
        said = set(connection.scalars(select(StatementRow.property).where(StatementRow.mention_id.in_(people))))
        (run,) = connection.execute(select(RunRow)).all()
        dropped = {row.location for row in connection.execute(select(DisposalRow)) if row.category == "not-covered"}
    engine.dispose()
    assert {"name", "jobTitle"} <= said <= {"name", "givenName", "familyName", "jobTitle"}
    assert {"email", "worksFor"} <= dropped
    assert run.balancing_hash == hashlib.sha256(paper.read_bytes()).hexdigest()


def test_one_who_takes_it_back_may_be_read_again(kept: Store) -> None:
    who = ("--email", "bronwen@noord.example", "--reason", "own-wish")
    kept.run("suppress", *who)
    assert kept.run("suppress", "lift", *who, "--scope", "channel:email") == 4
    assert kept.run("suppress", "lift", *who) == 0
    kept.crawl("noord")
    assert NAME in kept.people()
    assert kept.run("suppress", "lift", *who) == 4


def test_a_list_of_many(kept: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept.crawl("noord")
    names = tmp_path / "opt-outs.csv"
    names.write_text(
        "E-mail,Phone,Name,Company\nbronwen@noord.example,,,\nnobody,,,\n,+442079460009,,\n"
        ",,Philippa Ashworth,Noord NV\n",
        "utf-8",
    )
    arguments = ("suppress", "--file", names, "--reason", "opt-out-form", "--json")
    assert kept.run(*arguments) == 1
    captured = capsys.readouterr()
    assert "row=3: --email cannot be read" in captured.err
    assert "nobody" not in captured.err
    told = json.loads(captured.out)
    assert (told["given"], told["people"], told["errors"]) == (3, 2, 1)
    assert kept.people() == {"Alasdair Pemberly"}
    kept.run(*arguments)
    assert json.loads(capsys.readouterr().out)["new"] == 0
    assert kept.run("suppress", "list", "--json") == 0
    kinds = {json.loads(line)["kind"] for line in capsys.readouterr().out.splitlines()}
    assert {"email", "telephone", "name", "name-only"} <= kinds
    engine = kept.engine
    with engine.connect() as connection:
        mentions = connection.scalars(select(MentionRow.id).where(MentionRow.type == "person")).all()
    engine.dispose()
    assert len(mentions) == 1
