"""Reads all sections of a catalogue, names every fault, and gives the catalogue only when there is none."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.contracts.catalog.agreements import ContractEntry
from shared.contracts.catalog.customers import CustomerEntry
from shared.contracts.catalog.exchange_rates import ExchangeRatesEntry
from shared.contracts.catalog.offers import MeterEntry, PlanEntry, ProductEntry
from shared.contracts.catalog.producers import ProducerEntry
from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.sellers import LegalEntityEntry, TenantEntry
from shared.contracts.catalog.taxes import TaxRateEntry
from shared.contracts.catalog.usage_contracts import UsageContractEntry
from shared.contracts.catalog.values import CatalogModel
from shared.domain.identifiers import CustomerId, TenantId
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.draft import CatalogDraft, Entry
from shared.domain.master_data.faults import CatalogFaultCode
from shared.domain.master_data.validation import contradictions
from shared.domain.master_data.validation.tax_ids import wrong_tax_ids
from shared.domain.usage.contract_definition import ContractDefinition
from shared.ports.tax_ids import TaxIds

SECTIONS = (
    "tenant",
    "legal_entities",
    "customers",
    "contracts",
    "products",
    "meters",
    "price_book",
    "tax_rates",
)

PRODUCERS = "producers"  # a file, and none where no source is watched over
EXCHANGE_RATES = "exchange_rates"  # a file, and none where nobody sells in another currency than that of its books
USAGE_CONTRACTS = "usage_contracts"  # a folder, and none where every producer uses the built-in ones

_UTC = ZoneInfo("UTC")
_LONGEST_QUOTE = 60
_CODE_OF_ERROR = {"missing": CatalogFaultCode.VALUE_MISSING, "extra_forbidden": CatalogFaultCode.KEY_UNKNOWN}
_MESSAGE_OF_ERROR = {
    "missing": "the key is needed",
    "extra_forbidden": "there is no such key here",
    "model_type": "it should be keys and values",
    "dict_type": "it should be keys and values",
    "mapping_type": "it should be keys and values",
}

Model = TypeVar("Model", bound=CatalogModel)
Record = TypeVar("Record")


def read_catalog(sections: Mapping[str, object], *, tax_ids: TaxIds | None = None) -> Catalog | tuple[Issue, ...]:
    """Read the sections of a catalogue, values as text or as JSON holds them; return every fault if there is one.

    Tax ids are held to their check digits by whoever brings `tax_ids` along: what takes in catalogues from outside.
    """
    return _CatalogReader(sections, tax_ids).read()


def read_usage_contracts(section: object) -> tuple[tuple[ContractDefinition, ...], tuple[Issue, ...]]:
    """Read the section of usage contracts by itself: the sound ones, and every fault of the others."""
    reader = _CatalogReader({USAGE_CONTRACTS: section})
    definitions = tuple(entry.record for entry in reader.usage_contracts())
    return definitions, tuple(reader.faults.found)


class _CatalogReader:
    """One reading. Entries with faults of their own are left out of the cross checks, but are known by their ids."""

    def __init__(self, sections: Mapping[str, object], tax_ids: TaxIds | None = None) -> None:
        self._sections = sections
        self._tax_ids = tax_ids
        self.faults = Faults()
        self._unusable: dict[str, set[str]] = defaultdict(set)

    def read(self) -> Catalog | tuple[Issue, ...]:
        tenant = self._model("tenant", self._sections.get("tenant"), TenantEntry)
        draft = self._draft(tenant)
        for issue in contradictions(draft):
            self.faults.found.append(issue)
        if self._tax_ids is not None:
            self.faults.found.extend(wrong_tax_ids(draft, self._tax_ids.fault))
        for section in self._sections.keys() - {*SECTIONS, PRODUCERS, EXCHANGE_RATES, USAGE_CONTRACTS}:
            self.faults.add(CatalogFaultCode.KEY_UNKNOWN, section, "there is no such section")
        return tuple(self.faults.found) or draft.catalog()

    def _draft(self, tenant: TenantEntry | None) -> CatalogDraft:
        faults = self.faults
        customers = self._records(
            "customers", CustomerEntry, lambda path, entry: entry.to_domain(path=path, faults=faults)
        )
        zones = {entry.record.customer_id: entry.record.time_zone for entry in customers}
        return CatalogDraft(
            tenant=TenantId(tenant.id if tenant else ""),
            name=tenant.name if tenant else "",
            legal_entities=self._records("legal_entities", LegalEntityEntry, lambda _, entry: entry.to_domain()),
            customers=customers,
            contracts=self._records(
                "contracts",
                ContractEntry,
                lambda path, entry: entry.to_domain(
                    path=path, zone=zones.get(CustomerId(entry.customer), _UTC), faults=faults
                ),
            ),
            products=self._records("products", ProductEntry, lambda _, entry: entry.to_domain()),
            meters=self._records("meters", MeterEntry, lambda _, entry: entry.to_domain()),
            plans=self._records(
                "price_book", PlanEntry, lambda path, entry: entry.to_domain(path=path, zone=_UTC, faults=faults)
            ),
            tax_rates=tuple(
                Entry(path, rate)
                for path, entry in self._entries("tax_rates", TaxRateEntry)
                for rate in entry.to_domain(path=path, zone=_UTC, faults=faults)
            ),
            usage_contracts=self.usage_contracts(),
            producers=self._records(PRODUCERS, ProducerEntry, lambda _, entry: entry.to_domain()),
            exchange_rates=self._records(EXCHANGE_RATES, ExchangeRatesEntry, lambda _, entry: entry.to_domain()),
            unusable=self._unusable,
        )

    def usage_contracts(self) -> tuple[Entry[ContractDefinition], ...]:
        return self._records(
            USAGE_CONTRACTS, UsageContractEntry, lambda path, entry: entry.to_domain(path=path, faults=self.faults)
        )

    def _records(
        self, section: str, model: type[Model], to_domain: Callable[[str, Model], Record | None]
    ) -> tuple[Entry[Record], ...]:
        records = []
        for path, entry in self._entries(section, model):
            record = to_domain(path, entry)
            if record is None:
                self._note_unusable(section, entry.model_dump(include={"id"}))
            else:
                records.append(Entry(path, record))
        return tuple(records)

    def _entries(self, section: str, model: type[Model]) -> Iterator[tuple[str, Model]]:
        raw = self._sections.get(section)
        if raw is None:
            return
        if not isinstance(raw, list):
            self.faults.add(CatalogFaultCode.INVALID_VALUE, section, "a list of entries is needed")
            return
        for position, value in enumerate(raw):
            path = f"{section}[{position}]"
            entry = self._model(path, value, model)
            if entry is None:
                self._note_unusable(section, value)
            else:
                yield path, entry

    def _note_unusable(self, section: str, value: object) -> None:
        if isinstance(value, dict):
            self._unusable[section] |= {str(value[key]) for key in ("id", "code", "source") if key in value}

    def _model(self, path: str, value: object, model: type[Model]) -> Model | None:
        try:
            return model.model_validate(value)
        except ValidationError as invalid:
            for error in invalid.errors(include_url=False):
                self.faults.add(_code_of(error), _path_of(path, error["loc"]), _message_of(error))
            return None


def _code_of(error: ErrorDetails) -> CatalogFaultCode:
    kind = error["type"]
    if kind in _CODE_OF_ERROR:
        return _CODE_OF_ERROR[kind]
    return CatalogFaultCode(kind) if kind in set(CatalogFaultCode) else CatalogFaultCode.INVALID_VALUE


def _path_of(path: str, location: tuple[int | str, ...]) -> str:
    for step in location:
        if step != "[key]":  # pydantic's mark of a fault in a key
            path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path


def _message_of(error: ErrorDetails) -> str:
    if error["type"] in _MESSAGE_OF_ERROR:
        return _MESSAGE_OF_ERROR[error["type"]]
    message = error["msg"].replace("Input should", "it should")
    given = error["input"]
    if not isinstance(given, str | int | float):
        return message
    quote = repr(given)
    return f"{message}, not {quote if len(quote) <= _LONGEST_QUOTE else quote[:_LONGEST_QUOTE] + '...'}"
