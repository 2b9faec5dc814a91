"""How much CPU it takes to count a million archived events again and to hold them against the ledger."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from shutil import copyfile
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from benchmarks.report import Answer, Figure
from shared.adapters.duckdb.delivery_files import ParquetDeliveryFiles
from shared.adapters.duckdb.recount import DuckDbRecount
from shared.adapters.s3.archive_partitions import digest_of
from shared.domain.archive.delivery import JudgedDelivery
from shared.domain.archive.partition import CompactedFile, Manifest, Partition, StoredObject
from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.master_data.customer import SINCE_ALWAYS
from shared.domain.master_data.subjects import Holder, SubjectAccounts
from shared.domain.metering.aggregate import SumState, WindowKey, WindowUsage
from shared.domain.metering.layout import WINDOW
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.time_period import Period, parse_instant
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.fingerprint import fingerprint
from shared.domain.usage.measurement import meters_by_event
from shared.ports.archive_partitions import RawContent
from shared.ports.ledger_audit import CountedUsage
from shared.ports.usage_recount import RecountQuestion

DELIVERIES, EVENTS, CUSTOMERS, METERS, ROUNDS = 1_000_000, 948_650, 200, 5, 5
SPAN = Period(parse_instant("2026-01-12T00:00:00Z"), parse_instant("2026-01-15T12:00:00Z"))


@dataclass(slots=True)
class Month:
    """Generated usage: compacted, one file; in the ledger, by day; and as lines for whoever reads lines."""

    folder: Path
    windows: dict[date, list[WindowUsage]] = field(default_factory=lambda: defaultdict(list))
    ids: dict[date, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    file: CompactedFile = field(init=False)

    def __post_init__(self) -> None:
        sums: dict[WindowKey, list[int]] = defaultdict(lambda: [0, 0])
        rows = ParquetDeliveryFiles(memory_mb=1_000).write(self._deliveries(sums), self.folder / "compacted")
        assert rows == DELIVERIES
        for key, (events, total) in sums.items():
            self.windows[key.window_start.date()].append(WindowUsage(key, events, SumState(Decimal(total))))
        digest = digest_of(self.folder / "compacted")
        stored = StoredObject("compacted", (self.folder / "compacted").stat().st_size, "")
        self.file = CompactedFile(stored=stored, sha256=digest, rows=rows, judged_with="", inputs=())

    def _deliveries(self, sums: dict[WindowKey, list[int]]) -> Iterator[JudgedDelivery]:
        random = Random(20_260_115)
        assert SPAN.end is not None
        with (self.folder / "lines").open("w") as lines:
            for number in range(EVENTS):
                occurred_at = SPAN.start + number * (SPAN.end - SPAN.start) / EVENTS
                customer, meter = f"cust-{random.randrange(CUSTOMERS):05d}", f"meter-{random.randrange(METERS)}"
                quantity = random.randrange(1, 5_000)
                event = UsageEvent(
                    source="urn:acme:api-gateway",
                    event_id=f"{random.getrandbits(128):032x}",
                    subject=customer,
                    occurred_at=occurred_at,
                    meter=MeterCode(meter),
                    quantity=Decimal(quantity),
                    unique_key=None,
                    dimensions=(("host", f"h{number % 97}"), ("region", "eu")),
                    contract="usage:2",
                )
                whole = fingerprint(event)
                start = occurred_at - (occurred_at - SPAN.start) % WINDOW
                window = sums[WindowKey(CustomerId(customer), MeterCode(meter), start, (("region", "eu"),))]
                window[0] += 1
                window[1] += quantity
                self.ids[occurred_at.date()].append(bytes.fromhex(whole))
                line = json.dumps([whole, customer, meter, occurred_at.isoformat(), str(quantity), event.dimensions])
                for repeat in range(2 if number < DELIVERIES - EVENTS else 1):
                    lines.write(line + "\n")
                    yield JudgedDelivery(Delivery("shardId-000000000000", str(number), repeat), occurred_at, event)


@dataclass(frozen=True, slots=True)
class _Ledger:
    month: Month

    def counted(self, period: Period) -> Iterator[CountedUsage]:
        day = period.start.date()
        yield CountedUsage(windows=tuple(self.month.windows[day]), event_ids=tuple(self.month.ids[day]), voided_ids=())


@dataclass(slots=True)
class _Archive:
    """The month's file as its first day's; remembers when it was first asked: then the ledger has been read."""

    month: Month
    asked_at: float | None = None

    def days(self, _since: date, _until: date) -> Sequence[date]:
        self.asked_at = process_time()
        return [SPAN.start.date()]

    def partition(self, day: date) -> Partition:
        file = self.month.file
        return Partition(manifest=Manifest(day, (file,)), raw=(), compacted=(file.stored,))

    def fetch(self, file: CompactedFile, path: Path) -> bool:
        copyfile(self.month.folder / file.stored.key, path)
        return digest_of(path) == file.sha256

    def raw_content(self, raw: StoredObject) -> RawContent:
        raise NotImplementedError(f"{raw.key}: everything is compacted")


def ours(month: Month) -> tuple[float, float]:
    """Return the seconds from Parquet to what differs, and those that it took to read the ledger before."""
    archive = _Archive(month)
    recount = DuckDbRecount(
        archive=archive,
        files=ParquetDeliveryFiles(memory_mb=1_000),
        judge=lambda _: iter(()),
        memory_mb=2_000,
        threads=1,
    )
    started = process_time()
    with recount.look(_question(month)) as look:
        found = [*look.differences(), *look.missing(), *look.conflicts()]
    ended = process_time()
    assert not found, found[:3]
    assert archive.asked_at is not None
    return ended - archive.asked_at, archive.asked_at - started


def plain(month: Month) -> float:
    """Return the seconds that plain Python takes from lines of JSON to what differs: sets, dictionaries and Decimal."""
    started = process_time()
    ids = {whole.hex() for day in month.ids.values() for whole in day}
    counted = {usage.key: usage for day in month.windows.values() for usage in day}
    seen: set[str] = set()
    contents: dict[str, str] = {}
    sums: dict[WindowKey, list[int | Decimal]] = {}
    with (month.folder / "lines").open() as lines:
        for line in lines:
            whole, customer, meter, time, quantity, dimensions = json.loads(line)
            if whole in seen or whole not in ids or contents.setdefault(whole[:24], whole[24:]) != whole[24:]:
                continue
            seen.add(whole)
            occurred_at = parse_instant(time)
            kept = tuple((name, value) for name, value in dimensions if name == "region")
            start = occurred_at.replace(minute=occurred_at.minute // 15 * 15, second=0, microsecond=0)
            window = sums.setdefault(WindowKey(CustomerId(customer), MeterCode(meter), start, kept), [0, Decimal(0)])
            window[0] += 1
            window[1] += Decimal(quantity)
    same = {
        key: (usage.events, usage.state.total) for key, usage in counted.items() if isinstance(usage.state, SumState)
    }
    assert same == {key: (events, total) for key, (events, total) in sums.items()}
    assert len(seen) == EVENTS
    return process_time() - started


def answer() -> Answer:
    with TemporaryDirectory() as name:
        month = Month(Path(name))
        rounds = [(*ours(month), plain(month)) for _ in range(ROUNDS)]
    from_parquet, ledger, peer = (median(taken) for taken in zip(*rounds, strict=True))
    windows = sum(map(len, month.windows.values()))
    return Answer(
        question="Counting the archive again",
        module="benchmarks.recount",
        setting=(
            f"{DELIVERIES:,} deliveries of {EVENTS:,} events of {CUSTOMERS} customers and {METERS} meters with a"
            f" dimension, in one Parquet file of {month.file.stored.size / 1e6:.0f} MB, against {windows:,} windows of"
            f" the ledger; one thread, median of {ROUNDS} rounds in turns. Plain Python reads lines of JSON, and"
            " compares the same with sets, dictionaries and Decimal."
        ),
        figures=(
            Figure(what="from Parquet to what differs", measured=from_parquet, unit="s CPU", target=2),
            Figure(what="before that, the ledger's windows and ids into the database", measured=ledger, unit="s CPU"),
            Figure(what="plain Python", measured=peer, unit="s CPU"),
            Figure(what="plain Python / from Parquet", measured=peer / from_parquet, unit="x", target=4, at_least=True),
            Figure(what="plain Python / both of ours", measured=peer / (from_parquet + ledger), unit="x"),
        ),
    )


def _question(month: Month) -> RecountQuestion:
    assert SPAN.end is not None
    meters = [
        Meter(code=MeterCode(f"meter-{number}"), name="", unit="", aggregation=Aggregation.SUM, dimensions=("region",))
        for number in range(METERS)
    ]
    return RecountQuestion(
        span=SPAN,
        arrived=Period(SPAN.start, SPAN.end + timedelta(days=35)),
        settled_before=SPAN.end + timedelta(days=1),
        meters=meters_by_event(meters),
        subjects=_subjects,
        ledger=_Ledger(month),
        parked=lambda: (),
    )


def _subjects(names: Collection[str]) -> Mapping[str, SubjectAccounts]:
    return {
        name: SubjectAccounts(
            (Holder(valid=Period(SINCE_ALWAYS, None), used_by=CustomerId(name), billed_to=CustomerId(name)),), {}
        )
        for name in names
    }


if __name__ == "__main__":
    print(answer().markdown())
