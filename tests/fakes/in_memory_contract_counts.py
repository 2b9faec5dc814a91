"""Counts by contract version in memory, batch by batch (port ContractCounts)."""

from datetime import datetime

from shared.ports.contract_counts import CountsByContract


class InMemoryContractCounts:
    def __init__(self) -> None:
        self.batches: list[tuple[CountsByContract, datetime]] = []

    def record(self, counts: CountsByContract, at: datetime) -> None:
        self.batches.append(({outcome: dict(each) for outcome, each in counts.items() if each}, at))
