"""From a folder of sites to what will be crawled, and whom to leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.demo.objections import objections
from pipelines.demo.plan import plan
from pipelines.errors import SourceError, StoreError, UsageError
from pipelines.rights.suppression import name_at

BUNDLED = Path(__file__).parents[3] / "fixtures" / "sites"


def write(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("<p>A page</p>", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("pages", "entrances"),
    [
        (["one.example/index.html", "one.example/b.html"], ["/"]),
        (["one.example/docs/deep/index.html", "one.example/docs/index.html"], ["/docs/"]),
        (["one.example/b.html", "one.example/a/c.html", "one.example/a.htm"], ["/a.htm", "/b.html", "/a/c.html"]),
        (["one.example/robots.txt"], ["/"]),
    ],
)
def test_each_site_becomes_a_source_that_starts_at_its_front(
    tmp_path: Path, pages: list[str], entrances: list[str]
) -> None:
    found = plan(write(tmp_path / "sites", *pages), tmp_path / "home")
    source = found.register.get("one-example")
    assert list(source.start_urls) == [f"http://one.example{path}" for path in entrances]
    assert (source.publisher, source.kind, source.legal_basis) == ("one.example", "company-site", "legitimate-interest")
    assert source.balancing_hash
    assert found.objections == frozenset()


def test_a_folder_with_a_register_is_read_by_it(tmp_path: Path) -> None:
    found = plan(BUNDLED, tmp_path)
    assert len(found.register.sources) == 23
    assert name_at("Saskia Hoogeveen-Prins", "Noordlicht Energie BV") in found.objections
    assert ("email", "s.hoogeveen@noordlicht.example") in found.objections
    assert list(tmp_path.iterdir()) == []


def test_a_malformed_register_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "one.example/index.html")
    (tmp_path / "sources.toml").write_text("[[source]]\nid = 1\n", "utf-8")
    with pytest.raises(SourceError, match="line"):
        plan(tmp_path, tmp_path / "home")


def test_a_data_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    write(tmp_path, "sites/one.example/index.html", "home")
    with pytest.raises(StoreError, match="--home"):
        plan(tmp_path / "sites", tmp_path / "home")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[[opt_out]]\nemail = " A.B@One.example "\n', {("email", "a.b@one.example")}),
        ('[[opt_out]]\ntelephone = "+44 20 7946 0110"\n', {("telephone", "+442079460110")}),
        ('[[opt_out]]\nname = "Dr Jane Roe"\norganisation = "One Ltd."\n', {name_at("Jane Roe", "One Ltd")}),
        ("", set()),
    ],
)
def test_objections_are_normalised(tmp_path: Path, text: str, expected: set[tuple[str, str]]) -> None:
    file = tmp_path / "opt-outs.toml"
    assert objections(file) == frozenset()
    file.write_text(text, "utf-8")
    assert objections(file) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[[opt_out]]\nname = "Jane Roe"\n', "number 1 names nobody"),
        ('[[opt_out]]\nemail = "nonsense"\n', "number 1 names nobody"),
        ('[[opt_out]]\nemail = "a@one.example"\n[[opt_out]]\nmail = "b@one.example"\n', "number 2 names nobody"),
        ("[[opt_out", "not valid TOML"),
    ],
)
def test_an_objection_is_never_passed_over(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "opt-outs.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=sentence):
        objections(file)
