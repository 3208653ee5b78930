"""`scrapy genspider -t contact` writes a spider that the house takes as it is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import tree


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, because Scrapy writes the new spider into it."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("crawler", "pipelines", "settings"):
        shutil.copytree(tree.ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("scrapy.cfg", "pyproject.toml"):
        shutil.copy(tree.ROOT / name, tmp_path / name)
    return tmp_path


def test_a_generated_spider_is_complete(project: Path) -> None:
    run(project, "scrapy", "genspider", "-t", "contact", "harbour_board", "www.harbour.example")
    run(project, "scrapy", "genspider", "tide_office", "www.tides.example")  # ours is the template by default
    assert {"harbour_board", "tide_office"} <= set(run(project, "scrapy", "list").split())
    spider = Path("crawler/spiders/harbour_board.py")
    run(project, "ruff", "check", "--no-cache", str(spider))
    run(project, "ruff", "format", "--no-cache", "--check", str(spider))
    assert "class HarbourBoardSpider(ContactSpider)" in (project / spider).read_text("utf-8")
