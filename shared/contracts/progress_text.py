"""How far something came that goes through deliveries, as text to be compared and kept."""

import json
from collections.abc import Mapping

from shared.domain.exception_record import ExceptionCode
from shared.domain.replay.progress import ReplayCounts, ReplayProgress


def write_progress(progress: ReplayProgress) -> str:
    """Write progress in one way only."""
    counts = progress.counts
    kept = {
        "published": counts.published,
        "unchanged": counts.unchanged,
        "failed": failed_by_code(counts.failed),
        "mark": progress.mark,
        "finished": progress.finished,
    }
    return json.dumps(kept, sort_keys=True)


def read_progress(text: str) -> ReplayProgress:
    kept = json.loads(text)
    failed = {ExceptionCode(code): count for code, count in kept["failed"].items()}
    return ReplayProgress(
        counts=ReplayCounts(published=kept["published"], unchanged=kept["unchanged"], failed=failed),
        mark=kept["mark"],
        finished=kept["finished"],
    )


def failed_by_code(failed: Mapping[ExceptionCode, int]) -> dict[str, int]:
    return {code.value: count for code, count in sorted(failed.items())}
