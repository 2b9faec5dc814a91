"""An event source mapping, and what the answer to a batch means for its items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_RECORD_AGES = range(60, 604_800 + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSourceMapping:
    """The properties of a mapping that the stand-in obeys.

    `retry_attempts` is None when a batch is retried until its records expire, `record_age_seconds` when they do not.
    `on_failure_bucket` holds what was given up. Only streams have these three, and split failed batches. Raises
    ValueError for an age that Lambda refuses.
    """

    mapping_id: str
    function_arn: str
    source_arn: str
    batch_size: int
    reports_item_failures: bool
    retry_attempts: int | None = None
    on_failure_bucket: str | None = None
    splits_failed_batches: bool = False
    record_age_seconds: int | None = None

    def __post_init__(self) -> None:
        if self.record_age_seconds is not None and self.record_age_seconds not in _RECORD_AGES:
            raise ValueError(f"a record's age is limited to 60 to 604800 seconds, not to {self.record_age_seconds}")

    @property
    def source_name(self) -> str:
        return self.source_arn.rpartition(":")[2].removeprefix("stream/")

    @property
    def region(self) -> str:
        return self.source_arn.split(":")[3]


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
