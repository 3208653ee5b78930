"""The rules of the house that no linter knows. The floors are import contracts, and `make lint` keeps those."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
from tldextract import TLDExtract

from crawler import lexicon
from crawler.spider import ContactSpider
from tests.support import tree

CODE = [path for path in tree.texts() if path.suffix == ".py"]
LONGEST = 400
#: What must not stand in any text, and why. Each is written so that it does not find itself here.
FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.])/(?:roo[t]|wor[k]|home/\w+|Users/\w+)/\w",
    "the address of a package index": r"pypi\.or[g]|python[h]osted|(?<!emit-)(?:extra-)?index[-]url|find[-]links",
    "an unfinished thought": r"\b(?:TOD[O]|FIXM[E])\b",
    "a wait for a fixed time": r"\btime\.slee[p]\(",
}
#: Who asks the system for the time of day, and why.
TELL_TIME = {
    "crawler/clock.py": "it is the clock",
    "crawler/middlewares/politeness.py": "servers say until when they want to be left alone",
    "pipelines/runs/lease.py": "signs of life are compared with those of other machines",
}
#: Domains that can belong to nobody (RFC 2606), also with text glued to them, as some tests have it.
RESERVED = re.compile(r"(?:^|\.)(?:example(?:\.|$)|(?:test|invalid|localhost)$)")
#: The public suffixes of the bundled list: without one, nobody can have the domain.
SUFFIX = TLDExtract(cache_dir=None, suffix_list_urls=())


def _id(path: Path) -> str:
    return path.as_posix()


def _classes(module: str) -> list[type]:
    found = vars(import_module(module)).values()
    return [thing for thing in found if isinstance(thing, type) and thing.__module__ == module]


def test_only_the_law_lies_at_the_top() -> None:
    assert tree.top_level() <= tree.TOP_LEVEL


@pytest.mark.parametrize("path", CODE, ids=_id)
def test_a_file_is_short(path: Path) -> None:
    assert tree.read(path).count("\n") <= LONGEST, f"split it: a file has at most {LONGEST} lines"


@pytest.mark.parametrize("path", CODE, ids=_id)
def test_no_handler_catches_everything(path: Path) -> None:
    # The linter says so too, but a `noqa` silences it.
    everything = {"Exception", "BaseException"}
    for node in ast.walk(ast.parse(tree.read(path))):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names = {name.id for name in caught if isinstance(name, ast.Name)}
            assert node.type is not None, f"line {node.lineno}: a bare except"
            assert not names & everything, f"line {node.lineno}: name what you expect"


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_text_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = {path.as_posix(): pattern.findall(tree.read(path)) for path in tree.texts()}
    assert {path: matches for path, matches in found.items() if matches} == {}


def test_the_time_is_asked_of_one_clock() -> None:
    # `crawler.clock.now()` never goes back, and a test can set it.
    asks = re.compile(r"\b(?:datetime\.(?:now|utcnow|today)|date\.today|time\.time)\(")
    ours = (path for path in CODE if path.parts[0] in {"crawler", "pipelines"})
    assert {path.as_posix() for path in ours if asks.search(tree.read(path))} == set(TELL_TIME)


def _could_be_somebodys(local: str, domain: str) -> bool:
    if domain == "gmail.com" and len(local.replace(".", "")) < 6:
        return False  # Gmail gives out no shorter names, so a test of free mailboxes can use one
    placeholder = domain in lexicon.words("placeholders", "domain")
    return bool(SUFFIX(domain).suffix) and not placeholder and not RESERVED.search(domain)


@pytest.mark.parametrize("folder", ["docs", "fixtures", "tests"])
def test_no_address_is_anybodys(folder: str) -> None:
    address = re.compile(rb"([\w.+-]+)@((?:[\w-]+\.)+[a-zA-Z]{2,})")
    found = {
        (path.as_posix(), domain.decode().lower())
        for path in tree.files(folder)
        for local, domain in address.findall((tree.ROOT / path).read_bytes())
        if _could_be_somebodys(local.decode(), domain.decode().lower())
    }
    assert found == set(), "use a .example domain"


def test_the_lock_holds_versions_and_hashes_only() -> None:
    lines = tree.read(Path("constraints.txt")).splitlines()
    pinned = re.compile(
        r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==\S+( ; .*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|\s*#.*"
    )
    assert [line for line in lines if line and not pinned.fullmatch(line)] == []


@pytest.mark.parametrize("module", tree.modules("crawler.spiders"))
def test_a_spider_is_file_name_and_class_in_one(module: str) -> None:
    (spider,) = _classes(f"crawler.spiders.{module}")
    assert spider.__name__ == module.title().replace("_", "") + "Spider", "as `scrapy genspider -t contact` names it"
    assert issubclass(spider, ContactSpider)
    assert spider.name == module
    assert spider.__doc__, "say what it reads and why that is public"


@pytest.mark.parametrize("path", [path for path in tree.files("tests") if path.suffix == ".py"], ids=_id)
def test_a_test_stands_where_its_subject_stands(path: Path) -> None:
    folder = path.parent.relative_to("tests")
    known = folder.parts[:1] in {(), ("e2e",), ("bench",), ("support",), ("proof",)}
    assert known or (tree.ROOT / folder).is_dir(), f"there is no {folder} that it could test"
    assert path.name != "__init__.py"
