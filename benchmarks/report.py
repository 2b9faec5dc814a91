"""What a benchmark answers, and the document that says it: every figure beside its target, none of them by hand."""

import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

DOCUMENT = Path("docs/benchmarks-results.md")
_HEAD = """# Benchmark results

Written by `make bench`; do not edit. What is measured, and how, is in [benchmarks](benchmarks.md).

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure. It meets its target when it is at most (or, where that is said, at least) that."""

    what: str
    measured: float
    unit: str = ""
    target: float | None = None
    at_least: bool = False

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        met = self.measured >= self.target if self.at_least else self.measured <= self.target
        return "met" if met else "**missed**"

    @property
    def target_text(self) -> str:
        return "" if self.target is None else f"{'at least' if self.at_least else 'at most'} {self.target:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one question: `module` is what `python -m` runs to ask it again."""

    question: str
    module: str
    setting: str
    figures: tuple[Figure, ...]

    def markdown(self) -> str:
        rows = "".join(map(_row, self.figures))
        return (
            f"## {self.question}\n\n`python -m {self.module}`: {self.setting}\n\n"
            f"| figure | measured | target | |\n|---|---:|---:|---|\n{rows}"
        )


def _row(figure: Figure) -> str:
    measured = f"{significant(figure.measured)} {figure.unit}".strip()
    return f"| {figure.what} | {measured} | {figure.target_text} | {figure.verdict} |\n"


def significant(value: float) -> str:
    """Write a figure with as many digits as a measurement bears, four at most below a thousand."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}" if abs(value) >= 1 else f"{value:.4f}"


def write_document(answers: Iterable[Answer]) -> None:
    DOCUMENT.write_text("\n".join([_HEAD + circumstances(), *(answer.markdown() for answer in answers)]))


def circumstances() -> str:
    """Return on what machine, when and of which code something was measured, as a table."""
    changed = " with changes" if _git("status", "--porcelain", "--untracked-files=no") else ""
    return (
        "| | |\n|---|---|\n"
        f"| machine | {_processor()}, {os.cpu_count()} cores |\n"
        f"| load, last quarter of an hour | {os.getloadavg()[2]:.1f} |\n"
        f"| Python | {platform.python_version()} |\n"
        f"| date | {datetime.now(UTC):%Y-%m-%d} |\n"
        f"| commit | {_git('rev-parse', '--short', 'HEAD')}{changed} |\n"
    )


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
