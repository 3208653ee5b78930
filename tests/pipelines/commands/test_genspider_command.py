"""`scrapy genspider` writes no file that would keep the other commands from starting."""

from __future__ import annotations

import pytest

from tests.support import commands, tree


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["Tender Portal", "http://x.example"], "use tender_portal"),
        (["tender-portal", "http://x.example"], "use tender_portal"),
        (["TenderPortal", "http://x.example"], "use tenderportal"),
        (["../portal", "http://x.example"], "use portal"),
        (["class", "http://x.example"], "small letters, digits"),
        (["9lives", "http://x.example"], "small letters, digits"),
        (["tender_portal"], "name the spider and a site"),
        ([], "name the spider and a site"),
        (["tender_portal", "http://x.example", "more"], "unexpected argument 'more'"),
    ],
)
def test_a_name_that_cannot_be_loaded_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    folder = tree.ROOT / "crawler" / "spiders"
    before = sorted(folder.glob("*.py"))
    assert commands.call("genspider", *arguments) == 2
    assert says in capsys.readouterr().err
    assert sorted(folder.glob("*.py")) == before


def test_its_templates_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.call("genspider", "--list") == 0
    assert "contact" in capsys.readouterr().out
