"""What an ERP suffers while a history lasts: chance by a seed, until the weather clears."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.posting.capabilities import Capabilities
from tests.fakes.fake_erp import Behaviour, FakeErp

OCTOBER, NOVEMBER = "2026-10", "2026-11"
CLEARS_AFTER = timedelta(days=2)
LOSES_REPLIES = 0.3
_FAULTS = (
    (Behaviour.LOSE_REPLY, LOSES_REPLIES),
    (Behaviour.COMMIT_LATE, 0.06),
    (Behaviour.LOSE_REQUEST, 0.05),
    (Behaviour.THROTTLE, 0.08),
    (Behaviour.REFUSE_LATER, 0.02),
    (Behaviour.REFUSE_MAPPING, 0.01),
)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """The faults of one history. `late_beyond` has commits come later than any quiet period."""

    chance: random.Random
    begins: datetime
    late_beyond: bool = False

    @property
    def clears(self) -> datetime:
        return self.begins + CLEARS_AFTER

    def over(self, erp: FakeErp) -> None:
        """Have an ERP suffer it."""
        spells = [self._spell() for _ in range(2)]
        erp.writes = self._writes(erp, spells)
        erp.failing_lookups = self._now_and_then(erp, 0.1)
        erp.forgets_tickets = self._now_and_then(erp, 0.03)
        erp.hides = self.chance.random() < 0.3
        erp.lag = self.chance.random() * timedelta(seconds=erp.does.lookup_spacing_seconds)
        erp.posts_after = self._own_steps(erp)
        erp.late_by = self._delays(erp.does)

    def moves(self) -> list[datetime]:
        """Return when the catalogue moves the legal entity to its other books, most often soon, if it does."""
        times = self.chance.choice((0, 0, 1, 2))
        return sorted(self.begins + self.chance.random() ** 3 * CLEARS_AFTER for _ in range(times))

    def dies(self, now: datetime) -> bool:
        """Say whether an environment dies at a call."""
        return now < self.clears and self.chance.random() < 0.004

    def _spell(self) -> tuple[datetime, datetime]:
        """Return some hours in which the ERP takes no credentials."""
        start = self.begins + self.chance.random() * CLEARS_AFTER
        return start, start + self.chance.random() * 6 * _HOUR

    def _writes(self, erp: FakeErp, spells: list[tuple[datetime, datetime]]) -> Iterator[Behaviour]:
        while (now := erp.now()) < self.clears:
            if any(start <= now < end for start, end in spells):
                yield Behaviour.REFUSE_CREDENTIALS
            else:
                yield self._fault()

    def _fault(self) -> Behaviour:
        drawn = self.chance.random()
        for fault, share in _FAULTS:
            if drawn < share:
                return fault
            drawn -= share
        return Behaviour.WORK

    def _now_and_then(self, erp: FakeErp, share: float) -> Iterator[bool]:
        while erp.now() < self.clears:
            yield self.chance.random() < share

    def _own_steps(self, erp: FakeErp) -> Iterator[timedelta | None]:
        """Yield when the ERP posts what it has taken: mostly soon, now and then only once somebody there does it.

        What it shows to nobody meanwhile it posts before it counts as stuck: that is its late commit.
        """
        most = timedelta(seconds=erp.does.stuck_after_seconds) * 0.9
        while True:
            waits_for_somebody = self.chance.random() < 0.03 and not erp.hides
            yield None if waits_for_somebody else self.chance.random() ** 6 * most

    def _delays(self, does: Capabilities) -> Iterator[timedelta]:
        quiet = timedelta(seconds=does.quiet_period_seconds)
        while True:
            yield quiet + self.chance.random() * 20 * _HOUR if self.late_beyond else self.chance.random() * quiet
