"""The settings: one place for every dict, the same stages everywhere, what Scrapy leaves open by default shut."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from tests.support import tree

ENVIRONMENTS = ("dev", "prod", "test")
COMPONENTS = ("ITEM_PIPELINES", "EXTENSIONS", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "DOWNLOAD_HANDLERS")
STAGES = ["validate.Validate", "minimise.Minimise", "suppress.Suppress", "provenance.Provenance", "merge.Merge"]
#: Setting, the value it must have, and what would happen otherwise.
SWITCHES = {
    "REMOTE_CONTROL_ENABLED": (False, "anybody on the machine could run code in the crawler"),
    "TELNETCONSOLE_ENABLED": (False, "anybody on the machine could run code in the crawler"),
    "DOWNLOAD_VERIFY_CERTIFICATES": (True, "a capture could come from somebody else than its receipt says"),
    "COOKIES_ENABLED": (False, "a session is not public"),
    "HTTPCACHE_ENABLED": (False, "pages would be kept that the minimising stage never saw"),
    "HTTPERROR_ALLOW_ALL": (False, "error pages would be read as contacts"),
}


def load(environment: str) -> Settings:
    settings = Settings()
    settings.setmodule(f"settings.{environment}", priority="project")
    return settings


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_changes_scalars_only(environment: str) -> None:
    module = ast.parse(tree.read(Path(f"settings/{environment}.py")))
    for node in module.body:
        match node:
            case ast.ImportFrom(module="settings.base") | ast.Expr(value=ast.Constant()):
                continue
            case ast.Assign(targets=[ast.Name()], value=ast.Constant()):
                continue
            case _:
                pytest.fail(f"settings/{environment}.py, line {node.lineno}: only NAME = scalar; dicts belong to base")


def test_base_says_everything_once() -> None:
    targets = [
        target
        for node in ast.parse(tree.read(Path("settings/base.py"))).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    assert len(names) == len(set(names)) == len(targets)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("setting", COMPONENTS)
def test_an_environment_has_the_components_of_base(setting: str, environment: str) -> None:
    assert dict(load(environment)[setting]) == dict(load("base")[setting])


def test_the_stages_stand_in_their_order() -> None:
    pipelines = load("base")["ITEM_PIPELINES"]
    assert sorted(pipelines, key=pipelines.__getitem__) == [f"pipelines.{stage}" for stage in STAGES]


@pytest.mark.parametrize("setting", COMPONENTS)
def test_every_component_can_be_loaded(setting: str) -> None:
    # Most dicts map a class to its place; the handlers map a scheme to a class. None switches off.
    for key, value in load("base")[setting].items():
        assert value is None or load_object(value if isinstance(value, str) else key)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("switch", SWITCHES)
def test_a_safety_switch_is_set(switch: str, environment: str) -> None:
    value, otherwise = SWITCHES[switch]
    assert load(environment)[switch] is value, otherwise


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_gate_sees_every_request_first(environment: str) -> None:
    # Scrapy's own reading of robots.txt lets every page through when the file cannot be fetched, so the gate stands in.
    middlewares = {
        path: order for path, order in load(environment)["DOWNLOADER_MIDDLEWARES"].items() if order is not None
    }
    stock = [order for order in load(environment)["DOWNLOADER_MIDDLEWARES_BASE"].values() if order is not None]
    assert min(middlewares, key=middlewares.__getitem__) == "crawler.middlewares.gate.SiteRights"
    assert min(middlewares.values()) < min(stock)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_there_is_no_way_out_but_the_guarded_one(environment: str) -> None:
    settings = load(environment)
    handlers = {**settings["DOWNLOAD_HANDLERS_BASE"], **settings["DOWNLOAD_HANDLERS"]}
    ways = {scheme: way for scheme, way in handlers.items() if way is not None}
    assert ways == dict.fromkeys(("http", "https"), "crawler.connection.GuardedDownloadHandler")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("bound", ["DOWNLOAD_TIMEOUT", "DOWNLOAD_MAXSIZE", "REDIRECT_MAX_TIMES", "MEMUSAGE_LIMIT_MB"])
def test_what_a_site_sends_has_a_bound(bound: str, environment: str) -> None:
    assert (
        0 < load(environment).getint(bound) <= (Settings().getint(bound) or 4096)
    )  # Scrapy's own, 4 GB where it has none


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_log_formatter_is_ours(environment: str) -> None:
    # Scrapy's prints the whole item when a stage drops it.
    formatter = load_object(load(environment)["LOG_FORMATTER"])
    assert formatter.__module__.startswith("crawler.")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_response_starts_few_tasks(environment: str) -> None:
    assert load(environment).getint("CONCURRENT_ITEMS") <= 10
