"""An event source mapping, and what the answer to a batch means for its items."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSourceMapping:
    """The properties of a mapping that the stand-in obeys.

    `retry_attempts` is None when a batch is retried until its records expire. `on_failure_bucket` holds what was
    given up, and only streams have one.
    """

    mapping_id: str
    function_arn: str
    source_arn: str
    batch_size: int
    reports_item_failures: bool
    retry_attempts: int | None = None
    on_failure_bucket: str | None = None

    @property
    def source_name(self) -> str:
        return self.source_arn.rpartition(":")[2].removeprefix("stream/")

    @property
    def region(self) -> str:
        return self.source_arn.split(":")[3]


def failed_items(answer: Any, items: Sequence[str], *, reports_item_failures: bool) -> frozenset[str]:  # noqa: ANN401
    """Which of the batch's items failed, by a function's answer. An answer that makes no sense fails all of them."""
    if not reports_item_failures or not answer:
        return frozenset()
    everything = frozenset(items)
    if not isinstance(answer, dict):
        return everything
    failures = answer.get("batchItemFailures")
    if not failures:
        return frozenset()
    if not isinstance(failures, list):
        return everything
    failed = [failure.get("itemIdentifier") if isinstance(failure, dict) else None for failure in failures]
    known = [item for item in failed if isinstance(item, str) and item in everything]
    return frozenset(known) if len(known) == len(failed) else everything
