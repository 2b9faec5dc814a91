"""An event source mapping, and what the answer to a batch means for its items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_RECORD_AGES = range(60, 604_800 + 1)
_LANES = range(1, 10 + 1)
_BATCH_SIZES = range(1, 10_000 + 1)
_WINDOWS = range(300 + 1)
_FIFO = ".fifo"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSourceMapping:
    """The properties of a mapping that the stand-in obeys.

    `retry_attempts` is None when a batch is retried until its records expire, `record_age_seconds` when they do not.
    `on_failure_arn` is the bucket or the queue that is told what was given up. Only streams have these three, split
    failed batches, and run a batch in each of their `lanes` at once. A batch that is not full waits `window_seconds`.
    Raises ValueError for what Lambda refuses, and for a FIFO queue: moto's do not keep their order.
    """

    mapping_id: str
    function_arn: str
    source_arn: str
    batch_size: int
    reports_item_failures: bool
    retry_attempts: int | None = None
    on_failure_arn: str | None = None
    splits_failed_batches: bool = False
    record_age_seconds: int | None = None
    lanes: int = 1
    window_seconds: int = 0

    def __post_init__(self) -> None:
        if self.record_age_seconds is not None and self.record_age_seconds not in _RECORD_AGES:
            raise ValueError(f"a record's age is limited to 60 to 604800 seconds, not to {self.record_age_seconds}")
        if self.lanes not in _LANES:
            raise ValueError(f"a shard has 1 to 10 lanes, not {self.lanes}")
        if self.batch_size not in _BATCH_SIZES:
            raise ValueError(f"a batch has 1 to 10000 items, not {self.batch_size}")
        if self.window_seconds not in _WINDOWS:
            raise ValueError(f"a batch waits 0 to 300 seconds, not {self.window_seconds}")
        if self.source_arn.endswith(_FIFO):
            raise ValueError("no FIFO queue feeds a function locally: it would lose its order")
        if self.on_failure_arn is not None:
            _check_destination(self.on_failure_arn)

    @property
    def source_name(self) -> str:
        return self.source_arn.rpartition(":")[2].removeprefix("stream/")

    @property
    def region(self) -> str:
        return self.source_arn.split(":")[3]


def _check_destination(arn: str) -> None:
    if arn.split(":")[2] not in ("s3", "sqs"):
        raise ValueError(f"what is given up goes to a bucket or a queue locally, not to {arn}")
    if arn.endswith(_FIFO):
        raise ValueError("what is given up does not go to a FIFO queue")


def failed_items(answer: Any, items: Sequence[str], *, reports_item_failures: bool) -> frozenset[str]:  # noqa: ANN401
    """Which of the batch's items failed, by a function's answer. An answer that makes no sense fails all of them."""
    reported = reported_items(answer, items, reports_item_failures=reports_item_failures)
    return frozenset(items) if reported is None else reported


def reported_items(
    answer: Any,  # noqa: ANN401
    items: Sequence[str],
    *,
    reports_item_failures: bool,
) -> frozenset[str] | None:
    """Which of the batch's items a function's answer says have failed; None for an answer that makes no sense."""
    if not reports_item_failures or not answer:
        return frozenset()
    if not isinstance(answer, dict):
        return None
    failures = answer.get("batchItemFailures")
    if not failures:
        return frozenset()
    if not isinstance(failures, list):
        return None
    failed = [failure.get("itemIdentifier") if isinstance(failure, dict) else None for failure in failures]
    everything = frozenset(items)
    known = [item for item in failed if isinstance(item, str) and item in everything]
    return frozenset(known) if len(known) == len(failed) else None
