from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.errors import RightsError, UsageError
from crawler.items import Acquisition, Property, Source
from crawler.registers.declaration import load
from crawler.registers.delivery import MAX_CARD, Delivery, files

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
LICENSED = Acquisition("licensed", "contract 1", 14, date(2026, 11, 1))
MAPPING = 'id = "no"\nsnapshot = true\n[[mention]]\ntype = "person"\nname = "name"\njobTitle = "role"\n'


def source(acquisition: Acquisition | None = LICENSED, **more: Any) -> Source:
    return Source(
        "noord", "import", "Noord", "test", "contract", "import_file", (), 30, acquisition=acquisition, **more
    )


def deliver(folder: Path, content: dict[str, bytes], mapping: str = MAPPING) -> tuple[Delivery, list[str]]:
    for name, body in content.items():
        (folder / name).write_bytes(body)
    (folder / "mapping.txt").write_text(mapping, "utf-8")
    told: list[str] = []
    found = files([folder / name for name in content])
    return Delivery(source(), found, load(folder / "mapping.txt"), AT, told.append), told


def test_a_record_keeps_its_address_when_others_come_before_it(tmp_path: Path) -> None:
    row = b"7,Ada Noord,Head\n"
    before, _ = deliver(tmp_path, {"a.csv": b"no,name,role\n" + row})
    after, _ = deliver(tmp_path, {"b.csv": b"no,name,role\n1,Bo Zuid,Clerk\n" + row})
    (old,), new = before.mentions(), list(after.mentions())
    captures = [mention.capture for mention in (old, new[1], new[0]) if mention.capture]
    urls = [capture.url for capture in captures]
    assert urls[0] == urls[1] != urls[2]
    assert urls[0].startswith("urn:cardfile:noord#")
    assert captures[0].content_hash != captures[1].content_hash


def test_a_broken_file_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    delivery, told = deliver(tmp_path, {"a.json": b'[{"no"', "b.csv": b"no,name,role\n7,Ada Noord,Head\n8,,\n"})
    assert [mention.text(Property.NAME) for mention in delivery.mentions()] == ["Ada Noord"]
    assert (delivery.counts["failed"], delivery.counts["files"], delivery.counts["rejected"]) == (1, 1, 1)
    assert not delivery.complete
    assert [sentence.rpartition(": ")[2] for sentence in told] == [
        "The file is no valid JSON (it ends in the middle).",
        "no name.",
    ]


def test_a_file_in_a_folder_is_told_by_its_number(tmp_path: Path) -> None:
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "ada-noord.json").write_bytes(b"{")
    (folder / "notes.txt").write_bytes(b"nothing")
    _, told = deliver(tmp_path, {})
    delivery = Delivery(source(), files([folder]), load(tmp_path / "mapping.txt"), AT, told.append)
    assert list(delivery.mentions()) == []
    assert "file 1 of 1" in told[0]
    assert "ada" not in told[0]


def test_cards_are_read_one_by_one(tmp_path: Path) -> None:
    card = b"BEGIN:VCARD\r\nFN:Ada Noord\r\nTITLE:Head\r\n%bEND:VCARD\r\n"
    photo = b"PHOTO;ENCODING=b:" + b"A" * MAX_CARD + b"\r\n"
    nobody = b"BEGIN:VCARD\r\nNOTE:empty\r\nEND:VCARD\r\n"
    delivery, told = deliver(tmp_path, {"all.vcf": card % photo + nobody + card % b""})
    found = list(delivery.mentions())
    assert [mention.text(Property.JOB_TITLE) for mention in found] == ["Head", "Head"]
    assert [mention.all(Property.NAME)[0].locator for mention in found] == ["card[1]/FN[1]", "card[3]/FN[1]"]
    assert len(told) == 1
    assert "card 2" in told[0]


@pytest.mark.parametrize(
    ("snapshot", "body", "complete"),
    [
        ("true", b"no,name,role\n7,Ada Noord,Head\n", True),
        ("true", b"no,name,role\n", False),
        ("false", b"no,name,role\n7,Ada Noord,Head\n", False),
    ],
)
def test_only_a_whole_delivery_speaks_for_what_is_missing(
    tmp_path: Path, snapshot: str, body: bytes, complete: bool
) -> None:
    delivery, _ = deliver(tmp_path, {"a.csv": body}, MAPPING.replace("true", snapshot))
    list(delivery.mentions())
    assert delivery.complete is complete


def test_a_file_that_nobody_licensed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RightsError, match="does not say how"):
        Delivery(source(None), [], None, AT, print)
    with pytest.raises(UsageError, match="holds no file"):
        files([tmp_path])
