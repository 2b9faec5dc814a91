"""Issued invoices of Nimbus for ACME with whatever lines, and the documents that go out for them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from shared.domain.currency_exchange.converted import converted
from shared.domain.identifiers import (
    CatalogVersion,
    ChargeId,
    InvoiceId,
    InvoiceNumber,
    MeterCode,
    ProductId,
    SubscriptionId,
)
from shared.domain.invoice_document.compose import DocumentSources, compose_document
from shared.domain.invoice_document.document import InvoiceDocument
from shared.domain.invoicing.invoice import (
    Adjustment,
    Invoice,
    InvoiceLine,
    InvoiceState,
    InvoiceTax,
    RatedPart,
    invoice_id,
)
from shared.domain.invoicing.totals import totals
from shared.domain.master_data.party import (
    BankAccount,
    BuyerDetails,
    Contact,
    ElectronicAddress,
    PostalAddress,
    SellerDetails,
)
from shared.domain.master_data.payment_terms import NetDays
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.money import EXACT, Money, currency, total
from shared.domain.time_period import Period
from shared.domain.vat_category import VatCategory
from tests.builders.billing import ACME, EUR, NOTHING_READ, OCTOBER, TENANT, contract, nimbus, plan
from tests.builders.exchange_rates import FRIDAYS_RATE

NIMBUS_DETAILS = SellerDetails(
    address=PostalAddress(lines=("Invalidenstraße 117", "2. Hof"), postal_code="10115", city="Berlin"),
    vat_id="DE136695976",
    registration_number="HRB 204117 B",
    electronic_address=ElectronicAddress(scheme="EM", identifier="invoices@nimbus.example"),
    contact=Contact(name="Accounts receivable", phone="+49 30 5550 1010", email="billing@nimbus.example"),
    bank_account=BankAccount(number="DE89370400440532013000", holder="Nimbus Deutschland GmbH", bank="COBADEFFXXX"),
    legal_note="Nimbus Deutschland GmbH, Berlin. Amtsgericht Charlottenburg HRB 204117 B. Director: Ida Brandt",
    e_invoices=True,
)
ACME_DETAILS = BuyerDetails(
    address=PostalAddress(lines=("Hafenstraße 12",), postal_code="20457", city="Hamburg"), reference="04011000-12345-34"
)
NIMBUS = replace(nimbus(), details=NIMBUS_DETAILS)
ACME_AG = replace(ACME, name="ACME Logistik AG", tax_id="DE811907980", email="ap@acme.example", details=ACME_DETAILS)
METERS = {
    MeterCode(code): Meter(code=MeterCode(code), name=name, unit=unit, aggregation=Aggregation.SUM)
    for code, name, unit in (
        ("api_calls", "API requests", "request"),
        ("traffic", "Data transfer", "GB"),
        ("storage", "Peak storage", "GiB"),
    )
}
STANDARD = InvoiceTax(
    code="DE-19",
    rate=Decimal("0.19"),
    base=Money.zero(currency("EUR")),
    amount=Money.zero(currency("EUR")),
    vat_category=VatCategory.STANDARD,
)


def of_rate(rate: str, category: VatCategory | None, *, code: str = "", reason: str = "") -> InvoiceTax:
    """Return a kind of tax; its base and amount follow from the lines that have it."""
    return replace(
        STANDARD,
        code=code or f"{category}-{rate}",
        rate=Decimal(rate),
        vat_category=category,
        exemption_reason=reason,
    )


def usage_line(
    quantity: str,
    unit_price: str = "",
    *,
    code: str = "EUR",
    tax: InvoiceTax = STANDARD,
    description: str = "API requests",
    meter: str = "api_calls",
    name: str = "s-acme/api-calls",
    product: str = "api",
) -> InvoiceLine:
    """Return a line of usage at a unit price; without one, at ten cents up to 100 and at five above."""
    used = Decimal(quantity)
    parts = (_part("per unit", used, unit_price),) if unit_price else _ten_cents_then_five(used)
    return _line(
        parts,
        quantity=used,
        price=f"{unit_price} each" if unit_price else "graduated: to 100 0.1 each, above 0.05 each",
        code=code,
        tax=tax,
        description=description,
        meter=MeterCode(meter),
        name=name,
        product=product,
    )


def fee_line(amount: str = "99", **others: object) -> InvoiceLine:
    given = {"code": "EUR", "tax": STANDARD, "description": "Growth plan", "name": "s-acme/base-fee", **others}
    return _line(
        (RatedPart("flat", Decimal(1), Decimal(0), Decimal(amount), Decimal(amount)),),
        quantity=Decimal(1),
        price=f"flat {amount}",
        meter=None,
        product="platform",
        **given,  # type: ignore[arg-type]
    )


def adjusted(line: InvoiceLine, *, quantity: str, amount: str, number: str | None = "DE-000007") -> InvoiceLine:
    """Return what a line comes to as an adjustment of September, when this much had been billed before."""
    before = Money(Decimal(amount), line.amount.currency)
    september = Period(datetime(2026, 8, 31, 22, tzinfo=UTC), datetime(2026, 9, 30, 22, tzinfo=UTC))
    return replace(
        line,
        line_id=f"{line.line_id}@2026-09",
        description=f"{line.description} (2026-09, adjusts {number})",
        quantity=EXACT.subtract(line.quantity, Decimal(quantity)),
        amount=line.amount - before,
        service_period=september,
        adjusts=Adjustment(
            invoice_id=InvoiceId("c-acme/2026-09"),
            invoice_number=InvoiceNumber(number) if number else None,
            quantity=Decimal(quantity),
            amount=before,
        ),
    )


def discount_line(amount: str, **others: object) -> InvoiceLine:
    """Return a line that takes something off another one: one unit of a negative amount."""
    line = fee_line("0", **{"description": "Partner discount, 10 %", "name": "s-acme/base-fee+partner", **others})
    off = Money(Decimal(amount), line.amount.currency)
    part = RatedPart("10 % of 99.00", Decimal(1), Decimal(0), off.amount, off.amount)
    return replace(line, parts=(part,), precise_amount=off.amount, amount=off)


def issued_invoice(*lines: InvoiceLine, taxes: Sequence[InvoiceTax] = (STANDARD,)) -> Invoice:
    """Return the invoice with one tax for each kind of tax that its lines have, in books that are kept in euros."""
    of = lines[0].amount.currency
    by_kind = defaultdict[tuple[str, Decimal | None, VatCategory | None], list[Money]](list)
    for line in lines:
        by_kind[line.tax_code, line.tax_rate, line.vat_category].append(line.amount)
    bases = [(tax, total(by_kind.get((tax.code, tax.rate, tax.vat_category), []), of)) for tax in taxes]
    taxed = tuple(replace(tax, base=base, amount=(base * tax.rate).rounded()) for tax, base in bases)
    sums = totals(lines, taxed, of)
    return Invoice(
        tenant=TENANT,
        invoice_id=invoice_id(contract().contract_id, OCTOBER),
        revision=1,
        state=InvoiceState.ISSUED,
        customer_id=ACME.customer_id,
        contract_id=contract().contract_id,
        legal_entity_id=NIMBUS.legal_entity_id,
        billing_period=OCTOBER,
        lines=lines,
        taxes=taxed,
        net=sums.net,
        tax=sums.tax,
        gross=sums.gross,
        manifest=NOTHING_READ,
        catalog_version=CatalogVersion("v1"),
        prepared_by="bill-run",
        number=InvoiceNumber("DE-000042"),
        invoice_date=date(2026, 11, 2),
        due_date=date(2026, 12, 2),
        payment_terms=NetDays(30),
        converted=None if of == EUR else converted(sums.net, sums.tax, replace(FRIDAYS_RATE, quote=of)),
    )


def sources() -> DocumentSources:
    growth = plan()
    return DocumentSources(
        contract=contract(), buyer=ACME_AG, entity=NIMBUS, plans={growth.plan_id: growth}, meters=METERS
    )


def document(
    *lines: InvoiceLine, taxes: Sequence[InvoiceTax] = (STANDARD,), known: DocumentSources | None = None
) -> InvoiceDocument:
    """Return what goes out for these lines; for a fee and some usage where none are given."""
    return compose_document(issued_invoice(*(lines or usual_lines()), taxes=taxes), known or sources())


def usual_lines() -> tuple[InvoiceLine, ...]:
    return (
        fee_line(),
        usage_line("12300"),
        usage_line("80.5", "0.0725", description="Data transfer", meter="traffic", name="s-acme/gb"),
    )


def _ten_cents_then_five(used: Decimal) -> tuple[RatedPart, ...]:
    first = min(used, Decimal(100))
    parts = (_part("tier 1: to 100", first, "0.10"), _part("tier 2: above 100", used - first, "0.05"))
    return parts if used > first else parts[:1]


def _part(label: str, quantity: Decimal, unit_price: str) -> RatedPart:
    return RatedPart(label, quantity, Decimal(unit_price), Decimal(0), quantity * Decimal(unit_price))


def _line(
    parts: tuple[RatedPart, ...],
    *,
    quantity: Decimal,
    price: str,
    code: str,
    tax: InvoiceTax,
    description: str,
    meter: MeterCode | None,
    name: str,
    product: str,
) -> InvoiceLine:
    precise = sum((part.amount for part in parts), Decimal(0))
    subscription_id, _, charge_id = name.partition("/")
    return InvoiceLine(
        line_id=name,
        subscription_id=SubscriptionId(subscription_id),
        charge_id=ChargeId(charge_id),
        product_id=ProductId(product),
        description=description,
        meter=meter,
        quantity=quantity,
        price=price,
        parts=parts,
        precise_amount=precise,
        amount=Money(precise, currency(code)).rounded(),
        service_period=OCTOBER.period,
        tax_category="standard",
        tax_code=tax.code,
        tax_rate=tax.rate,
        vat_category=tax.vat_category,
    )
