"""Single records of a published catalogue as stored text, each to and from the domain."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from shared.contracts.catalog.agreements import ContractEntry
from shared.contracts.catalog.customers import CustomerEntry
from shared.contracts.catalog.exchange_rates import ExchangeRatesEntry
from shared.contracts.catalog.offers import MeterEntry, PlanEntry, ProductEntry
from shared.contracts.catalog.producers import ProducerEntry
from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.sellers import LegalEntityEntry
from shared.contracts.catalog.taxes import TaxRateEntry
from shared.contracts.catalog.values import CatalogModel
from shared.domain.currency_exchange.published_rates import PublishedRates
from shared.domain.identifiers import ContractId, CustomerId
from shared.domain.master_data.catalog import CustomerAccount, LegalEntity, MemberContract, Plan, Product, TaxRate
from shared.domain.master_data.subjects import Holder
from shared.domain.metering.meter import Meter
from shared.domain.producers.producer import Producer
from shared.domain.time_period import Period, format_instant, parse_instant

_UTC = ZoneInfo("UTC")


class _HolderRow(TypedDict):
    used_by: str
    billed_to: str
    region: str
    valid_from: str
    valid_until: str | None


_HOLDERS = TypeAdapter(list[_HolderRow])


class _MemberRecord(CatalogModel):
    lead: ContractId
    customer: CustomerId
    contract: ContractId


class _AccountRecord(CatalogModel):
    customer: CustomerEntry
    contracts: tuple[ContractEntry, ...]
    pays_for: tuple[str, ...] = ()
    members: tuple[_MemberRecord, ...] = ()


def account_text(account: CustomerAccount) -> str:
    return _text(
        _AccountRecord(
            customer=CustomerEntry.of(account.customer),
            contracts=tuple(ContractEntry.of(contract) for contract in account.contracts),
            pays_for=account.pays_for,
            members=tuple(
                _MemberRecord(lead=one.lead, customer=one.customer_id, contract=one.contract_id)
                for one in account.members
            ),
        )
    )


def read_account(text: str) -> CustomerAccount:
    record = _AccountRecord.model_validate_json(text)
    faults = Faults()
    customer = record.customer.to_domain(path="", faults=faults)
    assert customer is not None, "a stored customer was validated before it was written"
    contracts = [entry.to_domain(path="", zone=customer.time_zone, faults=faults) for entry in record.contracts]
    return CustomerAccount(
        customer=customer,
        contracts=tuple(contract for contract in contracts if contract),
        pays_for=record.pays_for,
        members=tuple(
            MemberContract(lead=one.lead, customer_id=one.customer, contract_id=one.contract) for one in record.members
        ),
    )


def holders_text(holders: Sequence[Holder]) -> str:
    """Write the holders of one subject."""
    return _HOLDERS.dump_json(
        [
            {
                "used_by": holder.used_by,
                "billed_to": holder.billed_to,
                "region": holder.region,
                "valid_from": format_instant(holder.valid.start),
                "valid_until": None if holder.valid.end is None else format_instant(holder.valid.end),
            }
            for holder in holders
        ]
    ).decode()


def read_holders(text: str) -> tuple[Holder, ...]:
    return tuple(
        Holder(
            valid=Period(
                parse_instant(row["valid_from"]),
                None if row["valid_until"] is None else parse_instant(row["valid_until"]),
            ),
            used_by=CustomerId(row["used_by"]),
            billed_to=CustomerId(row["billed_to"]),
            region=row["region"],
        )
        for row in _HOLDERS.validate_json(text)
    )


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


def producer_text(producer: Producer) -> str:
    return _text(ProducerEntry.of(producer))


def read_producer(text: str) -> Producer:
    return ProducerEntry.model_validate_json(text).to_domain()


def exchange_rates_text(published: PublishedRates) -> str:
    return _text(ExchangeRatesEntry.of(published))


def read_exchange_rates(text: str) -> PublishedRates:
    return ExchangeRatesEntry.model_validate_json(text).to_domain()


def _text(model: CatalogModel) -> str:
    return model.model_dump_json(exclude_none=True)
