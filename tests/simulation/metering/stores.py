"""The fakes of the stores, over tables that tenants share."""

from collections.abc import Iterator, MutableMapping
from datetime import datetime
from typing import Any

from shared.domain.identifiers import CustomerId, TenantId
from shared.domain.metering.aggregate import WindowKey
from shared.domain.metering.closing import ClosingState
from shared.domain.metering.layout import Bucket, late_key
from shared.domain.metering.reading import UsageManifest
from shared.domain.metering.slot import FINGERPRINT_BYTES, Content, Log, Seal, UsageSlot
from shared.domain.time_period import Period, format_instant
from shared.domain.usage.fingerprint import IDENTITY_BYTES
from shared.ports.archive_pages import ArchivePage
from tests.fakes.in_memory_archive_pages import InMemoryArchivePages
from tests.fakes.in_memory_exceptions import InMemoryExceptionStore
from tests.fakes.in_memory_metering_ledger import (
    InMemoryClosingProgress,
    InMemoryMeteringLedger,
    InMemoryUsageSnapshots,
)
from tests.fakes.in_memory_parked_usage import InMemoryParkedUsage
from tests.fakes.in_memory_producers import InMemorySignsOfLife
from tests.fakes.in_memory_replays import InMemoryReplays
from tests.fakes.in_memory_stage_progress import InMemoryStageProgress
from tests.fakes.in_memory_usage_archive import InMemoryUsageArchive
from tests.fakes.in_memory_usage_corrections import InMemoryUsageCorrections
from tests.fakes.in_memory_usage_holds import InMemoryUsageHolds
from tests.simulation.metering.tables import Partition, PartitionOfSets, SharedTables
from tests.simulation.metering.violations import Violations


class LogsByKey(MutableMapping[Log, dict[int, Content]]):
    """Logs under the partition keys that the product gives them."""

    def __init__(self, tables: SharedTables, tenant: TenantId) -> None:
        self._tables = tables
        self._tenant = tenant
        self._known: dict[Log, None] = {}
        self._keys: dict[Log, str] = {}

    def __getitem__(self, log: Log) -> dict[int, Content]:
        slots = self._log(log)
        if slots is None:
            raise KeyError(log)
        return slots

    def __setitem__(self, log: Log, slots: dict[int, Content]) -> None:
        self._known[log] = None
        self._tables.open(self._key(log))[log.bucket.slice_start] = slots

    def __delitem__(self, log: Log) -> None:
        raise NotImplementedError("nothing is ever taken out of the ledger")

    def __iter__(self) -> Iterator[Log]:
        return iter(list(self._known))

    def __len__(self) -> int:
        return len(self._known)

    def _log(self, log: Log) -> dict[int, Content] | None:
        return self._tables.open(self._key(log)).get(log.bucket.slice_start)

    def _key(self, log: Log) -> str:
        key = self._keys.get(log)
        if key is None:
            bucket = log.bucket
            base, late = bucket.key(self._tenant), late_key(self._tenant, bucket.version, bucket.group)
            key = self._keys[log] = late if log.late else base
        return key


class WatchedLedger(InMemoryMeteringLedger):
    """The ledger's logs. Each append is held against the invariants at once, so that a breach is told where it began.

    `contradicted` are identities that the producer uses for several events with different homes.
    """

    def __init__(self, tables: SharedTables, tenant: TenantId, violations: Violations) -> None:
        super().__init__()
        self.slots = LogsByKey(tables, tenant)  # type: ignore[assignment]
        self.contradicted: set[bytes] = set()
        self._counted: dict[bytes, tuple[Log, int]] = {}
        self._counts_in: set[tuple[Bucket, bytes]] = set()
        self._violations = violations

    def put(self, log: Log, number: int, content: Content) -> bool:
        before = dict(self.slots.get(log, {}))
        taken = super().put(log, number, content)
        if taken:
            self._check_place(log, number, before)
            self._check_identities(log, number, content)
        return taken

    def _check_place(self, log: Log, number: int, before: dict[int, Content]) -> None:
        where = f"slot {number} of {_name(log)}"
        if number in before:
            self._violations.note("I3 one slot, one writer", f"{where} was taken twice")
        elif number != len(before) + 1:
            self._violations.note("I3 no gaps", f"{where} follows slot {len(before)}")
        if any(isinstance(content, Seal) for content in before.values()):
            self._violations.note("I3 sealed is sealed", f"{where} was written after the seal")

    def _check_identities(self, log: Log, number: int, content: Content) -> None:
        if not isinstance(content, UsageSlot):
            return
        self._check_voids(log, number, content)
        for start in range(0, len(content.fingerprints), FINGERPRINT_BYTES):
            identity = content.fingerprints[start : start + IDENTITY_BYTES]
            known = self._counted.setdefault(identity, (log, number))
            if known == (log, number) and content.fingerprints.count(identity) == 1:
                continue
            if identity not in self.contradicted:
                where = f"{_name(known[0])} slot {known[1]} and {_name(log)} slot {number}"
                self._violations.note("I3 counted once", f"{identity.hex()} is in {where}")

    def _check_voids(self, log: Log, number: int, content: UsageSlot) -> None:
        self._counts_in |= {(log.bucket, whole) for whole in content.counts}
        for whole in content.takes_back:
            if (log.bucket, whole) not in self._counts_in:
                where = f"slot {number} of {_name(log)}"
                self._violations.note("I3 taken back once", f"{whole.hex()} does not count there: {where}")
            self._counts_in.discard((log.bucket, whole))


class WatchedClosing(InMemoryClosingProgress):
    """What closing remembers. It may only go on."""

    def __init__(self, items: MutableMapping[str, ClosingState], violations: Violations) -> None:
        self._items = items
        self._violations = violations

    @property
    def _state(self) -> ClosingState:
        return self._items.get("state", ClosingState())

    @_state.setter
    def _state(self, state: ClosingState) -> None:
        known = self._state.sealed_through
        if known is not None and (state.sealed_through is None or state.sealed_through < known):
            self._violations.note("I3 sealed is sealed", f"sealed through {known}, and then {state.sealed_through}")
        self._items["state"] = state


class IssuedManifests:
    """What invoices have read (port RatedManifests). `issue` stands for the bill run."""

    def __init__(self, issued: MutableMapping[CustomerId, tuple[datetime, datetime, UsageManifest]]) -> None:
        self.issued = issued

    def issue(self, customer_id: CustomerId, start: datetime, end: datetime, manifest: UsageManifest) -> None:
        self.issued[customer_id] = (start, end, manifest)

    def of_closed_billing(self, key: WindowKey) -> tuple[tuple[UsageManifest, ...], ...]:
        """Say what was read of a window; no invoice comes after these."""
        if key.customer_id not in self.issued:
            return ()
        start, end, manifest = self.issued[key.customer_id]
        return ((manifest,),) if start <= key.window_start < end else ()


class PagesOfArchive:
    """The archive page by page (port ArchivePages), two records each."""

    def __init__(self, archive: InMemoryUsageArchive) -> None:
        self._archive = archive

    def pages(self, arrived: Period, after: str) -> Iterator[ArchivePage]:
        return InMemoryArchivePages(list(self._archive.read(arrived))).pages(arrived, after)


class Stores:
    """The stores of one tenant."""

    def __init__(self, tables: SharedTables, tenant: TenantId, violations: Violations) -> None:
        def partition(name: str) -> Partition[Any, Any]:
            return Partition(tables, f"{tenant}#{name}")

        self.ledger = WatchedLedger(tables, tenant, violations)
        self.closing = WatchedClosing(partition("closing"), violations)
        self.progress = InMemoryStageProgress()
        self.progress.recorded = partition("progress")  # type: ignore[assignment]
        self.snapshots = InMemoryUsageSnapshots()
        self.snapshots._snapshots = partition("usage")  # type: ignore[assignment]
        self.parked = InMemoryParkedUsage()
        self.parked._groups = partition("parked-groups")  # type: ignore[assignment]
        self.archive = InMemoryUsageArchive()
        self.archive._raw = partition("archive")  # type: ignore[assignment]
        self.holds = InMemoryUsageHolds()
        self.holds._placed = PartitionOfSets(tables, f"{tenant}#holds")  # type: ignore[assignment]
        self.corrections = InMemoryUsageCorrections()
        self.corrections._buckets = partition("corrected")  # type: ignore[assignment]
        self.corrections._filed = partition("voids")  # type: ignore[assignment]
        self.corrections._marks = partition("void-marks")  # type: ignore[assignment]
        self.replays = InMemoryReplays()
        self.replays._replays = partition("replays")  # type: ignore[assignment]
        self.signs = InMemorySignsOfLife()
        self.signs._heard = partition("signs")  # type: ignore[assignment]
        self.exceptions = InMemoryExceptionStore(tenant)
        self.exceptions._records = partition("exceptions")  # type: ignore[assignment]
        self.manifests = IssuedManifests(partition("manifests"))


def _name(log: Log) -> str:
    kind = "late" if log.late else "base"
    return f"the {kind} log {log.bucket.version}/{log.bucket.group}/{format_instant(log.bucket.slice_start)[:16]}"
