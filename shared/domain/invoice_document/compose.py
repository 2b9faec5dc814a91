"""Compose the document of an issued invoice from the invoice and the master data of its parties."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.code_lists import VAT_ID_PREFIXES
from shared.domain.identifiers import MeterCode, PlanId
from shared.domain.invoice_document.document import (
    AdjustedCharge,
    DocumentLine,
    DocumentParty,
    DocumentTax,
    InvoiceDocument,
)
from shared.domain.invoice_document.quantities import invoiced_quantity
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceTax
from shared.domain.master_data.catalog import Contract, LegalEntity, Plan
from shared.domain.master_data.customer import Customer
from shared.domain.master_data.party import ElectronicAddress
from shared.domain.metering.meter import Meter
from shared.domain.posting.compose import NotIssuedError
from shared.domain.time_period import local_days
from shared.domain.vat_category import category_of

EMAIL = "EM"  # the scheme of electronic addresses that are email addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSources:
    """The master data that a document quotes."""

    contract: Contract
    buyer: Customer
    entity: LegalEntity
    plans: Mapping[PlanId, Plan]
    meters: Mapping[MeterCode, Meter]
    members: tuple[Contract, ...] = ()


def compose_document(invoice: Invoice, sources: DocumentSources) -> InvoiceDocument:
    """Return the document of an issued invoice; raise NotIssuedError for any other."""
    if invoice.number is None or invoice.invoice_date is None or invoice.due_date is None:
        raise NotIssuedError(invoice.invoice_id)
    first, last = local_days(invoice.billing_period.period, sources.buyer.time_zone)
    return InvoiceDocument(
        tenant=invoice.tenant,
        invoice_id=invoice.invoice_id,
        revision=invoice.revision,
        legal_entity_id=invoice.legal_entity_id,
        customer_id=invoice.buyer_id,
        contract_id=invoice.contract_id,
        number=invoice.number,
        issue_date=invoice.invoice_date,
        due_date=invoice.due_date,
        period_from=first,
        period_to=last,
        seller=_seller(sources.entity),
        buyer=_buyer(sources.buyer),
        buyer_reference=sources.buyer.details.reference,
        purchase_order=sources.contract.purchase_order,
        bank_account=sources.entity.details.bank_account,
        lines=tuple(_line(number, line, sources) for number, line in enumerate(invoice.lines, start=1)),
        taxes=tuple(map(document_tax, invoice.taxes)),
        net=invoice.net,
        tax=invoice.tax,
        gross=invoice.gross,
        e_invoice=sources.entity.details.e_invoices,
        payment_terms=invoice.payment_terms,
        converted=invoice.converted,
    )


def _seller(entity: LegalEntity) -> DocumentParty:
    details = entity.details
    return DocumentParty(
        name=entity.name,
        country=entity.country,
        address=details.address,
        tax_id=details.vat_id,
        vat_id=details.vat_id,
        registration_number=details.registration_number,
        electronic_address=details.electronic_address,
        contact=details.contact,
        legal_note=details.legal_note,
    )


def _buyer(customer: Customer) -> DocumentParty:
    details = customer.details
    by_email = ElectronicAddress(scheme=EMAIL, identifier=customer.email) if customer.email else None
    return DocumentParty(
        name=customer.name,
        country=customer.country,
        address=details.address,
        tax_id=customer.tax_id,
        vat_id=customer.tax_id if customer.tax_id[:2] in VAT_ID_PREFIXES else "",
        registration_number=details.registration_number,
        electronic_address=details.electronic_address or by_email,
    )


def _line(number: int, line: InvoiceLine, sources: DocumentSources) -> DocumentLine:
    first, last = local_days(line.service_period, sources.buyer.time_zone)
    meter = sources.meters.get(line.meter) if line.meter is not None else None
    unit = meter.unit if meter is not None else ""
    before = line.adjusts
    assert line.tax_rate is not None, "no line is issued without its tax"
    return DocumentLine(
        line_no=number,
        contract=line.contract_id or "",
        subscription=line.subscription_id or "",
        plan=_plan_name(line, sources),
        product_id=line.product_id,
        description=line.description,
        quantity=line.quantity,
        unit=unit,
        price=line.price,
        parts=line.parts,
        invoiced=invoiced_quantity(line, unit),
        amount=line.amount,
        service_from=first,
        service_to=last,
        vat_category=category_of(line.tax_rate, line.vat_category),
        tax_rate=line.tax_rate,
        adjusts=AdjustedCharge(number=before.invoice_number, quantity=before.quantity, amount=before.amount)
        if before
        else None,
    )


def _plan_name(line: InvoiceLine, sources: DocumentSources) -> str:
    contract_id = line.contract_id or sources.contract.contract_id
    contracts = [one for one in (sources.contract, *sources.members) if one.contract_id == contract_id]
    for subscription in (one for contract in contracts for one in contract.subscriptions):
        plan = sources.plans.get(subscription.plan_id)
        if subscription.subscription_id == line.subscription_id and plan is not None:
            return plan.name
    return ""


def document_tax(tax: InvoiceTax) -> DocumentTax:
    return DocumentTax(
        code=tax.code,
        category=category_of(tax.rate, tax.vat_category),
        rate=tax.rate,
        base=tax.base,
        amount=tax.amount,
        exemption_reason=tax.exemption_reason,
    )
