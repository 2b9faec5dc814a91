"""Acme, a Berlin customer of Nimbus in Germany: 99 EUR a month and graduated API calls, billed for October 2026."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from shared.domain.identifiers import (
    CatalogVersion,
    ChargeId,
    ContractId,
    CustomerId,
    LegalEntityId,
    MeterCode,
    PlanId,
    ProductId,
    SubscriptionId,
    TenantId,
)
from shared.domain.invoicing.adjustments import OwnLines
from shared.domain.invoicing.bill_run import BillRunId, bill_run_id
from shared.domain.invoicing.draft import DraftOrigin, draft_invoice
from shared.domain.invoicing.invoice import Invoice
from shared.domain.invoicing.settling import SettledBy
from shared.domain.master_data.catalog import (
    ApprovalPolicy,
    Catalog,
    Charge,
    Contract,
    CustomerAccount,
    ErpMapping,
    LegalEntity,
    Plan,
    Price,
    Product,
    Subscription,
    TaxRate,
)
from shared.domain.master_data.customer import Customer, Dated
from shared.domain.master_data.payment_terms import NetDays
from shared.domain.metering.aggregate import CountState, WindowKey, WindowUsage
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.metering.reading import UsageManifest
from shared.domain.money import Money, currency
from shared.domain.rating.charge_models import ChargeModel, Flat, Graduated, Tier
from shared.domain.rating.contract import rate_contract
from shared.domain.time_period import BillingPeriod, Period, billing_period_containing
from tests.fakes.in_memory_master_data import InMemoryMasterData

TENANT = TenantId("nimbus")
BERLIN = ZoneInfo("Europe/Berlin")
EUR = currency("EUR")
ALWAYS = Period(datetime(2020, 1, 1, tzinfo=UTC), None)
SINCE_OCTOBER = Period(datetime(2026, 9, 30, 22, tzinfo=UTC), None)
OCTOBER: BillingPeriod = billing_period_containing(datetime(2026, 10, 15, tzinfo=UTC), BERLIN)
MID_OCTOBER = datetime(2026, 10, 15, 12, tzinfo=UTC)
SECOND_OF_NOVEMBER = datetime(2026, 11, 2, 6, tzinfo=UTC)
THIRD_OF_NOVEMBER = SECOND_OF_NOVEMBER + timedelta(days=1)
FIRST_RUN: BillRunId = bill_run_id(SECOND_OF_NOVEMBER)
NOTHING_READ = UsageManifest(sealed=(), late=(), digest="nothing")

API_CALLS = MeterCode("api_calls")
TEN_CENTS_THEN_FIVE = Graduated((Tier(Decimal(100), Decimal("0.10")), Tier(None, Decimal("0.05"))))


def euros(amount: str) -> Money:
    return Money(Decimal(amount), EUR)


def price(model: ChargeModel, *, code: str = "EUR", valid: Period = ALWAYS) -> Price:
    return Price(currency=currency(code), valid=valid, model=model)


def usage_charge(*prices: Price, charge_id: str = "api-calls", match: tuple[tuple[str, str], ...] = ()) -> Charge:
    return Charge(
        charge_id=ChargeId(charge_id), product_id=ProductId("api"), meter=API_CALLS, prices=prices, match=match
    )


def fee(*prices: Price) -> Charge:
    return Charge(charge_id=ChargeId("base-fee"), product_id=ProductId("platform"), meter=None, prices=prices)


BASE_FEE = fee(price(Flat(Decimal(99))))
GRADUATED_CALLS = usage_charge(price(TEN_CENTS_THEN_FIVE))


def plan(*charges: Charge, plan_id: str = "growth") -> Plan:
    return Plan(plan_id=PlanId(plan_id), name="Growth", charges=charges)


def subscription(*, active: Period = SINCE_OCTOBER, name: str = "s-acme", plan_id: str = "growth") -> Subscription:
    return Subscription(subscription_id=SubscriptionId(name), plan_id=PlanId(plan_id), active=active)


def contract(*subscriptions: Subscription, active: Period = SINCE_OCTOBER, contract_id: str = "c-acme") -> Contract:
    return Contract(
        contract_id=ContractId(contract_id),
        customer_id=CustomerId("acme"),
        legal_entity_id=LegalEntityId("nimbus-de"),
        currency=EUR,
        active=active,
        payment_terms=NetDays(30),
        subscriptions=subscriptions or (subscription(),),
        purchase_order="PO-88",
    )


ACME = Customer(
    customer_id=CustomerId("acme"),
    name="ACME Corporation",
    country="DE",
    time_zone=BERLIN,
    known_as=(Dated("acme", ALWAYS), Dated("acme-production", ALWAYS)),
)


def nimbus(*, approval: ApprovalPolicy | None = None, products: Sequence[str] = ("platform", "api")) -> LegalEntity:
    return LegalEntity(
        legal_entity_id=LegalEntityId("nimbus-de"),
        name="Nimbus Deutschland GmbH",
        country="DE",
        functional_currency=EUR,
        invoice_series="DE-",
        erp=ErpMapping(
            system="business_central",
            connection="nimbus-de/business-central",
            company="8d2e4c1b-6f70-4a39-b1c5-0e9d7a2f3b64",
            receivable_account="1400",
            tax_account="1776",
            products={ProductId(product): "8400" for product in products},
            tax_codes={"DE-19": "VAT19"},
        ),
        approval=approval,
    )


def german_vat(rate: str = "0.19", *, valid: Period = ALWAYS) -> TaxRate:
    code = f"DE-{Decimal(rate) * 100:.0f}"
    return TaxRate(
        code=code, seller_country="DE", buyer_country="DE", category="standard", rate=Decimal(rate), valid=valid
    )


def catalog(
    *,
    plans: Sequence[Plan] = (plan(BASE_FEE, GRADUATED_CALLS),),
    contracts: Sequence[Contract] = (contract(),),
    entity: LegalEntity | None = None,
    tax_rates: Sequence[TaxRate] = (german_vat(),),
) -> Catalog:
    return Catalog(
        tenant=TENANT,
        name="Nimbus Cloud",
        legal_entities=(entity or nimbus(),),
        customers=(ACME,),
        contracts=tuple(contracts),
        products=(
            Product(product_id=ProductId("platform"), name="Platform", tax_category="standard"),
            Product(product_id=ProductId("api"), name="API requests", tax_category="standard"),
        ),
        meters=(Meter(code=API_CALLS, name="API requests", unit="request", aggregation=Aggregation.COUNT),),
        plans=tuple(plans),
        tax_rates=tuple(tax_rates),
    )


def calls(count: int, *, at: datetime = MID_OCTOBER, dimensions: tuple[tuple[str, str], ...] = ()) -> WindowUsage:
    key = WindowKey(customer_id=CustomerId("acme"), meter=API_CALLS, window_start=at, dimensions=dimensions)
    return WindowUsage(key=key, events=count, state=CountState(count))


def account(*contracts: Contract) -> CustomerAccount:
    return CustomerAccount(customer=ACME, contracts=contracts or (contract(),))


def a_draft(*windows: WindowUsage, prepared_by: str = FIRST_RUN) -> Invoice:
    """Return October's draft, before tax."""
    source = catalog()
    rated = rate_contract(
        account=account(),
        contract=contract(),
        plans={one.plan_id: one for one in source.plans},
        billing_period=OCTOBER.period,
        windows=windows,
    )
    products = {product.product_id: product for product in source.products}
    settled_by = SettledBy(contract=contract(), products=products, zone=BERLIN)
    lines = settled_by.lines(rated, OCTOBER.period)
    return draft_invoice(
        contract=contract(),
        billing_period=OCTOBER,
        own=OwnLines(taking=lines, without=lines),
        issues=rated.issues,
        origin=DraftOrigin(
            tenant=TENANT, manifest=NOTHING_READ, catalog_version=CatalogVersion("v1"), prepared_by=prepared_by
        ),
    )


def published(source: Catalog, version: str = "v1") -> InMemoryMasterData:
    """Return the catalogue as published master data."""
    master_data = InMemoryMasterData()
    master_data.write(CatalogVersion(version), source)
    master_data.publish(CatalogVersion(version))
    return master_data
