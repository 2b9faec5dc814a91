"""Hazards of the metering road, seeded: environments that die, zombies who know less, repeats, seals under fire."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from shared.adapters.customer_usage import LedgerCustomerUsage
from shared.adapters.ledger_audit import LogsAudit
from shared.domain.identifiers import CustomerId
from shared.domain.metering.aggregate import WindowUsage, merge_windows
from shared.domain.metering.log_view import LogViews
from shared.domain.metering.tally import UsageRow, tally
from shared.domain.time_period import Period
from tests.builders.metered_usage import LAYOUT, MeteringWorld, a_row, windows_counted

DAY = datetime(2026, 1, 15, tzinfo=UTC)
TWO_DAYS = Period(DAY, DAY + timedelta(days=2))
SUBJECTS = ("acme", "globex", "initech")
AGGREGATIONS = ("sum", "count", "max", "latest", "unique")
MAX_TRIES = 200


class EnvironmentDiedError(BaseException):
    """The platform took the environment away in the middle of a call."""


class NeverDoneError(AssertionError):
    """A batch failed again and again: nothing is counted twice, and nothing at all."""


class Watched:
    """Stands before a port and tells `observe` of every call, before and after it was made."""

    def __init__(self, port: Any, observe: Callable[[str], None]) -> None:
        self._port = port
        self._observe = observe

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            self._observe(f"before {name}")
            answer = method(*args, **kwargs)
            self._observe(f"after {name}")
            return answer

        return watched


def watch(world: MeteringWorld, observe: Callable[[str], None]) -> None:
    """Put an observer around every outside call of the world. Reads of a test itself go through `world` too."""
    for name in ("logs", "closing", "snapshots", "reporter", "progress"):
        setattr(world, name, Watched(getattr(world, name), observe))


def events(random: Random, count: int) -> list[UsageRow]:
    """Return different events of two days, on meters of every aggregation."""
    return [
        a_row(
            f"call-{number}",
            subject=random.choice(SUBJECTS),
            occurred_at=DAY + timedelta(minutes=random.randrange(2 * 24 * 60), microseconds=number),
            meter=f"by_{aggregation}",
            aggregation=aggregation,
            quantity=str(random.randrange(1, 10**6) / 8),
            unique_key=f"user-{random.randrange(9)}" if aggregation == "unique" else None,
        )
        for number in range(count)
        for aggregation in [random.choice(AGGREGATIONS)]
    ]


def deliveries(random: Random, rows: Sequence[UsageRow], *, repeats: float = 0.08) -> list[UsageRow]:
    """Return the events as they are delivered: out of order, some again later."""
    again = [row for row in rows if random.random() < repeats]
    places = {id(row): random.random() for row in rows}
    ordered = sorted(rows, key=lambda row: (row["occurred_at"][:11], places[id(row)]))
    for row in again:
        ordered.insert(random.randrange(len(ordered) + 1), row)
    return ordered


@dataclass(slots=True)
class Hazards:
    """How often what happens, per store call or per batch."""

    death: float = 0.04
    zombie: float = 0.05
    cold_start: float = 0.1
    close: float = 0.15


class FaultyRun:
    """One seeded run of the road under hazards, until every delivery was reported done and everything is sealed."""

    def __init__(self, seed: int, world: MeteringWorld, hazards: Hazards | None = None) -> None:
        self.random = Random(seed)
        self.hazards = hazards or Hazards()
        self.rows = events(self.random, 60)
        self._world = world
        self._batches: list[list[UsageRow]] = []
        self._depth = 0
        self._old_views = [LogViews(most_ids=1_000)]
        watch(world, self._observe)

    def run(self) -> None:
        queue = deliveries(self.random, self.rows)
        while queue:
            size = self.random.randrange(1, 12)
            self._batches.append(queue[:size])
            self._until_done(lambda: self._world.count(*self._batches[-1]))
            queue = queue[size:]
            if self.random.random() < self.hazards.cold_start:
                self._cold_start()
            if self.random.random() < self.hazards.close:
                self._until_done(lambda: self._world.close(DAY + timedelta(days=2, hours=1)))
        self._until_done(lambda: self._world.close(DAY + timedelta(days=4)))

    def _until_done(self, step: Callable[[], object]) -> None:
        for _ in range(MAX_TRIES):
            try:
                step()
            except EnvironmentDiedError:
                self._cold_start()
            except Exception:  # noqa: BLE001 - the platform tries again whatever it was
                continue
            else:
                return
        raise NeverDoneError

    def _cold_start(self) -> None:
        self._old_views.append(self._world.views)
        self._world.views = LogViews(most_ids=self.random.choice((0, 20, 1_000)))

    def _observe(self, _call: str) -> None:
        if self.random.random() < self.hazards.death / (1 + self._depth):
            raise EnvironmentDiedError
        if self._depth < 2 and self._batches and self.random.random() < self.hazards.zombie:
            self._zombie()

    def _zombie(self) -> None:
        """Let another environment, with knowledge of its own, work on an old batch in the middle of this call."""
        self._depth += 1
        try:
            self._world.count(*self.random.choice(self._batches), views=self.random.choice(self._old_views))
        except (EnvironmentDiedError, Exception):  # noqa: BLE001 - nobody waits for a zombie
            pass
        finally:
            self._depth -= 1


def by_key(windows: Sequence[WindowUsage]) -> list[WindowUsage]:
    return sorted(merge_windows(windows), key=lambda usage: usage.key)


def counted(world: MeteringWorld) -> list[WindowUsage]:
    """Return what the ledger counted, as controls read it."""
    return by_key(windows_counted(LogsAudit(world.logs, LAYOUT), TWO_DAYS))


def billed(world: MeteringWorld) -> list[WindowUsage]:
    """Return what the ledger counted, as rating reads it customer by customer."""
    usage = LedgerCustomerUsage(snapshots=world.snapshots, logs=world.logs, closing=world.closing, layout=LAYOUT)
    readings = [usage.read(CustomerId(subject), (subject,), TWO_DAYS) for subject in SUBJECTS]
    return by_key([window for reading in readings for window in reading.windows])


def expected(rows: Sequence[UsageRow]) -> list[WindowUsage]:
    return by_key(tally(rows))
