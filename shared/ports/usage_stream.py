"""The streams between the stages. Publishing is durable before it returns, or it raises."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.usage.accepted import AcceptedUsage, BillableUsage


class AcceptedUsageStream(Protocol):
    def publish_accepted(self, usage: Sequence[AcceptedUsage]) -> None: ...


class BillableUsageStream(Protocol):
    def publish_billable(self, usage: Sequence[BillableUsage]) -> None: ...
