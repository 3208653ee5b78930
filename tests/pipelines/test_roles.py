"""Who may run what, and what an analyst sees: every command is in the table, and no value is shown whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.items import Property
from pipelines.errors import RefusedError, UsageError
from pipelines.reports import masks
from pipelines.roles import ROLES, Role, require, role_of, table
from tests.support import commands, tree
from tests.support.reported import Seen, store
from tests.support.rights import written

COMMANDS = tree.modules("pipelines.commands")
ADA = {
    Property.NAME: "Ada Achterberg",
    Property.JOB_TITLE: "Head of Sales",
    Property.WORKS_FOR: "Noord NV",
    Property.EMAIL: "ada.achterberg@noord.example",
    Property.TELEPHONE: "+442079460141",
}
WHOLE = ("Ada Achterberg", "Achterberg", "ada.achterberg@noord.example", "442079460141", "one.example/ada")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_who_may_run_it(command: str) -> None:
    assert any(name.split()[0] == command for name in table()), "add it to pipelines/roles.toml"


def test_every_entry_is_given_to_somebody() -> None:
    assert [name for name, roles in table().items() if not roles] == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("command", sorted(table()))
def test_the_table_is_obeyed(command: str, role: str) -> None:
    name, _, act = command.partition(" ")
    if Role(role) in table()[command]:
        require(Role(role), name, act)
    else:
        with pytest.raises(RefusedError, match=f"scrapy {command}.*not for the role"):
            require(Role(role), name, act)
    require(Role.OWNER, name, act)


@pytest.mark.parametrize("command", ["export", "erase", "crawl", "retain", "db backup", "request"])
def test_an_analyst_neither_exports_nor_erases(command: str) -> None:
    assert Role.ANALYST not in table()[command]


@pytest.mark.parametrize(
    ("configured", "asked", "role"),
    [("", "", "owner"), ("analyst", "", "analyst"), ("", "analyst", "analyst"), ("operator", "operator", "operator")],
)
def test_the_role_of_an_account(configured: str, asked: str, role: str) -> None:
    assert role_of(configured, asked) == role


@pytest.mark.parametrize(
    ("configured", "asked", "error"),
    [("analyst", "privacy-officer", RefusedError), ("boss", "", UsageError), ("owner", "", UsageError)],
)
def test_nobody_takes_a_role_that_is_not_theirs(configured: str, asked: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        role_of(configured, asked)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    other = {**ADA, Property.NAME: "A. Achterberg", Property.EMAIL: "sales@noord.example"}
    seen = [Seen(ADA, url="http://one.example/ada"), Seen(other, source="press", url="http://press.example/ada")]
    store(f"sqlite:///{tmp_path / 'cardfile.db'}", seen).dispose()
    written(tmp_path)

    def call(*arguments: str, role: str = "analyst") -> tuple[int, str]:
        own = {"CARDFILE_HOME": str(tmp_path), "CARDFILE_RIGHTS": str(tmp_path / "rights.toml")}
        code = commands.call(*arguments, CARDFILE_ROLE=role, **own)
        said = capsys.readouterr()
        return code, said.out + said.err

    return call


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "provenance", "--format", "html"],
        ["report", "provenance", "--format", "md"],
        ["report", "provenance", "--format", "csv"],
        ["report", "provenance", "--format", "json"],
        ["why", "Achterberg"],
        ["why", "Achterberg", "--json"],
        ["review", "--list"],
        ["review", "--json"],
    ],
    ids=" ".join,
)
def test_an_analyst_sees_masked_values(run: Callable[..., tuple[int, str]], arguments: list[str]) -> None:
    code, said = run(*arguments)
    assert code in (0, 2)  # `why` asks which of two
    assert [whole for whole in WHOLE if whole in said] == []
    assert code == 2 or "•••" in said or "\\u2022" in said or "0 open" in said or not said.strip()
    assert any(whole in run(*arguments, role="operator")[1] for whole in WHOLE) or arguments[0] == "review"


@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "--recipient", "acme", "--purpose", "business-directory", "--dry-run"],
        ["db", "backup", "x"],
        ["retain", "--dry-run"],
        ["why", "--allowed", "ada.achterberg@noord.example"],
        ["why", "Achterberg", "--role", "privacy-officer"],
    ],
    ids=" ".join,
)
def test_an_analyst_is_refused(run: Callable[..., tuple[int, str]], arguments: list[str]) -> None:
    code, said = run(*arguments)
    assert code == 4
    assert [whole for whole in WHOLE if whole in said] == []


@pytest.mark.parametrize(
    ("prop", "value", "shown"),
    [
        ("name", "Jane van der Roe", "J••• v••• d••• R•••"),
        ("email", "jane.roe@noord.example", "j•••@noord.example"),
        ("email", "no-address", "•••"),
        ("telephone", "+442079460141", "•••41"),
        ("telephone", "", ""),
        ("url", "https://u:p@noord.example/jane", "https://noord.example/•••"),
        ("sameAs", "jane", "•••"),
        ("workLocation", "Kade 1", "•••"),
        ("jobTitle", "Director", "Director"),
    ],
)
def test_a_mask(prop: str, value: str, shown: str) -> None:
    assert masks.masked(prop, value) == shown


def test_json_of_a_masked_report_is_whole(run: Callable[..., tuple[int, str]]) -> None:
    _, said = run("report", "provenance", "--format", "json")
    assert {entity["name"] for entity in json.loads(said)["entities"]} >= {"A••• A•••"}
