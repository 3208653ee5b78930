"""`scrapy screen`: what the sensitive stage would keep and drop."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipelines.command import CardfileCommand


class Command(CardfileCommand):
    """Show what the minimising stage would keep of texts and fields.

    Reads one JSON object a line, {id, lang?, kind: "text" | "field", text | field and value, known?: [validated
    values]}, and writes {id, redacted, dropped, categories} in the same order. With `known` a text is rebuilt from
    these values and the glue list, as the stage does it; without, from what may pass by position and grammar. A
    malformed row ends the command with its line number, and the output file is not touched. Stores nothing.
    """

    summary = "Show what the sensitive stage would keep and drop"
    arguments = "FILE [-o OUT] [options]"
    example = """
        scrapy screen rows.jsonl -o screened.jsonl
        scrapy screen rows.jsonl
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the file and the output."""
        parser.add_argument("file", type=Path, metavar="FILE", help="rows, one JSON object a line")
        parser.add_argument("-o", dest="out", type=Path, metavar="OUT", help="where the screened rows go (JSON lines)")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Read, screen, then write all rows or none."""
        from pipelines.sensitive.rows import read_rows  # noqa: PLC0415  its word lists cost every `scrapy list`
        from pipelines.sensitive.screening import screen_row  # noqa: PLC0415

        with opts.file.open("rb") as lines:
            rows = list(read_rows(lines, opts.file.name))
        screened = [screen_row(row) for row in self.progress(rows, "screening")]
        if opts.out:
            _write(opts.out, screened)
        if opts.json and not opts.out:
            for row in screened:
                self.write_json(row)
        elif opts.json:
            self.write_json({"rows": len(screened), "dropped": sum(row["dropped"] for row in screened)})
        elif opts.out:
            dropped = sum(row["dropped"] for row in screened)
            self.write(f"{len(screened)} rows, {dropped} dropped whole: {opts.out}")
        else:
            self._table(screened)
        return 0

    def _table(self, screened: Iterable[dict[str, Any]]) -> None:
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table("row", "kept", "not kept", box=None)
        for row in screened:
            kept = Text(row["redacted"]) if row["redacted"] is not None else Text("dropped", style="dim")
            table.add_row(str(row["id"]), kept, ", ".join(row["categories"]))
        self.console.print(table)


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write a file of JSON lines in one step: a reader sees the old file or the whole new one."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=path.name, delete=False) as half:
        half.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    Path(half.name).replace(path)
