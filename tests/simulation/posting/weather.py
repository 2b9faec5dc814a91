"""What an ERP suffers while a history lasts: chance by a seed, until the weather clears."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.pacing import NotCalled
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
_LONGEST_OUTAGE, _LONGEST_REST = 6 * _HOUR, _HOUR / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Some time in which an ERP is down; or else it answers, and asks everybody to leave it alone until it is over."""

    begins: datetime
    ends: datetime
    is_down: bool

    def holds(self, now: datetime) -> bool:
        return self.begins <= now < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """The faults of one history. `late_beyond` has commits come later than any quiet period."""

    chance: random.Random
    begins: datetime
    late_beyond: bool = False

    @property
    def clears(self) -> datetime:
        return self.begins + CLEARS_AFTER

    def over(self, erp: FakeErp, outages: Sequence[Outage]) -> None:
        """Have an ERP suffer it."""
        spells = [self._spell() for _ in range(2)]
        erp.writes = self._writes(erp, spells, outages)
        erp.failing_lookups = self._fails_to_answer(erp, outages)
        erp.forgets_tickets = self._now_and_then(erp, 0.03)
        erp.hides = self.chance.random() < 0.3
        erp.lag = self.chance.random() * timedelta(seconds=erp.does.lookup_spacing_seconds)
        erp.posts_after = self._own_steps(erp)
        erp.late_by = self._delays(erp.does)

    def moves(self) -> list[datetime]:
        """Return when the catalogue moves the legal entity to its other books, most often soon, if it does."""
        times = self.chance.choice((0, 0, 1, 2))
        return sorted(self.begins + self.chance.random() ** 3 * CLEARS_AFTER for _ in range(times))

    def outages(self) -> Sequence[Outage]:
        """Return when the ERP is not to be called, in half of the histories: often from the first document on."""
        return [self._outage() for _ in range(self.chance.choice((0, 0, 1, 2)))]

    def not_called(self, outages: Sequence[Outage], now: datetime) -> NotCalled | None:
        """Say whether nobody calls; now and then somebody tries whether what is down is up again."""
        held = next((one for one in outages if one.holds(now)), None)
        if held is None or (held.is_down and self.chance.random() < 0.2):
            return None
        if held.is_down:
            return NotCalled(now + self.chance.random() * _HOUR, "the ERP is down and left alone", is_down=True)
        return NotCalled(held.ends, "the ERP takes no more calls for now")

    def dies(self, now: datetime) -> bool:
        """Say whether an environment dies at a call."""
        return now < self.clears and self.chance.random() < 0.004

    def _spell(self) -> tuple[datetime, datetime]:
        """Return some hours in which the ERP takes no credentials."""
        start = self.begins + self.chance.random() * CLEARS_AFTER
        return start, start + self.chance.random() * 6 * _HOUR

    def _outage(self) -> Outage:
        """Return a time in which the ERP is down, for hours, or one in which it rests, for minutes."""
        is_down = self.chance.random() < 0.5
        begins = self.begins + self.chance.choice((0.0, self.chance.random())) * CLEARS_AFTER
        ends = begins + self.chance.random() * (_LONGEST_OUTAGE if is_down else _LONGEST_REST)
        return Outage(begins=begins, ends=min(ends, self.clears), is_down=is_down)

    def _writes(
        self, erp: FakeErp, spells: list[tuple[datetime, datetime]], outages: Sequence[Outage]
    ) -> Iterator[Behaviour]:
        while (now := erp.now()) < self.clears:
            if any(one.is_down and one.holds(now) for one in outages):
                yield self.chance.choice((Behaviour.BE_AWAY, Behaviour.LOSE_REQUEST))
            elif any(start <= now < end for start, end in spells):
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

    def _fails_to_answer(self, erp: FakeErp, outages: Sequence[Outage]) -> Iterator[bool]:
        now_and_then = self._now_and_then(erp, 0.1)
        while erp.now() < self.clears:
            yield any(one.is_down and one.holds(erp.now()) for one in outages) or next(now_and_then, False)

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
