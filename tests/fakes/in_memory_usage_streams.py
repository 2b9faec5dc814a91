"""Streams between the stages in memory: what was published, in order."""

from collections.abc import Sequence

from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.billable import BillableUsage


class InMemoryUsageStreams:
    def __init__(self) -> None:
        self.accepted: list[AcceptedUsage] = []
        self.billable: list[BillableUsage] = []

    def publish_accepted(self, usage: Sequence[AcceptedUsage]) -> None:
        self.accepted.extend(usage)

    def publish_billable(self, usage: Sequence[BillableUsage]) -> None:
        self.billable.extend(usage)
