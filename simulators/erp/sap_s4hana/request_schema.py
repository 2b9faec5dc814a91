"""What a journal entry may hold, and how wide each field is. What does not fit fails before the application sees it.

Names and widths are those of public connectors; what the real service does with a field that it does not know, or that
is too wide, is not published. Here it is a soap:Fault, so that a misspelt field cannot pass for one that was booked.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from simulators.erp.sap_s4hana.dialect import soap_fault

AMOUNT = re.compile(r"-?[0-9]{1,22}(\.[0-9]{1,6})?")
UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
AMOUNTS = frozenset(
    {
        "AmountInTransactionCurrency",
        "AmountInCompanyCodeCurrency",
        "TaxBaseAmountInTransCrcy",
        "TaxBaseAmountInCoCodeCrcy",
    }
)
MESSAGE_HEADER = {"ID": 35, "UUID": 36, "CreationDateTime": 30}
_ITEM = {
    "ReferenceDocumentItem": 10,
    "AmountInTransactionCurrency": 29,
    "AmountInCompanyCodeCurrency": 29,
    "DebitCreditCode": 1,
    "DocumentItemText": 50,
    "AssignmentReference": 18,
}
FIELDS: Mapping[str, Mapping[str, int]] = {
    "JournalEntry": {
        "OriginalReferenceDocumentType": 5,
        "OriginalReferenceDocument": 20,
        "OriginalReferenceDocumentLogicalSystem": 10,
        "BusinessTransactionType": 4,
        "AccountingDocumentType": 2,
        "DocumentReferenceID": 16,
        "DocumentHeaderText": 25,
        "CreatedByUser": 12,
        "CompanyCode": 4,
        "DocumentDate": 10,
        "PostingDate": 10,
        "PostingFiscalPeriod": 3,
        "TaxDeterminationDate": 10,
        "TaxReportingDate": 10,
        "Reference1InDocumentHeader": 20,
        "Reference2InDocumentHeader": 20,
    },
    "Item": {**_ITEM, "CompanyCode": 4, "GLAccount": 10},
    "Tax": {"TaxCode": 2},
    "AccountAssignment": {"ProfitCenter": 10, "CostCenter": 10, "Segment": 10, "FunctionalArea": 16},
    "DebtorItem": {**_ITEM, "Debtor": 10, "AltvRecnclnAccts": 10},
    "CashDiscountTerms": {"DueCalculationBaseDate": 10, "NetPaymentDays": 6},
    "ProductTaxItem": {
        "ReferenceDocumentItem": 10,
        "TaxCode": 2,
        "TaxItemClassification": 3,
        "ConditionType": 4,
        "AmountInTransactionCurrency": 29,
        "AmountInCompanyCodeCurrency": 29,
        "DebitCreditCode": 1,
        "TaxBaseAmountInTransCrcy": 29,
        "TaxBaseAmountInCoCodeCrcy": 29,
    },
}
PARTS: Mapping[str, frozenset[str]] = {
    "JournalEntry": frozenset({"Item", "DebtorItem", "ProductTaxItem"}),
    "Item": frozenset({"Tax", "AccountAssignment"}),
    "DebtorItem": frozenset({"CashDiscountTerms"}),
}


def check_entry(entry: Element) -> None:
    """Refuse a field that nobody knows, one that is too wide, and one that stands where it must not."""
    fields, parts = FIELDS[entry.tag], PARTS.get(entry.tag, frozenset())
    for child in entry:
        if child.tag in parts:
            check_entry(child)
        else:
            check_field(child, fields, of=entry.tag)


def check_message_header(request: Element) -> None:
    header = request.find("MessageHeader")
    if header is None or not (header.findtext("CreationDateTime") or "").strip():
        raise soap_fault("MessageHeader/CreationDateTime is required")
    for child in header:
        check_field(child, MESSAGE_HEADER, of="MessageHeader")
    uuid = header.findtext("UUID")
    if uuid is not None and not UUID.fullmatch(uuid):
        raise soap_fault(f"{uuid} is no UUID")


def check_field(field: Element, widths: Mapping[str, int], *, of: str) -> None:
    if field.tag not in widths:
        raise soap_fault(f"Element {field.tag} is not expected in {of}")
    text = field.text or ""
    if len(text) > widths[field.tag]:
        raise soap_fault(f"{field.tag} has more than {widths[field.tag]} characters")
    if field.tag in AMOUNTS and not (AMOUNT.fullmatch(text) and field.get("currencyCode")):
        raise soap_fault(f"{field.tag} is no amount with a currencyCode")


def text_of(entry: Element, name: str) -> str:
    return (entry.findtext(name) or "").strip()


def day_of(entry: Element, name: str) -> date:
    try:
        return date.fromisoformat(text_of(entry, name))
    except ValueError as error:
        raise soap_fault(f"{name} is no date, YYYY-MM-DD") from error


def amount_of(entry: Element, name: str) -> tuple[Decimal, str]:
    """Return an amount and its currency."""
    field = entry.find(name)
    if field is None:
        raise soap_fault(f"{name} is required")
    try:
        return Decimal(field.text or ""), field.get("currencyCode", "")
    except InvalidOperation as error:
        raise soap_fault(f"{name} is no amount") from error
