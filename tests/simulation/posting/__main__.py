"""`make simulate-postings`: 100,000 posts to each model of an ERP, on all cores, held against what was issued.

What it has come to is written down when it has run whole.
"""

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path

from tests.simulation.posting.models import MODELS
from tests.simulation.posting.results import ModelResult, document
from tests.simulation.posting.runs import Outcome, is_name, names, run

DOCUMENT = Path("docs/simulation-results.md")
POSTS = 100_000
_SECONDS_BETWEEN_REPORTS = 10
_MOST_FAILURES_TOLD = 10


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make simulate-postings", description=__doc__)
    parser.add_argument("--history", default="", help="the one to run again, as netsuite/17 or netsuite/17/beyond")
    parser.add_argument("--posts", type=int, default=POSTS, help="how many to each model")
    parser.add_argument("--models", default=",".join(MODELS), help="names of systems, with commas between them")
    asked = parser.parse_args(arguments)
    models = asked.models.split(",")
    if asked.history and not is_name(asked.history):
        parser.error(
            f"--history: {asked.history!r} is no history, as netsuite/17 is one; models are {', '.join(MODELS)}"
        )
    if unknown := sorted(set(models) - set(MODELS)):
        parser.error(f"--models: there is no {unknown[0]!r}; there are {', '.join(MODELS)}")
    if asked.history:
        outcome = run(asked.history)
        print(outcome.failure or f"every invariant holds for {outcome.posts} posts")  # noqa: T201
        return 1 if outcome.failure else 0
    results = [_simulate(model, asked.posts) for model in models]
    if asked.posts >= POSTS and set(models) == set(MODELS):
        DOCUMENT.write_text(document(results), encoding="utf-8")
        print(f"written to {DOCUMENT}")  # noqa: T201
    return 1 if any(one.failed for one in results) else 0


def _simulate(model: str, posts: int) -> ModelResult:
    """Run the histories of one model, and tell how far they are and what they have come to."""
    began = told = time.monotonic()
    figures: defaultdict[str, int] = defaultdict(int)
    with get_context("fork").Pool(os.cpu_count()) as pool:
        for outcome in pool.imap_unordered(run, names(model, posts=posts), chunksize=20):
            _count(outcome, figures)
            if time.monotonic() - told > _SECONDS_BETWEEN_REPORTS:
                told = time.monotonic()
                print(f"  {told - began:4.0f} s: {figures['posts']:,} posts, {figures['failed']} failed", flush=True)  # noqa: T201
    result = ModelResult(
        model=model,
        posts=figures["posts"],
        attempts=figures["attempts"],
        posts_beyond=figures["beyond"],
        doubles_noticed=figures["doubles"],
        histories=figures["histories"],
        failed=figures["failed"],
        seconds=time.monotonic() - began,
    )
    print(result, flush=True)  # noqa: T201
    return result


def _count(outcome: Outcome, figures: defaultdict[str, int]) -> None:
    if outcome.failure:
        figures["failed"] += 1
        if figures["failed"] <= _MOST_FAILURES_TOLD:
            print(f"{outcome.failure}\nreplay it with: make simulate-postings HISTORY={outcome.name}", flush=True)  # noqa: T201
    figures["histories"] += 1
    figures["beyond" if outcome.is_beyond else "posts"] += outcome.posts
    figures["attempts"] += 0 if outcome.is_beyond else outcome.attempts
    figures["doubles"] += outcome.doubles_noticed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
