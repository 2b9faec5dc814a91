"""How much CPU the import of the ingest handler takes, and how much there is to fetch for it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from benchmarks.handler_settings import settings_of
from benchmarks.report import Answer, Figure
from infra.constructs.package_installer import install_packages

ROUNDS = 15
FUNCTION = "ingest_usage"
ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-lambda.lock"
_TEXTBOOK = """
import boto3
from benchmarks.textbook import textbook
textbook(boto3.resource("dynamodb").Table("counters").meta.client)
"""
CONTENDERS = {
    "bare": "",
    "ours": f"import functions.{FUNCTION}.handler",
    # The documentation's first example: the persistence layer makes a client of its own.
    "textbook": f"{_TEXTBOOK}\nfrom benchmarks.textbook import DynamoDBPersistenceLayer\n"
    'DynamoDBPersistenceLayer(table_name="idempotency")',
    "frugal textbook": _TEXTBOOK,
}


def answer() -> Answer:
    millis = _import_millis()
    packages, code = _zipped_megabytes()
    return Answer(
        question="Cold start",
        module="benchmarks.cold_start",
        setting=(
            f"CPU of importing {FUNCTION}'s handler with its AWS clients, beyond that of Python alone; each import in a"
            f" process of its own, bytecode and disk cache warm, median of {ROUNDS} rounds in turns. The textbook is"
            " Powertools' batch processor, parser models and idempotency with a table of boto3. The zip is what a"
            " deploy uploads for arm64 and Python 3.13: the code, and the layer that all functions share."
        ),
        figures=(
            Figure(what="textbook", measured=millis["textbook"], unit="ms CPU"),
            Figure(what="textbook, one client for both", measured=millis["frugal textbook"], unit="ms CPU"),
            Figure(what="ours", measured=millis["ours"], unit="ms CPU"),
            Figure(what="ours / textbook", measured=millis["ours"] / millis["textbook"], unit="x", target=0.8),
            Figure(
                what="ours / textbook, one client for both",
                measured=millis["ours"] / millis["frugal textbook"],
                unit="x",
            ),
            Figure(what="zipped code", measured=code, unit="MB"),
            Figure(what="zipped code and packages, without boto3", measured=packages + code, unit="MB", target=5),
        ),
    )


def _import_millis() -> Mapping[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    with TemporaryDirectory() as bytecode:
        environment = {**os.environ, **settings_of(FUNCTION), "PYTHONPYCACHEPREFIX": bytecode}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(ROUNDS + 1):
            for name, code in CONTENDERS.items():
                seconds = _cpu_seconds(code, environment)
                if number:  # the first round writes the bytecode
                    taken[name].append(seconds)
    bare = median(taken["bare"])
    return {name: (median(seconds) - bare) * 1e3 for name, seconds in taken.items()}


def _cpu_seconds(code: str, environment: Mapping[str, str]) -> float:
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, check=True)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _zipped_megabytes() -> tuple[float, float]:
    with TemporaryDirectory() as folder:
        install_packages(LOCK, into=Path(folder))
        packages = _zipped_bytes(Path(folder), Path(folder).rglob("*"))
    return packages / 1e6, _zipped_bytes(ROOT, _code_files()) / 1e6


def _code_files() -> Iterator[Path]:
    """Yield what infra/constructs/python_function.py takes along for a function."""
    yield ROOT / "functions" / "__init__.py"
    for folder in (ROOT / "functions" / FUNCTION, ROOT / "shared"):
        yield from (path for path in folder.rglob("*") if "__pycache__" not in path.parts)


def _zipped_bytes(root: Path, paths: Iterator[Path]) -> int:
    zipped = BytesIO()
    with ZipFile(zipped, "w", ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, path.relative_to(root))
    return zipped.tell()


if __name__ == "__main__":
    print(answer().markdown())
