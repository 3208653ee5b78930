"""What telling people costs: notices that are due, written in full, filed for a mailer and recorded with their proof.

CPU time of this process, SQLite; every person of the store is owed one. `python -m tests.bench.notices [PEOPLE]`, by
default 2,000; the ratio compares it with ten times fewer people, for the cost of a notice must not grow with the store.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.master.models import MentionRow
from pipelines.rights.notifying import into_folder, send
from pipelines.rights.register import load
from tests.support.filled import fill
from tests.support.rights import written

PEOPLE = 2_000
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def measured(people: int) -> tuple[float, int]:
    """Return the CPU seconds of telling so many people, and how many messages left."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = open_store(make_url(f"sqlite:///{folder}/cardfile.db"))
        fill(engine, people)
        with engine.begin() as connection:
            connection.execute(update(MentionRow).values(country="NL"))
        register = load(written(folder))
        began = time.process_time()
        sent = send(engine, register, into_folder(folder / "out"), NOW)["sent"]
        seconds = time.process_time() - began
        engine.dispose()
    return seconds, sent


def main() -> Mapping[str, float]:
    """Measure and print."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    measured(100)  # templates and statements are compiled once
    few, some = measured(people // 10)
    seconds, sent = measured(people)
    ratio = (seconds / sent) / (few / some)
    sys.stdout.write(
        f"{sent} notices: {seconds:.1f} s of CPU, {seconds / sent * 1000:.2f} ms each; "
        f"{ratio:.2f} times what one of {some} costs\n"
    )
    return {"notices_cost_at_ten_times_the_people": ratio}


if __name__ == "__main__":
    main()
