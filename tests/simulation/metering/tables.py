"""Tables that tenants share, as on AWS: every item has a key, and every access is seen."""

from collections.abc import ItemsView, Iterator, Mapping, MutableMapping, ValuesView
from typing import Any, Generic, Self, TypeVar

from shared.domain.identifiers import TenantId
from tests.simulation.metering.violations import Violations

Key = TypeVar("Key")
Value = TypeVar("Value")


class SharedTables:
    """All items of all tenants by partition key. `actor` is whose function runs; None is the simulation itself."""

    def __init__(self, violations: Violations) -> None:
        self.actor: TenantId | None = None
        self.partitions: dict[str, dict[Any, Any]] = {}
        self._violations = violations

    def open(self, partition_key: str) -> dict[Any, Any]:
        if self.actor is not None and not partition_key.startswith(f"{self.actor}#"):
            self._violations.note("I15 tenant isolation", f"a function of {self.actor} opened {partition_key}")
        return self.partitions.setdefault(partition_key, {})


class Partition(MutableMapping[Key, Value], Generic[Key, Value]):
    """A dictionary of one tenant, kept in the shared tables: what the fakes of stores write to."""

    def __init__(self, tables: SharedTables, partition_key: str) -> None:
        self._tables = tables
        self._partition_key = partition_key

    def __getitem__(self, key: Key) -> Value:
        found: Value = self._items()[key]
        return found

    def __setitem__(self, key: Key, value: Value) -> None:
        self._items()[key] = value

    def __delitem__(self, key: Key) -> None:
        del self._items()[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._items())

    def __len__(self) -> int:
        return len(self._items())

    # A mapping's own would open the partition once for each item.
    def items(self) -> ItemsView[Key, Value]:
        return self._items().items()

    def values(self) -> ValuesView[Value]:
        return self._items().values()

    def __ior__(self, other: Mapping[Key, Value]) -> Self:
        self.update(other)
        return self

    def _items(self) -> dict[Key, Value]:
        return self._tables.open(self._partition_key)


class PartitionOfSets(Partition[Key, set[Value]]):
    """A partition in which every key has a set, empty at first."""

    def __getitem__(self, key: Key) -> set[Value]:
        found: set[Value] = self._items().setdefault(key, set())
        return found
