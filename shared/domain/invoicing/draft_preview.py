"""The draft of a contract's billing period as it would be now, what it is worth by now, and what would become of it.

Two figures with two names. What is billed if the period is closed now has its fees, minimums and true-ups in full, as
its invoice will; the accrual value has their share of the time that has passed. What earlier billing periods would
adjust is on no preview.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile

from shared.domain.identifiers import CatalogVersion, ContractId, InvoiceId
from shared.domain.invoicing.accrual import accruing
from shared.domain.invoicing.adjustments import OwnLines
from shared.domain.invoicing.approval import InvoiceHistory, approval_reasons
from shared.domain.invoicing.billing_calendar import billing_periods, last_billing_periods
from shared.domain.invoicing.buyer import buyer_of
from shared.domain.invoicing.conversion import conversion_rate
from shared.domain.invoicing.draft import DraftOrigin, draft_invoice
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, invoice_id
from shared.domain.invoicing.priced_usage import PricedUsage, RatedPeriod, by_customer
from shared.domain.invoicing.validation import validate
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.catalog import Catalog, Contract, LegalEntity
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.reading import UsageManifest
from shared.domain.money import Money, total
from shared.domain.tax.document import quoted_document
from shared.domain.tax.on_invoice import with_tax
from shared.domain.tax.table import TableTax
from shared.domain.time_period import BillingPeriod, format_instant

_NOTHING_READ = UsageManifest(sealed=(), late=(), digest="")


class NotPreviewedError(ValueError):
    """There is no such contract, or it has no such billing period by then; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPreview:
    """`draft` is what is billed if the period is closed now: gross, or without tax where an outside engine is asked.

    `accrual_value` is net. `stops` would keep the draft from its issue; `approval` is why it would wait for a person.
    """

    draft: Invoice
    as_of: datetime
    accrual_value: Money
    is_taxed: bool
    stops: tuple[Issue, ...]
    approval: tuple[Issue, ...]


def preview_draft(
    catalog: Catalog,
    windows: Iterable[WindowUsage],
    contract_id: ContractId,
    *,
    as_of: datetime,
    period: str = "",
    issued: Mapping[InvoiceId, Money],
) -> DraftPreview:
    """Return the draft of a billing period, by default of the one that an instant is in; raise NotPreviewedError.

    `issued` are the gross amounts of all invoices that are issued, which approval policies look back at.
    """
    priced = PricedUsage(catalog, by_customer(windows))
    contract = priced.contracts.get(contract_id)
    if contract is None:
        raise NotPreviewedError(f"the catalogue has no contract {contract_id}")
    chosen = _period(priced, contract, period, as_of)
    before = priced.lines_before(contract_id, chosen)
    rated = priced.rated(contract_id, chosen, before)
    accrued = _accrued(priced, contract, chosen, before, as_of)
    entity = next(one for one in catalog.legal_entities if one.legal_entity_id == contract.legal_entity_id)
    draft = _draft(catalog, contract, chosen, rated)
    taxed = draft if entity.tax.is_outside else _taxed(draft, entity, priced)
    rate = conversion_rate(contract.currency, entity, on=entity.day_of(as_of), published=lambda: catalog.exchange_rates)
    buyer = buyer_of(draft, priced.accounts)
    issues = validate(taxed, entity=entity, holds=(), contract=contract, buyer=buyer, rate=rate)
    return DraftPreview(
        draft=replace(taxed, issues=issues),
        as_of=as_of,
        accrual_value=total((line.amount for line in accrued.lines), contract.currency),
        is_taxed=not entity.tax.is_outside,
        stops=tuple(issue for issue in issues if issue.severity is Severity.CRITICAL),
        approval=approval_reasons(taxed, entity.approval, _history(priced, contract, entity, chosen, issued)),
    )


def _period(priced: PricedUsage, contract: Contract, name: str, as_of: datetime) -> BillingPeriod:
    periods = billing_periods(contract, priced.zone(contract))
    begun = list(takewhile(lambda one: max(one.start, contract.active.start) < as_of, periods))
    if not name and begun:
        return begun[-1]
    chosen = next((one for one in begun if one.name == name), None)
    if chosen is None:
        which = f"billing period {name}" if name else "billing period at all"
        raise NotPreviewedError(f"{contract.contract_id} has no {which} that has begun by {format_instant(as_of)}")
    return chosen


def _accrued(
    priced: PricedUsage,
    contract: Contract,
    period: BillingPeriod,
    before: Iterable[tuple[InvoiceLine, ...]],
    as_of: datetime,
) -> RatedPeriod:
    catalog = accruing(priced.catalog, contract, min(as_of, period.end), priced.zone(contract))
    return PricedUsage(catalog, priced.usage).rated(contract.contract_id, period, before)


def _draft(catalog: Catalog, contract: Contract, period: BillingPeriod, rated: RatedPeriod) -> Invoice:
    return draft_invoice(
        contract=contract,
        billing_period=period,
        own=OwnLines(taking=rated.lines, without=rated.lines),
        issues=rated.issues,
        origin=DraftOrigin(
            tenant=catalog.tenant, manifest=_NOTHING_READ, catalog_version=CatalogVersion(""), prepared_by="preview"
        ),
    )


def _taxed(draft: Invoice, entity: LegalEntity, priced: PricedUsage) -> Invoice:
    buyer = buyer_of(draft, priced.accounts)
    assert buyer is not None, "a catalogue has the customers that its contracts name"
    quotation = TableTax(priced.catalog.tax_rates).quote(quoted_document(draft, seller=entity, buyer=buyer))
    return with_tax(draft, quotation, tax_id=buyer.tax_id)


def _history(
    priced: PricedUsage,
    contract: Contract,
    entity: LegalEntity,
    period: BillingPeriod,
    issued: Mapping[InvoiceId, Money],
) -> InvoiceHistory:
    policy, zone = entity.approval, priced.zone(contract)
    most = policy.deviation.of_last if policy is not None and policy.deviation is not None else 1
    names = [invoice_id(contract.contract_id, one) for one in last_billing_periods(contract, period, zone, most=most)]
    own = {one.contract_id for one in priced.accounts[contract.customer_id].contracts}
    others = (name for name in issued if name != invoice_id(contract.contract_id, period))
    return InvoiceHistory(
        of_contract=tuple(issued[name] for name in names if name in issued),
        of_customer=any(name.rpartition("/")[0] in own for name in others),
    )
