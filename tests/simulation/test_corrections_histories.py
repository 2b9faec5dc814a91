"""Usage, voids, amendments, repeats, seals and deaths in any order: the ledger comes to what still counts."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared.domain.metering.log_view import LogViews
from shared.domain.metering.meter import Aggregation
from shared.domain.metering.slot import Log, Seal
from tests.builders.corrected_usage import CorrectedWorld, amended, call, voided
from tests.builders.metered_usage import LAYOUT, NOON

NAMES = [f"e-{number}" for number in range(5)]
SUBJECTS = ["acme", "acme-eu", "globex"]
TIMES = [NOON, NOON + timedelta(seconds=1), NOON + timedelta(minutes=20)]
ARRIVED_AT = NOON + timedelta(minutes=30)
OWNERS = {"acme": "acme", "acme-eu": "acme", "globex": "globex"}

names, subjects, times = st.sampled_from(NAMES), st.sampled_from(SUBJECTS), st.sampled_from(TIMES)


class Dies:
    """A ledger whose next put fails, before it or after it."""

    def __init__(self, logs: Any) -> None:
        self.logs = logs
        self.fails: bool | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.logs, name)

    def put(self, *slot: Any) -> bool:
        fails, self.fails = self.fails, None
        if fails is False:
            raise ConnectionError
        taken: bool = self.logs.put(*slot)
        if fails:
            raise ConnectionError
        return taken


class Corrections(RuleBasedStateMachine):
    """Each name is one event of one meter, with one subject, time and quantity, so nothing contradicts itself."""

    @initialize(meter=st.sampled_from([one.value for one in Aggregation]), places=st.data())
    def begin(self, meter: str, places: st.DataObject) -> None:
        self.meter = meter
        self.world = CorrectedWorld()
        self.world.metering.logs = self.dies = Dies(self.world.metering.logs)
        self.places = {name: (places.draw(subjects), places.draw(times)) for name in NAMES}
        self.counted: set[str] = set()
        self.sent: set[str] = set()
        self.voided: set[str] = set()
        self.now = NOON + timedelta(hours=1)

    def event(self, name: str) -> dict[str, Any]:
        subject, at = self.places[name]
        return call(name, at=at, subject=subject, **self.data(name))

    def data(self, name: str) -> dict[str, Any]:
        number = NAMES.index(name)
        return {"meter": self.meter, "quantity": [7, 3, 11, 3, 5][number], "unique_key": "ab"[number % 2]}

    @rule(name=names)
    def send(self, name: str) -> None:
        self.world.send(self.event(name), arrived_at=ARRIVED_AT)
        self.sent.add(name)

    @rule(name=names)
    def void(self, name: str) -> None:
        subject, at = self.places[name]
        self.world.send(voided(name, at=at, subject=subject), arrived_at=ARRIVED_AT)
        self.voided.add(name)

    @rule(name=names, new=names)
    def amend(self, name: str, new: str) -> None:
        if name != new:
            (subject, at), (new_subject, new_at) = self.places[name], self.places[new]
            correction = amended(name, new, at=new_at, subject=new_subject, original_subject=subject, **self.data(new))
            correction["data"]["time"] = at.isoformat()
            self.world.send(correction, arrived_at=ARRIVED_AT)
            self.voided.add(name)
            self.sent.add(new)

    @rule(name=names)
    def void_at_a_wrong_time(self, name: str) -> None:
        subject, at = self.places[name]
        wrong = voided(name, id=f"wrong-{name}", at=at + timedelta(microseconds=1), subject=subject)
        self.world.send(wrong, arrived_at=ARRIVED_AT)

    @rule()
    def count(self) -> None:
        self.world.count(views=LogViews(most_ids=1_000))
        self.counted |= self.sent

    @rule(name=names)
    def seal(self, name: str) -> None:
        log = Log(LAYOUT.home(*self.places[name]))
        slots = self.dies.tail(log, after=0)
        if not any(isinstance(slot.content, Seal) for slot in slots):
            self.dies.put(log, len(slots) + 1, Seal())

    @rule(fails=st.sampled_from([None, None, False, True]))
    def apply(self, fails: bool | None) -> None:
        self.now += timedelta(hours=7)
        self.dies.fails = fails
        try:
            self.world.apply(self.now)
        except ConnectionError:
            self.world.apply(self.now)
        self.dies.fails = None

    @invariant()
    def what_is_applied_is_never_wrong(self) -> None:
        """Between two runs a voided event may still count; all else is exact."""
        totals = self.totals()
        for still in (set(), self.counted & self.voided):
            if totals == self.expected(self.counted - self.voided | still):
                return
        self.apply(None)
        assert self.totals() == self.expected(self.counted - self.voided)

    def teardown(self) -> None:
        self.count()
        self.apply(None)
        assert self.totals() == self.expected(self.counted - self.voided)
        codes = {told.code.value for told in self.world.reporter.reported}
        assert codes <= {"CORRECTION_REFUSED", "CORRECTION_CONFLICT", "CORRECTION_WITHOUT_ORIGINAL"}

    def totals(self) -> Mapping[str, tuple[int, Decimal]]:
        return {name: (events, Decimal(quantity)) for name, (events, quantity) in self.world.usage().items()}

    def expected(self, counting: set[str]) -> Mapping[str, tuple[int, Decimal]]:
        """Count by hand, without a state that merges."""
        windows: defaultdict[tuple[str, datetime], list[str]] = defaultdict(list)
        for name in counting:
            subject, at = self.places[name]
            windows[OWNERS[subject], at.replace(minute=at.minute // 15 * 15, second=0)].append(name)
        return {
            f"{self.meter}{'' if owner == 'acme' else f' of {owner}'} {start:%d %H:%M}": (
                len(members),
                self.quantity(members),
            )
            for (owner, start), members in sorted(windows.items())
        }

    def quantity(self, members: list[str]) -> Decimal:  # noqa: PLR0911 - one for each aggregation
        in_order = sorted(members, key=lambda name: (self.places[name][1], name))
        quantities = [Decimal(self.data(name)["quantity"]) for name in in_order]
        match Aggregation(self.meter):
            case Aggregation.SUM | Aggregation.TRANSACTIONS:
                return sum(quantities, Decimal(0))
            case Aggregation.COUNT:
                return Decimal(len(members))
            case Aggregation.MAX:
                return max(quantities)
            case Aggregation.MIN:
                return min(quantities)
            case Aggregation.AVERAGE:
                return round(sum(quantities, Decimal(0)) / len(quantities), 18)
            case Aggregation.UNIQUE:
                return Decimal(len({self.data(name)["unique_key"] for name in members}))
            case Aggregation.LATEST | Aggregation.WEIGHTED_SUM:
                return quantities[-1]


TestCorrections = Corrections.TestCase
TestCorrections.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
