"""Which documents to look at, and from file to page."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import DocumentError, UsageError
from pipelines.inspection.documents import Job, batch, load, named


@pytest.mark.parametrize(
    ("target", "remote", "url"),
    [
        ("team.html", False, "https://firma.example/team"),
        ("https://firma.example/x", True, "https://firma.example/x"),
        ("HTTP://firma.example/", True, "HTTP://firma.example/"),
    ],
)
def test_a_target_is_a_file_or_an_address(target: str, remote: bool, url: str) -> None:
    job = named(target, "https://firma.example/team", "NL")
    assert (job.remote, job.url, job.document, job.country) == (remote, url, target, "NL")


@pytest.mark.parametrize(
    ("stated", "sentence"),
    [
        ({}, "needs a path or a url"),
        ({"url": "ftp://firma.example"}, "no address on the web"),
        ({"path": "x", "country": "Netherlands"}, "no country"),
        ({"path": "x", "country": "nl"}, "did you mean NL"),
        ({"path": "x", "language": "Dutch!"}, "no language"),
    ],
)
def test_what_cannot_be_meant_is_refused(stated: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        Job(**stated)


def test_a_batch_states_a_document_a_line(tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"
    lines: list[dict[str, Any]] = [{"path": "a.html", "country": "DE"}, {"url": "https://b.example", "language": None}]
    file.write_text("\n\n".join(json.dumps(line) for line in lines), "utf-8")
    assert list(batch(file, Job("-", country="NL", language="nl", publisher="P"))) == [
        Job("a.html", "", "DE", "nl", "P"),
        Job("", "https://b.example", "NL", "nl", "P"),
    ]


def test_a_batch_can_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"path": "a.html"}\n'))
    assert list(batch(Path("-"))) == [Job("a.html")]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "line 2: it is no JSON"),
        ("[]", "line 2: a line is a JSON object"),
        ('{"file": "x"}', "line 2: unknown key 'file'"),
        ('{"path": 5}', "line 2: path is a text"),
        ('{"path": "x", "country": "xx"}', "line 2: 'xx' is no country"),
        ("{}", "line 2: A document needs a path or a url"),
        ("[" * 100_000, "line 2: it is"),
    ],
    ids=range(7),
)
def test_a_wrong_line_is_named_and_costs_only_itself(tmp_path: Path, line: str, sentence: str) -> None:
    file = tmp_path / "jobs.jsonl"
    file.write_text('{"path": "a.html"}\n' + line + '\n{"path": "b.html"}\n', "utf-8")
    first, wrong, last = batch(file)
    assert (first, last) == (Job("a.html"), Job("b.html"))
    assert isinstance(wrong, UsageError)
    assert sentence in str(wrong)


@pytest.mark.parametrize(("body", "sentence"), [(None, "cannot be read"), (b"\xff\xfe\xff", "not in UTF-8")])
def test_a_batch_that_is_none(tmp_path: Path, body: bytes | None, sentence: str) -> None:
    file = tmp_path / "jobs.jsonl"
    if body is not None:
        file.write_bytes(body)
    with pytest.raises(UsageError, match=sentence):
        list(batch(file))


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("missing.html", None, "cannot be read"),
        ("empty.html", b"", "is empty"),
        ("blank.html", b"\xef\xbb\xbf \n", "is empty"),
        ("a.zip", b"PK\x03\x04", "an archive, a picture"),
        ("", None, "is a folder"),
    ],
)
def test_files_that_are_no_documents(tmp_path: Path, name: str, body: bytes | None, sentence: str) -> None:
    if body is not None:
        (tmp_path / name).write_bytes(body)
    with pytest.raises(DocumentError, match=sentence):
        load(Job(str(tmp_path / name)))


@pytest.mark.parametrize(
    ("name", "body", "media_type"),
    [
        ("a.html", b"<p>x", "text/html"),
        ("a.vcf", b"BEGIN:VCARD", "text/vcard"),
        ("a.jsonld", b"{}", "application/ld+json"),
        ("a.txt", b"x", "text/plain"),
        ("a", b"x", ""),
    ],
)
def test_the_name_says_the_type(tmp_path: Path, name: str, body: bytes, media_type: str) -> None:
    (tmp_path / name).write_bytes(body)
    assert load(Job(str(tmp_path / name), country="NL")).media_type == media_type


@pytest.mark.parametrize(
    ("stated", "expected"),
    [("", "https://firma.example/team"), ("https://other.example/", "https://other.example/")],
)
def test_a_saved_page_knows_its_address(tmp_path: Path, stated: str, expected: str) -> None:
    (tmp_path / "a.html").write_bytes(b'<link rel="canonical" href="https://firma.example/team">')
    assert load(Job("a.html", stated), beside=tmp_path).url == expected
