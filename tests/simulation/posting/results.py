"""The document that says what `make simulate-postings` has come to when it has run whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.report import circumstances

HEAD = """# Simulation results

Written by `make simulate-postings` when it has run whole; do not edit. What is simulated, how to read a failure and how
to repeat a history: [simulation](guides/simulation.md#simulate-posting).

"""
_TABLE = """
*Posts* are documents whose commits come within their ERP's quiet period: none may be doubled, lost, stuck or out of
order. Those *beyond* have commits that come later still: nobody can rule out a double then, and each is to be noticed.

| model | posts | attempts | posts beyond | doubles of these, each noticed | histories | failed | seconds |
|---|---:|---:|---:|---:|---:|---:|---:|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelResult:
    """All histories of one model. `posts` and `attempts` are of those whose commits come within the quiet period."""

    model: str
    posts: int
    attempts: int
    posts_beyond: int
    doubles_noticed: int
    histories: int
    failed: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.model}: {self.posts:,} posts with {self.attempts:,} attempts in {self.seconds:.0f} s,"
            f" {self.posts_beyond:,} more whose commits came beyond the quiet period"
            f" ({self.doubles_noticed} doubles, each noticed): {self.failed} of {self.histories:,} histories failed"
        )


def document(results: Sequence[ModelResult]) -> str:
    return f"{HEAD}{circumstances()}{_TABLE}{''.join(map(_row, results))}"


def _row(of: ModelResult) -> str:
    of_posts = of.posts, of.attempts, of.posts_beyond, of.doubles_noticed
    figures = (*of_posts, of.histories, of.failed, round(of.seconds))
    return f"| {of.model} | {' | '.join(f'{figure:,}' for figure in figures)} |\n"
