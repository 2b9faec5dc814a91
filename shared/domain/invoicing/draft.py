"""Make an invoice draft of what a rating found. Each line is rounded here, once."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.identifiers import CatalogVersion, ProductId, TenantId
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceState, invoice_id
from shared.domain.invoicing.totals import totals
from shared.domain.issue import Severity
from shared.domain.master_data.catalog import Contract, Product
from shared.domain.metering.reading import UsageManifest
from shared.domain.money import Currency, Money
from shared.domain.rating.contract import RatedContract
from shared.domain.rating.rated_charge import RatedCharge
from shared.domain.time_period import BillingPeriod

FIRST_REVISION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOrigin:
    """What a draft was made from and by whom."""

    tenant: TenantId
    manifest: UsageManifest
    catalog_version: CatalogVersion
    prepared_by: str


def draft_invoice(
    *,
    contract: Contract,
    billing_period: BillingPeriod,
    rated: RatedContract,
    products: Mapping[ProductId, Product],
    origin: DraftOrigin,
) -> Invoice:
    """Return the draft, without tax yet. Without a line and without a fault there is nothing to bill."""
    lines = tuple(_line(charge, products[charge.product_id], contract.currency) for charge in rated.charges)
    has_faults = any(issue.severity is Severity.CRITICAL for issue in rated.issues)
    sums = totals(lines, (), contract.currency)
    return Invoice(
        tenant=origin.tenant,
        invoice_id=invoice_id(contract.contract_id, billing_period),
        revision=FIRST_REVISION,
        state=InvoiceState.DRAFT if lines or has_faults else InvoiceState.NOTHING_TO_BILL,
        customer_id=contract.customer_id,
        contract_id=contract.contract_id,
        legal_entity_id=contract.legal_entity_id,
        billing_period=billing_period,
        lines=lines,
        taxes=(),
        net=sums.net,
        tax=sums.tax,
        gross=sums.gross,
        manifest=origin.manifest,
        catalog_version=origin.catalog_version,
        prepared_by=origin.prepared_by,
        issues=rated.issues,
    )


def _line(charge: RatedCharge, product: Product, currency: Currency) -> InvoiceLine:
    return InvoiceLine(
        line_id=f"{charge.subscription_id}/{charge.charge_id}",
        subscription_id=charge.subscription_id,
        charge_id=charge.charge_id,
        product_id=charge.product_id,
        description=charge.description or product.name,
        meter=charge.meter,
        quantity=charge.quantity,
        parts=charge.parts,
        precise_amount=charge.precise_amount,
        amount=Money(charge.precise_amount, currency).rounded(),
        service_period=charge.service_period,
        tax_category=product.tax_category,
    )
