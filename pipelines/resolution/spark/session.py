"""Opening Spark, or saying in a sentence what it lacks."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pipelines.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Parts that a shuffle falls into on one machine; Spark's default of 200 costs more in starting them than they hold.
PARTS = 8
#: Spark tells of its start, of the machine's name and of libraries that it does without; errors are enough.
_LOG = """rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %p %c{1}: %m%n
"""
_NEEDED = ("pyspark", "pandas", "pyarrow")


@contextmanager
def opened(master: str, folder: Path) -> Iterator[tuple[SparkSession, Path]]:
    """Open a session at a master URL ("local[2]", "spark://…") with a working folder below `folder`, and close both.

    The folder must be reachable by the executors; it holds personal data while the session lasts and is readable by its
    owner only. On a cluster the package has to be installed on every executor; on one machine it is found where it is.
    Raises UsageError when PySpark or Java is missing, or Spark does not start.
    """
    check()
    from pyspark.errors import PySparkException  # noqa: PLC0415  an extra
    from pyspark.sql import SparkSession  # noqa: PLC0415

    root = str(Path(__file__).resolve().parents[3])
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="spark-", dir=folder) as name:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        log = Path(name, "log4j2.properties")
        log.write_text(_LOG, "utf-8")
        builder = SparkSession.builder.master(master).appName("cardfile")
        settings = {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={log.as_uri()}",
            "spark.local.dir": name,
            "spark.sql.warehouse.dir": name,
            "spark.sql.execution.arrow.maxRecordsPerBatch": "5000",
            "spark.executorEnv.PYTHONPATH": root,
        }
        if master.startswith("local"):
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
            settings |= {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
            settings |= {"spark.sql.shuffle.partitions": str(PARTS), "spark.driver.memory": "2g"}
        try:
            session = builder.config(map=settings).getOrCreate()
        except (PySparkException, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0]
            raise UsageError(f"Spark does not start at {master} ({reason}); check CARDFILE_SPARK and Java.") from None
        try:
            yield session, Path(name)
        finally:
            session.stop()


def check() -> None:
    """Raise UsageError when this machine lacks what Spark needs."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"--engine spark needs {', '.join(missing)}; install the extra: pip install 'cardfile[spark]'."
        )
    home = os.environ.get("JAVA_HOME")
    java = Path(home, "bin", "java") if home else None
    if not (java.is_file() if java else shutil.which("java")):
        raise UsageError(
            "--engine spark needs Java 17 or newer: install one (Debian: apt-get install openjdk-17-jre-headless), "
            "or set JAVA_HOME to where it is."
        )
