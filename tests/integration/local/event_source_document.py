"""Writes docs/reference/event-sources.md from the cases: python -m tests.integration.local.event_source_document."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.integration.local.event_source_cases import (
    AGES,
    BATCHES,
    CHECKPOINTS,
    DEAD_LETTER_QUEUES,
    LANES,
    MESSAGES,
    NOT_DONE,
    RESHARDING,
    RETRIES,
    SPLITS,
    STREAM_REFUSALS,
    Case,
    Refusal,
)

DOCUMENT = Path(__file__).parents[3] / "docs/reference/event-sources.md"
_CHAPTERS: dict[str, Sequence[Case | Refusal]] = {
    "Streams: batches": BATCHES,
    "Streams: what an answer means, and the checkpoint": CHECKPOINTS,
    "Streams: retries": RETRIES,
    "Streams: failed batches that are split": SPLITS,
    "Streams: age, and what is given up": AGES,
    "Streams: lanes": LANES,
    "Streams: resharding": RESHARDING,
    "Queues: batches and visibility": MESSAGES,
    "Queues: receive counts and dead letters": DEAD_LETTER_QUEUES,
    "What no mapping may ask for": STREAM_REFUSALS,
}


def document() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    count = sum(len(cases) for cases in _CHAPTERS.values())
    yield "# Event sources on a laptop"
    yield ""
    yield "What `operations/local` does between a stream or a queue and a function, in place of Lambda's event source"
    yield f"mappings: {count} cases, each one a test of `tests/integration/local/event_source_cases.py`."
    yield "`python -m tests.integration.local.event_source_document` makes this page of them. What other stand-ins of"
    yield "AWS do differently: [stand-ins](stand-ins.md)."
    for title, cases in _CHAPTERS.items():
        yield from ("", f"## {title}", "", "| Case | Where AWS says so |", "| --- | --- |")
        for case in cases:
            yield f"| {case.says} | {case.source} |"
    yield from ("", "## What the stand-in does not do", "")
    for each in NOT_DONE:
        yield f"- {each}"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
