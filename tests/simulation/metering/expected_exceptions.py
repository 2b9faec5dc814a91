"""Which exceptions, and which holds on invoices, must be open when a history has come to rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.exception_record import ExceptionCode
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.reading import SlotsRead
from shared.domain.metering.slot import Log, UsageSlot
from shared.domain.time_period import format_instant
from tests.simulation.metering.master_data import OWNERS
from tests.simulation.metering.oracle import PAST, Expected
from tests.simulation.metering.ports import PERIOD
from tests.simulation.metering.producers import SOURCE, Corrected
from tests.simulation.metering.stores import Stores

ROAD = timedelta(days=1)  # that usage may take until whoever voided it is told that it never came


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedExceptions:
    expected: Expected
    stores: Stores
    layout: BucketLayout
    version: int
    now: datetime

    def names(self) -> set[str]:
        """Return what must be open beside refusals."""
        expected = self.expected
        wanted = {f"{code}:{subject}/{meter}" for code, subject, meter in expected.parked}
        wanted |= {f"{ExceptionCode.USAGE_CONFLICT}:{SOURCE} {event_id}" for event_id in expected.conflicts}
        wanted |= {
            _of_correction(ExceptionCode.CORRECTION_CONFLICT, original)
            for original, ids in expected.amending.items()
            if len(ids) > 1
        }
        return wanted | set(self._late_after_issue()) | set(self._unmatched())

    def may_lack(self, name: str) -> bool:
        """Say whether one of the names need not be open yet, or any more."""
        code, _, subject = name.partition(":")
        if code == ExceptionCode.USAGE_CONFLICT:
            # Two homes whose times are both outside the period are found when that period is verified.
            event_id = subject.rpartition(" ")[2]
            times = [one.occurred_at for one in self.expected.counted if one.event_id == event_id]
            return event_id in self.expected.two_homes and not any(at in PERIOD.period for at in times)
        # A void by a wrong name says nothing any more once another one has taken the event back.
        voided = {one.event_id for one in self.expected.voids if one in self.expected.counted}
        return code == ExceptionCode.CORRECTION_REFUSED and subject.split(" ")[1] in voided

    def may_stay(self, name: str) -> bool:
        """Say whether something may be open for no reason left: a person closes what is about nobody's usage."""
        code, _, subject = name.partition(":")
        known = [set(owners) for owners in OWNERS[: self.version + 1]]
        owner = subject.removeprefix("subject ")
        return (
            code == ExceptionCode.ARCHIVE_DOES_NOT_TIE and owner != subject and not all(owner in one for one in known)
        )

    def holds(self) -> set[tuple[str, str, str]]:
        """Return customer, period and reason of every hold that stands: of ids whose homes differ."""
        expected = self.expected
        return {
            (OWNERS[self.version][one.subject], f"{one.occurred_at:%Y-%m}", f"{ExceptionCode.USAGE_CONFLICT}:{name}")
            for one in expected.counted
            if one.event_id in expected.two_homes
            and not self.may_lack(f"{ExceptionCode.USAGE_CONFLICT}:{(name := f'{SOURCE} {one.event_id}')}")
        }

    def _unmatched(self) -> Iterator[str]:
        """Yield what voids are told that name nothing which was counted where they say."""
        counted = {(one.event_id, self.layout.home(one.subject, one.occurred_at)) for one in self.expected.counted}
        for original, filed in self.expected.voids.items():
            if original in self.expected.counted:
                continue
            last_arrival = max(min(filed.values()), original.occurred_at + PAST)
            if (original.event_id, self.layout.home(original.subject, original.occurred_at)) in counted:
                yield _of_correction(ExceptionCode.CORRECTION_REFUSED, original)
            elif last_arrival + ROAD <= self.now:
                yield _of_correction(ExceptionCode.CORRECTION_WITHOUT_ORIGINAL, original)

    def _late_after_issue(self) -> Iterator[str]:
        for log, slots in self.stores.ledger.slots.items():
            for number, slot in slots.items():
                if log.late and isinstance(slot, UsageSlot):
                    yield from self._not_read(log, number, slot)

    def _not_read(self, log: Log, number: int, slot: UsageSlot) -> Iterator[str]:
        for usage in slot.windows(log.bucket.slice_start):
            key = usage.key
            closed = self.stores.manifests.of_closed_billing(key)
            read = [[_covers(one, log, number) for of in each for one in of.late] for each in closed]
            if not all(map(any, read)):
                place = f"{log.bucket.version}.{log.bucket.group}.{number}"
                start = format_instant(log.bucket.slice_start)
                yield f"{ExceptionCode.LATE_AFTER_ISSUE}:{key.customer_id}/{key.meter}/{start}/{place}"


def _of_correction(code: ExceptionCode, original: Corrected) -> str:
    at = format_instant(original.occurred_at)
    return f"{code}:{SOURCE} {original.event_id} of {original.subject} at {at}"


def _covers(read: SlotsRead, log: Log, number: int) -> bool:
    home = (read.layout_version, read.group, read.slice_start)
    return home == tuple(log.bucket) and number <= read.last_slot
