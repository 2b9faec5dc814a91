"""The invariants, held against the oracle when a history has come to rest."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from shared.adapters.customer_usage import LedgerCustomerUsage
from shared.adapters.ledger_audit import LogsAudit
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, ExceptionStatus, exception_id
from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import AggregateState, LevelsState, WindowUsage, merge_windows, quantity_of
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.reading import SlotsRead
from shared.domain.metering.slot import FINGERPRINT_BYTES, Log, UsageSlot
from shared.domain.time_period import Period
from shared.domain.usage.fingerprint import IDENTITY_BYTES, identity_hash
from tests.simulation.metering.master_data import CUSTOMERS, OWNERS
from tests.simulation.metering.oracle import Arrival, Expected, Quantity, Totals, Window, expect
from tests.simulation.metering.processes import Backend
from tests.simulation.metering.producers import SOURCE
from tests.simulation.metering.stages import PERIOD, SEAL_GRACE
from tests.simulation.metering.violations import InvariantViolatedError

MALFORMED_CODES = frozenset(
    {
        ExceptionCode.MALFORMED_JSON,
        ExceptionCode.NOT_A_CLOUD_EVENT,
        ExceptionCode.CONTRACT_VIOLATION,
        ExceptionCode.INVALID_QUANTITY,
    }
)


def require(invariant: str, fact: object, expected: object) -> None:
    if fact != expected:
        raise InvariantViolatedError(f"{invariant}: {_difference(fact, expected)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRest:
    """One tenant when nothing moves any more. `version` is the catalogue that is published."""

    backend: Backend
    layout: BucketLayout
    arrivals: list[Arrival]
    version: int
    released: set[str]  # event ids that were parked at some time

    def check(self) -> None:
        """Raise InvariantViolatedError for the first invariant that does not hold."""
        expected = expect(self.arrivals, self.version)
        self._check_archive()
        self._check_received(expected)
        self._check_conserved(expected)
        self._check_readings()
        self._check_nothing_early_is_late(expected)
        self._check_exceptions(expected)

    def totals(self) -> Totals:
        """Return what all logs hold, however they are enumerated."""
        return _by_window(self._windows())

    def _check_archive(self) -> None:
        records = [record for shard in self.backend.streams["usage-events"].shards.values() for record in shard.records]
        archived = self.backend.stores.archive.read(Period(datetime.fromisoformat("2026-01-01T00:00Z"), None))
        require("I2 the archive has every record", Counter(archived), Counter(records))

    def _check_received(self, expected: Expected) -> None:
        published = {
            row["delivery"]
            for shard in self.backend.streams["accepted-usage"].shards.values()
            for record in shard.records
            for row in _rows(record.data)
        }
        require("I2 received = accepted + refused", published, expected.accepted)

    def _check_conserved(self, expected: Expected) -> None:
        counted = Counter(
            content.fingerprints[start : start + IDENTITY_BYTES]
            for _, content in self._slots()
            for start in range(0, len(content.fingerprints), FINGERPRINT_BYTES)
        )
        require("I1 counts", counted, Counter(identity_hash(SOURCE, event_id) for event_id, _ in expected.counted))
        totals = self.totals()
        if totals not in expected.totals:
            require("I1 quantities", totals, expected.totals[0])
        parked = {
            (group.code.value, group.subject, group.meter): count
            for group, count in self.backend.stores.parked.counts().items()
        }
        require("I1 parked", parked, {group: len(waiting) for group, waiting in expected.parked.items()})

    def _check_readings(self) -> None:
        """Whoever reads the ledger for a customer or an auditor reads what its logs hold."""
        everything = Period(datetime.fromisoformat("2026-03-29T00:00Z"), datetime.fromisoformat("2026-04-02T00:00Z"))
        audited = _by_window(LogsAudit(self.backend.stores.ledger, self.layout).windows(everything))
        totals = self.totals()
        require("I1 audit", audited, totals)
        usage = LedgerCustomerUsage(
            snapshots=self.backend.stores.snapshots,
            logs=self.backend.stores.ledger,
            closing=self.backend.stores.closing,
            layout=self.layout,
        )
        for customer in CUSTOMERS:
            subjects = tuple({subject: None for owners in OWNERS for subject, one in owners.items() if one == customer})
            read = usage.read(CustomerId(customer), subjects, PERIOD.period)
            mine = {window: of for window, of in totals.items() if window[0] == customer and window[2] in PERIOD.period}
            require(f"I1 what is billed to {customer}", _by_window(read.windows), mine)

    def _check_nothing_early_is_late(self, expected: Expected) -> None:
        """Require that what arrived in time is before the seal: the barrier let nothing be sealed too early."""
        late = {
            (slot.fingerprints[start : start + IDENTITY_BYTES], log.bucket.slice_start): log
            for log, slot in self._slots()
            if log.late
            for start in range(0, len(slot.fingerprints), FINGERPRINT_BYTES)
        }
        for (event_id, occurred_at), arrived_at in expected.first_arrival.items():
            layout = self.layout.layout_at(occurred_at)
            slice_start = layout.slice_start(occurred_at)
            in_time = arrived_at < slice_start + layout.slice_length + SEAL_GRACE
            log = late.get((identity_hash(SOURCE, event_id), slice_start))
            if log and in_time and event_id not in self.released | expected.conflicts:
                raise InvariantViolatedError(f"I17 sealed too early: {event_id} of {occurred_at} is in {log}")

    def _check_exceptions(self, expected: Expected) -> None:
        """Each failure has its one record, and nothing else is open."""
        still_open = {record.exception_id: record for record in self._exceptions() if _is_open(record)}
        for delivery, code in expected.refused.items():
            codes = {ExceptionCode(code)} if code else MALFORMED_CODES
            found = [one for one in (exception_id(known, delivery) for known in codes) if one in still_open]
            require("I11 one exception a refusal", (delivery, len(found)), (delivery, 1))
            del still_open[found[0]]
        wanted = {f"{code}:{subject}/{meter}" for code, subject, meter in expected.parked}
        wanted |= {f"{ExceptionCode.USAGE_CONFLICT}:{SOURCE} {event_id}" for event_id in expected.conflicts}
        wanted |= set(self._late_after_issue())
        # Two homes whose times are both outside the period are found when that period is verified.
        outside = {one for one in wanted - still_open.keys() if self._is_outside(one, expected)}
        require("I11 open exceptions", set(still_open), wanted - outside)

    def _late_after_issue(self) -> Iterator[str]:
        for log, slot in self._slots():
            for number, content in self.backend.stores.ledger.slots[log].items():
                if content is not slot or not log.late:
                    continue
                for usage in slot.windows(log.bucket.slice_start):
                    key = usage.key
                    closed = self.backend.stores.manifests.of_closed_billing(key)
                    read = [[_covers(one, log, number) for of in each for one in of.late] for each in closed]
                    if not all(map(any, read)):
                        place = f"{log.bucket.version}.{log.bucket.group}.{number}"
                        start = f"{log.bucket.slice_start:%Y-%m-%dT%H:%M:%S.%fZ}"
                        yield f"{ExceptionCode.LATE_AFTER_ISSUE}:{key.customer_id}/{key.meter}/{start}/{place}"

    def _is_outside(self, name: str, expected: Expected) -> bool:
        code, _, subject = name.partition(":")
        event_id = subject.rpartition(" ")[2]
        if code != ExceptionCode.USAGE_CONFLICT or event_id not in expected.two_homes:
            return False
        return not any(one == event_id and at in PERIOD.period for one, at in expected.counted)

    def _exceptions(self) -> Iterator[ExceptionRecord]:
        for code in ExceptionCode:
            yield from self.backend.stores.exceptions.records(code)

    def _slots(self) -> Iterator[tuple[Log, UsageSlot]]:
        for log, slots in self.backend.stores.ledger.slots.items():
            for content in slots.values():
                if isinstance(content, UsageSlot):
                    yield log, content

    def _windows(self) -> Iterator[WindowUsage]:
        for log, slot in self._slots():
            yield from slot.windows(log.bucket.slice_start)


def _by_window(windows: Iterator[WindowUsage] | tuple[WindowUsage, ...]) -> Totals:
    found: dict[Window, tuple[int, Quantity]] = {}
    for usage in merge_windows(windows):
        key = usage.key
        region = dict(key.dimensions).get("region", "")
        window = (key.customer_id, key.meter, key.window_start, region)
        assert window not in found, f"two aggregations in {window}"
        found[window] = (usage.events, _quantity(usage.state))
    return found


def _quantity(state: AggregateState) -> Quantity:
    if isinstance(state, LevelsState):
        return tuple((level.occurred_at, Fraction(level.value)) for level in state.levels)
    return Fraction(quantity_of(state))


def _rows(data: bytes) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(data)
    return rows


def _is_open(record: ExceptionRecord) -> bool:
    return record.status is ExceptionStatus.OPEN


def _covers(read: SlotsRead, log: Log, number: int) -> bool:
    home = (read.layout_version, read.group, read.slice_start)
    return home == tuple(log.bucket) and number <= read.last_slot


def _difference(fact: object, expected: object) -> str:
    """Tell only what differs."""
    if isinstance(fact, dict) and isinstance(expected, dict):
        keys = [key for key in fact.keys() | expected.keys() if fact.get(key) != expected.get(key)]
        told = sorted(f"{key}: {fact.get(key)} instead of {expected.get(key)}" for key in keys)
        return "; ".join(told[:5])
    if isinstance(fact, set) and isinstance(expected, set):
        return f"too many {sorted(fact - expected)[:5]}, missing {sorted(expected - fact)[:5]}"
    return f"{fact} instead of {expected}"
