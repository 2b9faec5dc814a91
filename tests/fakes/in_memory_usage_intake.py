"""The way onto the stream in memory: what was put, in order, save for chosen groups whose shard is busy."""

from collections.abc import Sequence

from shared.ports.usage_intake import RawUsage


class InMemoryUsageIntake:
    def __init__(self, *busy_groups: int) -> None:
        self._busy = busy_groups
        self.taken: list[RawUsage] = []

    def put(self, usage: Sequence[RawUsage]) -> Sequence[bool]:
        self.taken.extend(one for one in usage if one.group not in self._busy)
        return [one.group not in self._busy for one in usage]
