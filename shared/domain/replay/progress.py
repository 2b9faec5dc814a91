"""How far a replay came, and what it found on its way."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from shared.domain.exception_record import ExceptionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayCounts:
    """Deliveries. Each one found is published, unchanged (counted, waiting or not measured) or failed, by code."""

    published: int = 0
    unchanged: int = 0
    failed: Mapping[ExceptionCode, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def found(self) -> int:
        return self.published + self.unchanged + sum(self.failed.values())

    def __add__(self, other: "ReplayCounts") -> "ReplayCounts":
        return ReplayCounts(
            published=self.published + other.published,
            unchanged=self.unchanged + other.unchanged,
            failed=dict(Counter(self.failed) + Counter(other.failed)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayProgress:
    """`mark` is where the archive was left, "" at the beginning."""

    counts: ReplayCounts = field(default_factory=ReplayCounts)
    mark: str = ""
    finished: bool = False

    def past(self, mark: str, counts: ReplayCounts) -> "ReplayProgress":
        return replace(self, mark=mark, counts=self.counts + counts)
