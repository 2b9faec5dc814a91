"""A document as a UBL 2.1 Invoice or CreditNote that says what EN 16931 asks for. Nothing is worked out here.

The order of elements is that of both UBL schemas, which differ in few names. Amounts, categories and quantities are
the document's own.
"""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from shared.contracts.ubl.elements import AGGREGATE, BASIC, amount, day, group, number, text
from shared.contracts.ubl.party import add_party
from shared.contracts.ubl.taxes import add_line_category, add_tax_total
from shared.domain.identifiers import InvoiceNumber
from shared.domain.invoice_document.document import DocumentLine, InvoiceDocument
from shared.domain.vat_category import VatCategory

DOCUMENTS = "urn:oasis:names:specification:ubl:schema:xsd"
COMPLIES_WITH = "urn:cen.eu:en16931:2017"  # BT-24
COMMERCIAL_INVOICE, CREDIT_NOTE = "380", "381"  # BT-3
INVOICED_OBJECT = "130"  # says that a reference is the object that is invoiced (BT-128): here the subscription
CREDIT_TRANSFER, SEPA_CREDIT_TRANSFER = "30", "58"  # BT-81
_IBAN_STARTS_WITH = 2  # letters; other account numbers are digits

for prefix, namespace in (("cac", AGGREGATE), ("cbc", BASIC)):
    ET.register_namespace(prefix, namespace)


def write_ubl(document: InvoiceDocument) -> bytes:
    """Return the invoice or credit note as XML in UTF-8; the same document gives the same bytes.

    It passes the rules of EN 16931 if e_invoice_faults has nothing against the document.
    """
    kind = "CreditNote" if document.credits else "Invoice"
    root = ET.Element(kind, xmlns=f"{DOCUMENTS}:{kind}-2")  # the one element of its namespace
    vat_applies = all(tax.category is not VatCategory.OUTSIDE_SCOPE for tax in document.taxes)
    _add_head(root, document)
    _add_references(root, document)
    add_party(group(root, "AccountingSupplierParty"), document.seller, vat_applies=vat_applies)
    add_party(group(root, "AccountingCustomerParty"), document.buyer, vat_applies=vat_applies)
    if document.due_date is not None:
        _add_payment(root, document)
    if document.credits:
        text(group(root, "PaymentTerms"), "Note", f"Set against invoice {document.credits.number}")
    add_tax_total(root, document.taxes, document.tax)
    if document.tax_in_books is not None:
        amount(group(root, "TaxTotal"), "TaxAmount", document.tax_in_books)
    _add_totals(root, document)
    for line in document.lines:
        _add_line(root, line, kind)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _add_head(root: ET.Element, document: InvoiceDocument) -> None:
    text(root, "CustomizationID", COMPLIES_WITH)
    text(root, "ID", document.number)
    day(root, "IssueDate", document.issue_date)
    if document.due_date is not None:
        day(root, "DueDate", document.due_date)
    if document.credits:
        text(root, "CreditNoteTypeCode", CREDIT_NOTE)
        text(root, "Note", document.credits.reason)
    else:
        text(root, "InvoiceTypeCode", COMMERCIAL_INVOICE)
    text(root, "DocumentCurrencyCode", document.gross.currency.code)
    if document.tax_in_books is not None:
        text(root, "TaxCurrencyCode", document.tax_in_books.currency.code)
    text(root, "BuyerReference", document.buyer_reference)


def _add_references(root: ET.Element, document: InvoiceDocument) -> None:
    period = group(root, "InvoicePeriod")
    day(period, "StartDate", document.period_from)
    day(period, "EndDate", document.period_to)
    if document.purchase_order:
        text(group(root, "OrderReference"), "ID", document.purchase_order)
    if document.credits:
        credited = _add_preceding(root, document.credits.number)
        day(credited, "IssueDate", document.credits.issue_date)
    for number_before in document.preceding:
        _add_preceding(root, number_before)
    text(group(root, "ContractDocumentReference"), "ID", document.contract_id)


def _add_preceding(root: ET.Element, number_before: InvoiceNumber) -> ET.Element:
    reference = group(group(root, "BillingReference"), "InvoiceDocumentReference")
    text(reference, "ID", number_before)
    return reference


def _add_payment(root: ET.Element, document: InvoiceDocument) -> None:
    account = document.bank_account
    if account is not None:
        is_sepa = account.number[:_IBAN_STARTS_WITH].isalpha() and document.gross.currency.code == "EUR"
        means = group(root, "PaymentMeans")
        text(means, "PaymentMeansCode", SEPA_CREDIT_TRANSFER if is_sepa else CREDIT_TRANSFER)
        text(means, "PaymentID", document.number)
        payee = group(means, "PayeeFinancialAccount")
        text(payee, "ID", account.number)
        text(payee, "Name", account.holder)
        if account.bank:
            text(group(payee, "FinancialInstitutionBranch"), "ID", account.bank)
    if document.payment_terms is not None:
        text(group(root, "PaymentTerms"), "Note", f"Payable {document.payment_terms}, without deduction")


def _add_totals(root: ET.Element, document: InvoiceDocument) -> None:
    totals = group(root, "LegalMonetaryTotal")
    amount(totals, "LineExtensionAmount", document.net)
    amount(totals, "TaxExclusiveAmount", document.net)
    amount(totals, "TaxInclusiveAmount", document.gross)
    amount(totals, "PayableAmount", document.gross)


def _add_line(root: ET.Element, line: DocumentLine, kind: str) -> None:
    invoiced = line.invoiced
    element = group(root, f"{kind}Line")
    text(element, "ID", str(line.line_no))
    if note := "; ".join(_notes(line)):
        text(element, "Note", note)
    quantity = "CreditedQuantity" if kind == "CreditNote" else "InvoicedQuantity"
    number(element, quantity, invoiced.quantity, unitCode=invoiced.unit_code)
    amount(element, "LineExtensionAmount", line.amount)
    period = group(element, "InvoicePeriod")
    day(period, "StartDate", line.service_from)
    day(period, "EndDate", line.service_to)
    if line.subscription:
        subscription = group(element, "DocumentReference")
        text(subscription, "ID", line.subscription)
        text(subscription, "DocumentTypeCode", INVOICED_OBJECT)
    item = group(element, "Item")
    text(item, "Description", line.price)
    text(item, "Name", line.description)
    text(group(item, "SellersItemIdentification"), "ID", line.product_id)
    add_line_category(item, line.vat_category, line.tax_rate)
    price = group(element, "Price")
    text(price, "PriceAmount", f"{invoiced.price:f}", currencyID=line.amount.currency.code)
    if invoiced.base_quantity != 1:
        number(price, "BaseQuantity", invoiced.base_quantity, unitCode=invoiced.unit_code)


def _notes(line: DocumentLine) -> Iterator[str]:
    """Yield what a line says beside its figures; EN 16931 has one note for it (BT-127)."""
    if line.contract:
        yield f"Contract {line.contract}"
    if line.adjusts:
        before = f"{line.adjusts.quantity:f} for {line.adjusts.amount}"
        yield f"Adjusts {line.adjusts.number or 'what was not invoiced'}; billed before: {before}"
