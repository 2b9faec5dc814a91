"""The recount in plain Python: the oracle that the one in SQL is held against, and slow enough to be read."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import assert_never

from shared.domain.archive.delivery import Judge
from shared.domain.archive.partition import Damage
from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import WindowKey, merge_windows
from shared.domain.metering.meter import Aggregation
from shared.domain.money import EXACT
from shared.domain.usage.conflicts import Version
from shared.domain.usage.correction import Original, UsageVoid
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import IDENTITY_BYTES, fingerprint, measurement_fingerprint
from shared.domain.usage.measurement import Measurement, measure
from shared.domain.usage.parked import waiting_name
from shared.domain.usage.recount import Counted, Difference, counted_by_ledger
from shared.ports.usage_archive import UsageArchive
from shared.ports.usage_recount import RecountQuestion

_WINDOW = timedelta(minutes=15)
_MICROSECOND = timedelta(microseconds=1)
_NOTHING = Counted(0, Decimal(0))


@dataclass(slots=True)
class PlainRecount:
    """Port UsageRecount. Reads every raw record, and keeps everything."""

    archive: UsageArchive
    judge: Judge

    @contextmanager
    def look(self, question: RecountQuestion) -> Iterator["PlainLook"]:
        counted_usage = tuple(question.ledger.counted(question.span))
        ids = frozenset(whole for one in counted_usage for whole in one.event_ids)
        look = PlainLook(question, ids, frozenset(question.parked()))
        look.voided_ids = frozenset(whole for one in counted_usage for whole in one.voided_ids)
        for usage in merge_windows(usage for one in counted_usage for usage in one.windows):
            counted = counted_by_ledger(usage)
            known = look.ledger.get(usage.key, _NOTHING)
            look.ledger[usage.key] = Counted(known.events + counted.events, EXACT.add(known.quantity, counted.quantity))
        for judged in self.judge(self.archive.read(question.arrived)):
            void = judged.verdict.amends if isinstance(judged.verdict, UsageEvent) else judged.verdict
            if isinstance(void, UsageVoid):
                look.voids.setdefault(void.original, judged.arrived_at)
            if isinstance(judged.verdict, UsageEvent):
                look.see(Version(judged.delivery, judged.arrived_at, judged.verdict))
        yield look


@dataclass(slots=True)
class PlainLook:
    question: RecountQuestion
    ids: frozenset[bytes]
    parked: frozenset[str]
    ledger: dict[WindowKey, Counted] = field(default_factory=dict)
    tallies: dict[WindowKey, "_Tally"] = field(default_factory=dict)
    counted: dict[bytes, Version] = field(default_factory=dict)
    voids: dict[Original, datetime] = field(default_factory=dict)
    voided_ids: frozenset[bytes] = frozenset()
    lacking: dict[bytes, list[tuple[Version, MeterCode | None]]] = field(default_factory=lambda: defaultdict(list))
    contents: dict[bytes, dict[bytes, Version]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def damages(self) -> tuple[Damage, ...]:
        return ()

    def see(self, version: Version) -> None:
        event = version.event
        whole = fingerprint(event)
        split = bytes.fromhex(whole)
        self.contents[split[:IDENTITY_BYTES]].setdefault(split[IDENTITY_BYTES:], version)
        if event.occurred_at not in self.question.span:
            return
        meters = self.question.meters.get(event.meter, ())
        if not meters:
            self._is_new_and_counted(whole, version, None)
        for measured in measure(event, whole, meters):
            own = measurement_fingerprint(event, whole, measured.meter.code)
            if self._is_new_and_counted(own, version, measured.meter.code) and isinstance(measured, Measurement):
                self._count(event, measured)

    def differences(self) -> Iterator[Difference]:
        for key in sorted(self.ledger.keys() | self.tallies.keys()):
            ledger = self.ledger.get(key, _NOTHING)
            archive = self.tallies[key].counted(key.window_start) if key in self.tallies else _NOTHING
            if ledger != archive:
                yield Difference(key, ledger, archive)

    def missing(self) -> Iterator[Version]:
        found = {}
        for identity, versions in self.lacking.items():
            event = versions[0][0].event
            if identity in self.voided_ids or _place(event) in self.voids:
                continue
            names = {waiting_name(one.delivery, meter) for one, by in versions for meter in (None, by)}
            contents = self.contents[bytes.fromhex(fingerprint(event))[:IDENTITY_BYTES]]
            if len(contents) == 1 and not self.parked & names:
                found[versions[0][0].delivery] = versions[0][0]
        return iter(found.values())

    def still_counted(self) -> Iterator[Version]:
        found = {
            fingerprint(version.event): version
            for version in self.counted.values()
            if self.voids.get(_place(version.event), self.question.settled_before) < self.question.settled_before
        }
        return iter(found.values())

    def conflicts(self) -> Iterator[tuple[Version, ...]]:
        for contents in self.contents.values():
            versions = tuple(contents.values())
            if len(versions) > 1 and any(one.event.occurred_at in self.question.span for one in versions):
                yield versions

    def _is_new_and_counted(self, whole: str, version: Version, meter: MeterCode | None) -> bool:
        sought = bytes.fromhex(whole)
        if sought in self.counted:
            return False
        if sought in self.ids:
            self.counted[sought] = version
            return True
        if version.arrived_at < self.question.settled_before:
            self.lacking[sought].append((version, meter))
        return False

    def _count(self, event: UsageEvent, measured: Measurement) -> None:
        subject = self.question.subjects([event.subject]).get(event.subject)
        who = subject.at(event.occurred_at) if subject else None
        if who is not None:
            start = event.occurred_at - (event.occurred_at - _MIDNIGHT) % _WINDOW
            customer = CustomerId(who.account.customer.customer_id)
            key = WindowKey(customer, measured.meter.code, start, measured.dimensions)
            tally = self.tallies.setdefault(key, _Tally(measured.meter.aggregation))
            tally.add(event, measured.quantity)


def _place(event: UsageEvent) -> Original:
    return Original(source=event.source, event_id=event.event_id, subject=event.subject, occurred_at=event.occurred_at)


_MIDNIGHT = datetime.fromisoformat("2026-01-01T00:00:00Z")


@dataclass(slots=True)
class _Tally:
    """Everything that any aggregation needs of a window's events, kept as it is, without mergeable states."""

    aggregation: Aggregation
    events: int = 0
    total: Decimal = Decimal(0)
    quantities: list[Decimal] = field(default_factory=list)
    levels: dict[tuple[datetime, str, str], Decimal] = field(default_factory=dict)
    unique_keys: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, event: UsageEvent, quantity: Decimal) -> None:
        self.events += 1
        match self.aggregation:
            case Aggregation.COUNT:
                pass
            case Aggregation.SUM | Aggregation.AVERAGE | Aggregation.TRANSACTIONS:
                self.total = EXACT.add(self.total, quantity)
            case Aggregation.MAX | Aggregation.MIN:
                self.quantities.append(quantity)
            case Aggregation.LATEST | Aggregation.WEIGHTED_SUM:
                self.levels[event.occurred_at, event.source, event.event_id] = quantity
            case Aggregation.UNIQUE:
                # An event that names nothing counts as itself.
                named = event.unique_key
                self.unique_keys.add((event.source, event.event_id) if named is None else (named,))
            case _ as never:
                assert_never(never)

    def counted(self, window_start: datetime) -> Counted:
        return Counted(self.events, self._quantity(window_start))

    def _quantity(self, window_start: datetime) -> Decimal:  # noqa: PLR0911 - one for each aggregation
        match self.aggregation:
            case Aggregation.SUM:
                return self.total
            case Aggregation.COUNT:
                return Decimal(self.events)
            case Aggregation.AVERAGE | Aggregation.TRANSACTIONS:
                return self.total
            case Aggregation.MAX:
                return max(self.quantities)
            case Aggregation.MIN:
                return min(self.quantities)
            case Aggregation.LATEST:
                return self.levels[max(self.levels)]
            case Aggregation.WEIGHTED_SUM:
                return _level_time(self.levels, window_start + _WINDOW)
            case Aggregation.UNIQUE:
                return Decimal(len(self.unique_keys))
            case _ as never:
                assert_never(never)


def _level_time(levels: Mapping[tuple[datetime, str, str], Decimal], end: datetime) -> Decimal:
    """Return each level times the seconds until the next one, the last one until the end of the window.

    Of levels at one instant all but the last hold for no time. A window's own levels only: whoever compares windows
    needs no level that carries in.
    """
    total = Decimal(0)
    places = sorted(levels)
    for place, following in pairwise((*places, (end, "", ""))):
        microseconds = (following[0] - place[0]) // _MICROSECOND
        total = EXACT.fma(levels[place], Decimal(microseconds), total)
    return total.scaleb(-6, EXACT)
