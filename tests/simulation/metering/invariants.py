"""The invariants, held against the oracle when a history has come to rest."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import chain

from shared.adapters.customer_usage import LedgerCustomerUsage
from shared.adapters.ledger_audit import LogsAudit
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, ExceptionStatus, exception_id
from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import (
    AggregateState,
    LevelsState,
    WindowUsage,
    merge_windows,
    quantity_of,
    settled,
)
from shared.domain.metering.layout import BucketLayout
from shared.domain.metering.slot import FINGERPRINT_BYTES, Log, UsageSlot
from shared.domain.time_period import Period
from shared.domain.usage.fingerprint import IDENTITY_BYTES, identity_hash
from tests.builders.metered_usage import windows_counted
from tests.simulation.metering.expected_exceptions import ExpectedExceptions
from tests.simulation.metering.master_data import CUSTOMERS, OWNERS
from tests.simulation.metering.oracle import Arrival, Expected, Quantity, Totals, Window, expect
from tests.simulation.metering.ports import PERIOD, SEAL_GRACE
from tests.simulation.metering.processes import Backend
from tests.simulation.metering.producers import SOURCE, Corrected
from tests.simulation.metering.sealed import SealedBuckets
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
    """One tenant when nothing moves any more. `version` is the catalogue that is published, `now` is UTC."""

    backend: Backend
    layout: BucketLayout
    arrivals: list[Arrival]
    version: int
    now: datetime
    released: set[str]  # event ids that were parked at some time

    def check(self) -> None:
        """Raise InvariantViolatedError for the first invariant that does not hold."""
        expected = expect(self.arrivals, self.version)
        self._check_archive()
        self._check_received(expected)
        self._check_filed(expected)
        self._check_conserved(expected)
        self._check_readings()
        self._check_sealed()
        self._check_nothing_early_is_late(expected)
        self._check_exceptions(expected)
        self._check_holds(expected)

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
        # Refused for its contract first, and admitted by a replay: what came again meanwhile needs no other delivery.
        again = {one for one in expected.accepted - published if expected.is_known_by_another(one, published)}
        require("I2 received = accepted + refused", published, expected.accepted - again)

    def _check_filed(self, expected: Expected) -> None:
        filed: defaultdict[Corrected, set[str]] = defaultdict(set)
        for _, original, delivery in self.backend.stores.corrections._filed:
            filed[Corrected(original.event_id, original.subject, original.occurred_at)].add(delivery)
        require("I2 voids are filed", dict(filed), {one: set(by) for one, by in expected.voids.items()})

    def _check_conserved(self, expected: Expected) -> None:
        counted = Counter(
            content.fingerprints[start : start + IDENTITY_BYTES]
            for _, content in self._slots()
            for start in range(0, len(content.fingerprints), FINGERPRINT_BYTES)
        )
        require("I1 counts", counted, Counter(identity_hash(SOURCE, one.event_id) for one in expected.counted))
        voided = expected.counted & expected.voids.keys()
        taken_back = Counter(whole[:IDENTITY_BYTES] for _, content in self._slots() for whole in content.takes_back)
        require("I1 voided", taken_back, Counter(identity_hash(SOURCE, one.event_id) for one in voided))
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
        everything = Period(datetime.fromisoformat("2026-03-29T00:00Z"), max(self.now, PERIOD.end) + timedelta(hours=1))
        audited = _by_window(windows_counted(LogsAudit(self.backend.stores.ledger, self.layout), everything))
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
        exempt = self.released | expected.conflicts | {event.event_id for event in expected.of_late_contract}
        for (event_id, occurred_at), arrived_at in expected.first_arrival.items():
            layout = self.layout.layout_at(occurred_at)
            slice_start = layout.slice_start(occurred_at)
            in_time = arrived_at < slice_start + layout.slice_length + SEAL_GRACE
            log = late.get((identity_hash(SOURCE, event_id), slice_start))
            if log and in_time and event_id not in exempt:
                raise InvariantViolatedError(f"I17 sealed too early: {event_id} of {occurred_at} is in {log}")

    def _check_exceptions(self, expected: Expected) -> None:
        """Each failure has its one record, and nothing else is open."""
        still_open = {record.exception_id: record for record in self._exceptions() if _is_open(record)}
        for delivery, code in expected.refused.items():
            codes = {ExceptionCode(code)} if code else MALFORMED_CODES
            found = [one for one in (exception_id(known, delivery) for known in codes) if one in still_open]
            require("I11 one exception a refusal", (delivery, len(found)), (delivery, 1))
            del still_open[found[0]]
        wanted = self._expected_exceptions(expected)
        names = wanted.names()
        lacking = {one for one in names - still_open.keys() if wanted.may_lack(one)}
        closed_by_a_person = {one for one in still_open.keys() - names if wanted.may_stay(one)}
        require("I11 open exceptions", set(still_open) - closed_by_a_person, names - lacking)
        foreign = {record.exception_id for record in self._exceptions() if record.tenant != self.backend.tenant}
        require("I15 whose exceptions", foreign, set())

    def _check_holds(self, expected: Expected) -> None:
        placed = self.backend.stores.holds._placed.items()
        held = {(customer_id, period, reason) for (customer_id, period), reasons in placed for reason in reasons}
        require("I11 holds", held, self._expected_exceptions(expected).holds())

    def _check_sealed(self) -> None:
        """Require that what closing says is sealed, and nothing else, and that its snapshots are what the logs hold."""
        buckets = SealedBuckets(self.backend.stores, self.layout)
        first = self.backend.stores.closing.state().first_slice
        # What is older than the first slice is sealed by whoever comes too late for it, and all of it is late.
        older = {bucket for bucket in buckets.sealed() - buckets.begun() if first and bucket.slice_start < first}
        require("I3 sealed buckets", buckets.sealed() - older, buckets.claimed())
        require("I1 snapshots", buckets.snapshots(), buckets.counted())
        require("I17 overdue", self.backend.stores.closing.state().overdue, None)

    def _expected_exceptions(self, expected: Expected) -> ExpectedExceptions:
        return ExpectedExceptions(
            expected=expected, stores=self.backend.stores, layout=self.layout, version=self.version, now=self.now
        )

    def _exceptions(self) -> Iterator[ExceptionRecord]:
        for code in ExceptionCode:
            yield from self.backend.stores.exceptions.records(code)

    def _slots(self) -> Iterator[tuple[Log, UsageSlot]]:
        for log, slots in self.backend.stores.ledger.slots.items():
            for content in slots.values():
                if isinstance(content, UsageSlot):
                    yield log, content

    def _windows(self) -> Iterator[WindowUsage]:
        """Yield what each bucket comes to: its base log, then its late log, each in its order."""
        slots = self.backend.stores.ledger.slots
        for bucket in {log.bucket: None for log in slots}:
            logs = (slots.get(Log(bucket, late=late), {}) for late in (False, True))
            contents = [log[number] for log in logs for number in sorted(log)]
            told = (one.windows(bucket.slice_start) for one in contents if isinstance(one, UsageSlot))
            yield from settled(chain.from_iterable(told))


def _by_window(windows: Iterable[WindowUsage]) -> Totals:
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


def _difference(fact: object, expected: object) -> str:
    """Tell only what differs."""
    if isinstance(fact, dict) and isinstance(expected, dict):
        keys = [key for key in fact.keys() | expected.keys() if fact.get(key) != expected.get(key)]
        told = sorted(f"{key}: {fact.get(key)} instead of {expected.get(key)}" for key in keys)
        return "; ".join(told[:5])
    if isinstance(fact, set) and isinstance(expected, set):
        return f"too many {sorted(fact - expected)[:5]}, missing {sorted(expected - fact)[:5]}"
    return f"{fact} instead of {expected}"
