"""Single records of a published catalogue as stored text, each to and from the domain."""

from zoneinfo import ZoneInfo

from shared.contracts.catalog.buyers import ContractEntry, CustomerEntry
from shared.contracts.catalog.offers import MeterEntry, PlanEntry, ProductEntry
from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.sellers import LegalEntityEntry
from shared.contracts.catalog.taxes import TaxRateEntry
from shared.contracts.catalog.values import CatalogModel
from shared.domain.master_data.catalog import CustomerAccount, LegalEntity, Plan, Product, TaxRate
from shared.domain.metering.meter import Meter

_UTC = ZoneInfo("UTC")


class _AccountRecord(CatalogModel):
    customer: CustomerEntry
    contracts: tuple[ContractEntry, ...]


def account_text(account: CustomerAccount) -> str:
    contracts = tuple(ContractEntry.of(contract) for contract in account.contracts)
    return _text(_AccountRecord(customer=CustomerEntry.of(account.customer), contracts=contracts))


def read_account(text: str) -> CustomerAccount:
    record = _AccountRecord.model_validate_json(text)
    customer, faults = record.customer.to_domain(), Faults()
    contracts = [entry.to_domain(path="", zone=customer.time_zone, faults=faults) for entry in record.contracts]
    return CustomerAccount(customer=customer, contracts=tuple(contract for contract in contracts if contract))


def legal_entity_text(entity: LegalEntity) -> str:
    return _text(LegalEntityEntry.of(entity))


def read_legal_entity(text: str) -> LegalEntity:
    return LegalEntityEntry.model_validate_json(text).to_domain()


def product_text(product: Product) -> str:
    return _text(ProductEntry.of(product))


def read_product(text: str) -> Product:
    return ProductEntry.model_validate_json(text).to_domain()


def meter_text(meter: Meter) -> str:
    return _text(MeterEntry.of(meter))


def read_meter(text: str) -> Meter:
    return MeterEntry.model_validate_json(text).to_domain()


def plan_text(plan: Plan) -> str:
    return _text(PlanEntry.of(plan))


def read_plan(text: str) -> Plan:
    plan = PlanEntry.model_validate_json(text).to_domain(path="", zone=_UTC, faults=Faults())
    assert plan is not None, "a stored plan was validated before it was written"
    return plan


def tax_rate_text(rate: TaxRate) -> str:
    return _text(TaxRateEntry.of(rate))


def read_tax_rate(text: str) -> TaxRate:
    (rate,) = TaxRateEntry.model_validate_json(text).to_domain(path="", zone=_UTC, faults=Faults())
    return rate


def _text(model: CatalogModel) -> str:
    return model.model_dump_json(exclude_none=True)
