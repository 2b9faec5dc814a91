"""Our documents in Business Central's fields, and its fields as our reading."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from shared.adapters.erp.business_central.tax import difference_lines, tax_in_lines
from shared.adapters.erp.customer_key import customer_key
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Money, UnknownCurrencyError, currency
from shared.domain.posting.document import DocumentKind, PostingDocument, PostingLine, PostingParty
from shared.domain.posting.outcome import ErpRef, LookupFailed, PostedDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesDocument:
    """What Business Central calls a kind of document, its lines and its date."""

    collection: str
    lines: str
    date: str


SALES_DOCUMENTS: Final = {
    DocumentKind.INVOICE: SalesDocument(collection="salesInvoices", lines="salesInvoiceLines", date="invoiceDate"),
    DocumentKind.CREDIT_MEMO: SalesDocument(
        collection="salesCreditMemos", lines="salesCreditMemoLines", date="creditMemoDate"
    ),
}
_COMMENT: Final = "Comment"
NOT_IN_THE_LEDGER: Final = {"", "Draft", "In Review"}
CANCELED: Final = "Canceled"


def customer_fields(party: PostingParty, number: str) -> dict[str, object]:
    optional = {"country": party.country, "email": party.email, "taxRegistrationNumber": party.tax_id}
    given = {name: text for name, text in optional.items() if text}
    return {"number": number, "displayName": party.name, "type": "Company", **given}


def document_fields(document: PostingDocument, entity: LegalEntity) -> dict[str, object]:
    code = document.gross.currency.code
    names = SALES_DOCUMENTS[document.kind]
    lines = [_line_fields(line, entity) for line in document.lines] + difference_lines(document, entity.erp)
    # The header has two references: our key, and the customer's order, which a credit memo has not.
    number = {"lineType": _COMMENT, "description": document.human_number, "description2": document.external_ref}
    return {
        "externalDocumentNumber": document.external_ref,
        "customerNumber": customer_key(document.party.customer_id),
        names.date: document.document_date.isoformat(),
        "postingDate": document.posting_date.isoformat(),
        "dueDate": document.due_date.isoformat(),
        # The local currency goes as blank; its code is not one of Business Central's foreign currencies.
        "currencyCode": "" if document.gross.currency == entity.functional_currency else _erp_currency(code, entity),
        names.lines: [number, *lines],
        # A credit memo is applied to its invoice, which is how it is found; it has no order reference.
        **(
            {"invoiceId": document.corrects.erp_ref}
            if document.corrects
            else {"customerPurchaseOrderReference": document.purchase_order or document.human_number}
        ),
    }


def posted_document(
    fields: Mapping[str, Any], entity: LegalEntity, kind: DocumentKind
) -> PostedDocument | LookupFailed:
    lines = fields.get(SALES_DOCUMENTS[kind].lines, [])
    try:
        tax = tax_in_lines(lines, entity.erp)
        unit = currency(our_currency(fields["currencyCode"], entity))
        return PostedDocument(
            ref=ErpRef(str(fields["id"])),
            external_ref=str(fields["externalDocumentNumber"]),
            number=str(fields["number"]),
            posted=str(fields["status"]).strip() not in NOT_IN_THE_LEDGER,
            accounting_period=date.fromisoformat(fields["postingDate"]).strftime("%Y-%m"),
            net=Money(Decimal(fields["totalAmountExcludingTax"]) - tax, unit),
            tax=Money(Decimal(fields["totalTaxAmount"]) + tax, unit),
            gross=Money(Decimal(fields["totalAmountIncludingTax"]), unit),
            human_number=_our_number(lines, str(fields["externalDocumentNumber"])),
        )
    except (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError) as error:
        return LookupFailed(f"the document cannot be read: {type(error).__name__}")


def state_of(fields: Mapping[str, Any]) -> str:
    """Return how a document stands, in Business Central's words; "" also where it does not say."""
    return str(fields.get("status", "")).strip()


def _our_number(lines: Iterable[Mapping[str, Any]], external_ref: str) -> str | None:
    """Return what the comment with our key says, among others that people may have written; None without one."""
    comments = (line for line in lines if line.get("lineType") == _COMMENT)
    return next((str(line.get("description")) for line in comments if line.get("description2") == external_ref), None)


def _line_fields(line: PostingLine, entity: LegalEntity) -> dict[str, object]:
    # Quantity 1 at the line's amount: the ERP's own product of quantity and price could round otherwise.
    return {
        "lineType": "Account",
        "lineObjectNumber": entity.erp.products[line.product_id],
        "description": line.description,
        "description2": f"{line.service_from} to {line.service_to}",  # the lines have no dates of service
        "quantity": 1,
        "unitPrice": line.amount.amount,
        "taxCode": entity.erp.tax_codes[line.tax_code],
        **dimension_lines(line.dimensions, entity),
    }


def dimension_lines(dimensions: Iterable[tuple[str, str]], entity: LegalEntity) -> dict[str, object]:
    """Return the dimensions of a line as its nested dimensionSetLines; nothing for a line without any."""
    lines = [{"code": entity.erp.dimensions[name].field, "valueCode": value} for name, value in dimensions]
    return {"dimensionSetLines": lines} if lines else {}


def _erp_currency(code: str, entity: LegalEntity) -> str:
    return entity.erp.currencies.get(code, code)


def our_currency(erp_code: str, entity: LegalEntity) -> str:
    if not erp_code:
        return entity.functional_currency.code
    ours = {theirs: code for code, theirs in entity.erp.currencies.items()}
    return ours.get(erp_code, erp_code)
