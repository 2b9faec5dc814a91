"""The small world that usage is about: who goes by which name, what is measured, and how that changes.

Three catalogues follow one another. The second knows wayne, and a usage contract of its own; the third has the meter
drones, and gives the name nomad from acme to globex.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from operations.catalog.load import load_catalog
from shared.domain.identifiers import CatalogVersion
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.subjects import SubjectAccounts
from shared.domain.usage.contract_definition import ContractDefinition
from tests.fakes.catalog_folder import write_catalog
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.usage_contract_folder import read_contract, schema, write_contract


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """A meter as the oracle knows it."""

    aggregation: str
    dimensions: tuple[str, ...] = ()


VERSIONS = tuple(CatalogVersion(f"2026-03-{day:02d}T00:00:00.000000Z-{day:012d}") for day in (1, 2, 3))
CUSTOMERS = ("acme", "globex", "wayne", "dormant")
OWNERS: tuple[Mapping[str, str], ...] = (
    {"acme": "acme", "acme-prod": "acme", "globex": "globex", "nomad": "acme", "dormant": "dormant"},
    {"acme": "acme", "acme-prod": "acme", "globex": "globex", "nomad": "acme", "wayne": "wayne", "dormant": "dormant"},
    {
        "acme": "acme",
        "acme-prod": "acme",
        "globex": "globex",
        "nomad": "globex",
        "wayne": "wayne",
        "dormant": "dormant",
    },
)
METERS: Mapping[str, MeterFacts] = {
    "gigabytes": MeterFacts("sum", ("region",)),
    "requests": MeterFacts("count"),
    "peak": MeterFacts("max"),
    "floor": MeterFacts("min"),
    "load": MeterFacts("average"),
    "level": MeterFacts("latest"),
    "users": MeterFacts("unique"),
    "seats": MeterFacts("weighted_sum"),
    "payments": MeterFacts("transactions"),
    "drones": MeterFacts("sum"),
}
LATE_METER = "drones"
LATE_CONTRACT, LATE_CONTRACT_SINCE = "probe:1", 1  # from the second catalogue on
WITHOUT_CONTRACT = "dormant"


@cache
def catalogs() -> tuple[Catalog, ...]:
    return tuple(_catalog(version) for version in range(len(VERSIONS)))


class PublishedContracts:
    """The usage contracts of what is published (port UsageContracts)."""

    def __init__(self, published: InMemoryMasterData) -> None:
        self._catalog = published

    def published(self) -> Sequence[ContractDefinition]:
        version = VERSIONS.index(self._catalog.current() or VERSIONS[0])
        return (_late_contract(),) if version >= LATE_CONTRACT_SINCE else ()


@cache
def _late_contract() -> ContractDefinition:
    """Return the contract by which probes send gigabytes: its data is {"bytes", "region"}."""
    name, version = LATE_CONTRACT.split(":")
    terms = (
        "owner: probes@nimbus.example\nevent: gigabytes\nbilling: usage\nretention: evidence\n"
        "compatibility: backward\nquantity: bytes\npriced: [region]\n"
        f"versions: [{{version: {version}, status: active, valid_from: 2026-01-01}}]\n"
    )
    of_bytes = schema(required=("bytes",), bytes={"type": "number"}, region={"type": "string", "maxLength": 64})
    with TemporaryDirectory() as directory:
        return read_contract(write_contract(Path(directory), name=name, terms=terms, schemas={int(version): of_bytes}))


class MasterDataOfProcess(InMemoryMasterData):
    """What one process reads: it has its own pinned version of what is published for all."""

    def __init__(self, published: InMemoryMasterData) -> None:
        super().__init__()
        self._shared = published
        self._written = published._written

    def version(self) -> CatalogVersion | None:
        self._published = self._shared.current()
        return super().version()

    def accounts_by_subject(self, subjects: Collection[str]) -> Mapping[str, SubjectAccounts]:
        """Return what the fake does, found once for all histories: it reads the whole catalogue each time."""
        if self._pinned is None:
            return {}
        known = _accounts_of_everybody(VERSIONS.index(self._published or VERSIONS[0]))
        return {subject: known[subject] for subject in subjects if subject in known}


@cache
def _accounts_of_everybody(version: int) -> Mapping[str, SubjectAccounts]:
    reader = InMemoryMasterData()
    reader.write(VERSIONS[version], catalogs()[version])
    reader.publish(VERSIONS[version])
    reader.version()
    return reader.accounts_by_subject(list(OWNERS[version]))


def published_catalogs() -> InMemoryMasterData:
    """Return master data with all versions written and the first one published."""
    published = InMemoryMasterData()
    for version, catalog in zip(VERSIONS, catalogs(), strict=True):
        published.write(version, catalog)
    published.publish(VERSIONS[0])
    return published


def _catalog(version: int) -> Catalog:
    with TemporaryDirectory() as directory:
        folder = write_catalog(Path(directory))
        for name, text in _files(version).items():
            (folder / name).write_text(text)
        loaded = load_catalog(folder)
    assert isinstance(loaded, Catalog), loaded
    return loaded


def _files(version: int) -> Mapping[str, str]:
    owners = OWNERS[version]
    customers = [name for name in CUSTOMERS if name in owners.values()]
    others = {one: [s for s, owner in owners.items() if owner == one and s != one] for one in customers}
    meters = [code for code in METERS if code != LATE_METER or version == len(VERSIONS) - 1]
    return {
        "customers.yaml": "".join(
            f"- {{id: {one}, name: {one}, country: US, time_zone: UTC, subjects: [{', '.join(others[one])}]}}\n"
            for one in customers
        ),
        "contracts.yaml": "".join(
            f"- {{id: c-{one}, customer: {one}, legal_entity: nimbus-us, currency: USD, valid_from: 2026-01-01,"
            f" subscriptions: [{{id: s-{one}, plan: growth}}]}}\n"
            for one in customers
            if one != WITHOUT_CONTRACT
        ),
        "meters.yaml": "".join(
            f"- {{id: {code}, name: {code}, unit: unit, aggregation: {METERS[code].aggregation},"
            f" dimensions: [{', '.join(METERS[code].dimensions)}]}}\n"
            for code in meters
        ),
        "price_book.yaml": "- id: growth\n  name: Growth\n  charges:\n"
        + "".join(
            f"    - {{id: charge-{code}, product: api, meter: {code}, prices: [{{currency: USD, per_unit: 0.10}}]}}\n"
            for code in meters
        ),
    }
