"""Our documents as one journal entry of SAP's, signed and with S (debit) and H (credit), in the order of the service.

Both references carry our key, in upper case as SAP keeps them: whether it keeps the original reference of a BKPFF entry
or puts its own number there is not published, and the look-up asks for either.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_OID, uuid5
from xml.etree.ElementTree import Element

from shared.adapters.erp.sap_s4hana.sides import Side, in_own_currency, sides_of
from shared.adapters.erp.sap_s4hana.soap import add, new_envelope, to_xml
from shared.domain.identifiers import CustomerId
from shared.domain.master_data.catalog import ErpMapping, LegalEntity
from shared.domain.money import Money
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import Rejected, RejectionCode

DOCUMENT_TYPES: Final = {DocumentKind.INVOICE: "DR", DocumentKind.CREDIT_MEMO: "DG", DocumentKind.JOURNAL: "SA"}
_ACCOUNT_NAMES = {"Item": "GLAccount", "DebtorItem": "Debtor", "ProductTaxItem": "TaxCode"}
_ASSIGNMENTS = ("ProfitCenter", "Segment", "CostCenter", "FunctionalArea")
_OUTPUT_TAX = "MWS"
_ANY = 1_000
# Of what comes from the mapping; our own texts are held to domain/posting/systems before.
_WIDTHS: Final = {
    "OriginalReferenceDocumentLogicalSystem": 10,
    "CreatedByUser": 12,
    "CompanyCode": 4,
    "GLAccount": 10,
    "TaxCode": 2,
    "TaxItemClassification": 3,
    "ConditionType": 4,
    "ProfitCenter": 10,
    "Segment": 10,
    "CostCenter": 10,
    "FunctionalArea": 16,
}


def request(
    document: Document, entity: LegalEntity, *, debtors: Mapping[CustomerId, str], created_at: datetime
) -> bytes | Rejected:
    """Return the message that posts a document. The same document always has the same id and UUIDs.

    What is too wide for its field is a rejection: SAP might cut it, or answer with a fault that says nothing for sure.
    """
    envelope, bulk = new_envelope("JournalEntryBulkCreateRequest")
    _message_header(bulk, document.external_ref, "message", created_at)
    one = add(bulk, "JournalEntryCreateRequest")
    _message_header(one, document.external_ref, "entry", created_at)
    entry = add(one, "JournalEntry")
    _add_texts(entry, _header(document, entity.erp))
    sides = sides_of(document, entity.erp, debtors)
    numbered = [*enumerate(zip(sides, in_own_currency(sides, document, entity), strict=True), start=1)]
    for part in _ACCOUNT_NAMES:
        for number, (side, local) in numbered:
            if side.part == part:
                _add_item(entry, number, side, local, document, entity.erp)
    too_wide = [f"{one.tag} {one.text}" for one in entry.iter() if len(one.text or "") > _WIDTHS.get(one.tag, _ANY)]
    if too_wide:
        return Rejected.of(RejectionCode.TEXT_TOO_LONG, f"wider than SAP's field: {', '.join(too_wide)}")
    return to_xml(envelope)


def _message_header(parent: Element, key: str, what: str, created_at: datetime) -> None:
    header = add(parent, "MessageHeader")
    add(header, "ID", key)
    add(header, "UUID", str(uuid5(NAMESPACE_OID, f"{key}/{what}")))
    add(header, "CreationDateTime", created_at.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _header(document: Document, mapping: ErpMapping) -> dict[str, str]:
    day = document.document_date.isoformat()
    billed = document if isinstance(document, PostingDocument) else None
    return {
        "OriginalReferenceDocumentType": "BKPFF",
        "OriginalReferenceDocument": document.external_ref,
        "OriginalReferenceDocumentLogicalSystem": mapping.settings.get("logical_system", "").upper(),
        "BusinessTransactionType": "RFBU",
        "AccountingDocumentType": DOCUMENT_TYPES[document.kind],
        "DocumentReferenceID": document.external_ref,
        "DocumentHeaderText": document.human_number,
        "CreatedByUser": mapping.settings["created_by"],
        "CompanyCode": mapping.company,
        "DocumentDate": day,
        "PostingDate": document.posting_date.isoformat(),
        "TaxDeterminationDate": day if billed else "",
        "Reference1InDocumentHeader": billed.purchase_order if billed else "",
    }


def _add_item(
    entry: Element, number: int, side: Side, local: Money | None, document: Document, mapping: ErpMapping
) -> None:
    item = add(entry, side.part)
    add(item, "ReferenceDocumentItem", str(number))
    add(item, _ACCOUNT_NAMES[side.part], side.account)
    if side.tax_base is not None:
        add(item, "TaxItemClassification", mapping.settings.get("tax_classification", _OUTPUT_TAX))
        _add_texts(item, {"ConditionType": mapping.settings.get("tax_condition", "")})
    _add_amount(item, "AmountInTransactionCurrency", side.amount)
    if local is not None:
        _add_amount(item, "AmountInCompanyCodeCurrency", local)
    add(item, "DebitCreditCode", "S" if side.amount.amount > 0 else "H")
    if side.tax_base is not None:
        _add_amount(item, "TaxBaseAmountInTransCrcy", side.tax_base)
    _add_texts(item, {"DocumentItemText": side.text, "AssignmentReference": side.reference})
    if side.net_days is not None:
        terms = add(item, "CashDiscountTerms")
        add(terms, "DueCalculationBaseDate", document.document_date.isoformat())
        add(terms, "NetPaymentDays", f"P{side.net_days}D")
    if side.tax_code:
        add(add(item, "Tax"), "TaxCode", side.tax_code)
    if side.assigned:
        _add_texts(add(item, "AccountAssignment"), {name: side.assigned.get(name, "") for name in _ASSIGNMENTS})


def _add_texts(parent: Element, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        if text:
            add(parent, name, text)


def _add_amount(item: Element, name: str, amount: Money) -> None:
    add(item, name, f"{amount.rounded().amount:f}", currencyCode=amount.currency.code)
