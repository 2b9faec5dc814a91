"""Make an invoice draft of what a rating found, and of what it takes of earlier periods."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.identifiers import CatalogVersion, TenantId
from shared.domain.invoicing.adjustments import OwnLines, fitting
from shared.domain.invoicing.invoice import AdjustedPeriod, Invoice, InvoiceState, PeriodAdjustment, invoice_id
from shared.domain.invoicing.kept_back import KeptBack, as_issue
from shared.domain.invoicing.revisions import FIRST_REVISION
from shared.domain.invoicing.standing import Standing
from shared.domain.invoicing.totals import totals
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.catalog import Contract
from shared.domain.metering.reading import UsageManifest
from shared.domain.time_period import BillingPeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOrigin:
    """What a draft was made from and by whom, and how many voided invoices of its contract it knows of."""

    tenant: TenantId
    manifest: UsageManifest
    catalog_version: CatalogVersion
    prepared_by: str
    voids_known: int = 0


def draft_invoice(
    *,
    contract: Contract,
    billing_period: BillingPeriod,
    own: OwnLines,
    issues: tuple[Issue, ...],
    origin: DraftOrigin,
    earlier: Iterable[PeriodAdjustment | KeptBack] = (),
    revision: int = FIRST_REVISION,
    rebilled: AdjustedPeriod | None = None,
    set_right: tuple[Standing, ...] = (),
) -> Invoice:
    """Return the draft, without tax yet. Without a line and without a fault there is nothing to bill."""
    fitted = fitting(own, earlier)
    lines = fitted.lines
    has_faults = any(issue.severity is Severity.CRITICAL for issue in issues)
    sums = totals(lines, (), contract.currency)
    return Invoice(
        tenant=origin.tenant,
        invoice_id=invoice_id(contract.contract_id, billing_period),
        revision=revision,
        state=InvoiceState.DRAFT if lines or has_faults else InvoiceState.NOTHING_TO_BILL,
        customer_id=contract.customer_id,
        bill_to=contract.bill_to,
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
        adjusted=(*fitted.adjusted, rebilled) if rebilled else fitted.adjusted,
        left_over=fitted.left_over,
        set_right=set_right,
        voids_known=origin.voids_known,
        issues=(*issues, *map(as_issue, fitted.kept_back)),
    )
