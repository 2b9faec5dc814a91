"""One customer's March as the tie-out sees it: windows of the ledger, and an invoice with whatever lines."""

from datetime import UTC, datetime
from decimal import Decimal

from shared.domain.identifiers import (
    CatalogVersion,
    ChargeId,
    ContractId,
    CustomerId,
    InvoiceId,
    LegalEntityId,
    MeterCode,
    ProductId,
    SubscriptionId,
    TenantId,
)
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceState, InvoiceTax, RatedPart
from shared.domain.metering.aggregate import WindowKey
from shared.domain.metering.reading import usage_manifest
from shared.domain.money import Money, currency
from shared.domain.time_period import BillingPeriod

ACME = CustomerId("acme")
CALLS = MeterCode("api_calls")
SEATS = MeterCode("active_users")
NIMBUS_DE = LegalEntityId("nimbus-de")
EUR = currency("EUR")
APRIL = BillingPeriod("2026-04", datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
MARCH = BillingPeriod("2026-03", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


def window(day: int, meter: MeterCode = CALLS) -> WindowKey:
    return WindowKey(ACME, meter, datetime(2026, 3, day, tzinfo=UTC), ())


APRIL_FOOL = WindowKey(ACME, CALLS, datetime(2026, 4, 1, tzinfo=UTC), ())


def line(quantity: str, price: str, amount: str, meter: MeterCode = CALLS) -> InvoiceLine:
    precise = Decimal(quantity) * Decimal(price)
    return InvoiceLine(
        line_id=f"sub-1/{meter}",
        subscription_id=SubscriptionId("sub-1"),
        charge_id=ChargeId(meter),
        product_id=ProductId("API"),
        description="API calls",
        meter=meter,
        quantity=Decimal(quantity),
        price=f"{price} each",
        parts=(RatedPart("per unit", Decimal(quantity), Decimal(price), Decimal(0), precise),),
        precise_amount=precise,
        amount=Money(Decimal(amount), EUR),
        service_period=MARCH.period,
        tax_category="standard",
    )


def invoice(*lines: InvoiceLine) -> Invoice:
    net = sum((item.amount.amount for item in lines), Decimal(0))
    return Invoice(
        tenant=TenantId("nimbus"),
        invoice_id=InvoiceId("acme-1/2026-03"),
        revision=1,
        state=InvoiceState.POSTED,
        customer_id=ACME,
        contract_id=ContractId("acme-1"),
        legal_entity_id=NIMBUS_DE,
        billing_period=MARCH,
        lines=lines,
        taxes=(InvoiceTax(code="VAT20", rate=Decimal("0.2"), base=Money(net, EUR), amount=Money(net / 5, EUR)),),
        net=Money(net, EUR),
        tax=Money(net / 5, EUR),
        gross=Money(net * Decimal("1.2"), EUR),
        manifest=usage_manifest(sealed=(), late=()),
        catalog_version=CatalogVersion("1"),
        prepared_by="bill-run",
    )
