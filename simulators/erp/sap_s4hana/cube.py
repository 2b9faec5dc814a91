"""A_OperationalAcctgDocItemCube: every item of every document, with what cleared it. Read only."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from simulators.erp.company import rounded
from simulators.erp.sap_s4hana.books import AccountingDocument, CompanyBooks, Item
from simulators.erp.sap_s4hana.odata import Entity

TYPE = "API_OPLACCTGDOCITEMCUBE_SRV.A_OperationalAcctgDocItemCubeType"
POSTING_KEYS = {("D", True): "01", ("D", False): "11", ("S", True): "40", ("S", False): "50"}


def cube_rows(books: CompanyBooks) -> Iterator[Entity]:
    for document in books.documents:
        for number, item in enumerate(document.items, start=1):
            yield _row(books, document, item, f"{number:03d}")


def _row(books: CompanyBooks, document: AccountingDocument, item: Item, number: str) -> Entity:
    is_debit = item.amount > 0 or (item.amount == 0 and item.account_type == "D")
    return {
        "CompanyCode": books.setup.company,
        "FiscalYear": document.fiscal_year,
        "AccountingDocument": document.number,
        "AccountingDocumentItem": number,
        "FiscalPeriod": document.fiscal_period,
        "AccountingDocumentType": document.type,
        "AccountingDocumentItemType": "T" if item.is_tax else "",
        "PostingKey": POSTING_KEYS[item.account_type, is_debit],
        "FinancialAccountType": item.account_type,
        "DebitCreditCode": "S" if is_debit else "H",
        "GLAccount": item.account,
        "Customer": item.customer,
        "TaxCode": item.tax_code,
        "TransactionTypeDetermination": item.tax_class,
        "ProfitCenter": item.profit_center,
        "CostCenter": item.cost_center,
        "DocumentItemText": item.text,
        "AssignmentReference": item.assignment,
        **_header(books, document),
        **_clearing(item),
        **_amounts(books, document, item),
    }


def _header(books: CompanyBooks, document: AccountingDocument) -> Entity:
    return {
        "DocumentReferenceID": document.document_reference,
        "ReferenceDocumentType": "BKPFF",
        "OriginalReferenceDocument": document.original_reference,
        "ReferenceDocumentLogicalSystem": document.logical_system,
        "AccountingDocumentHeaderText": document.header_text,
        "AccountingDocCreatedByUser": document.created_by,
        "AccountingDocumentCreationDate": document.created_at.date(),
        "DocumentDate": document.document_date,
        "PostingDate": document.posting_date,
        "IsReversal": bool(document.reverses),
        "IsReversed": bool(document.reversed_by),
        "ReverseDocument": document.reversed_by or document.reverses,
        "CompanyCodeCurrency": books.setup.local_currency,
    }


def _clearing(item: Item) -> Entity:
    cleared = item.clearing
    return {
        "IsCleared": cleared is not None,
        "ClearingDate": cleared and cleared.posted_on,
        "ClearingCreationDate": cleared and cleared.entered_on,
        "ClearingAccountingDocument": cleared.number if cleared else "",
        "ClearingDocFiscalYear": cleared.fiscal_year if cleared else "0000",
        "InvoiceReference": item.pays_for,
        "InvoiceReferenceFiscalYear": item.pays_for_year or "0000",
        "DueCalculationBaseDate": item.due_from,
        "NetDueDate": item.due_from and item.due_from + timedelta(days=item.net_days),
    }


def _amounts(books: CompanyBooks, document: AccountingDocument, item: Item) -> Entity:
    local = item.amount if item.local_amount is None else item.local_amount
    return {
        "TransactionCurrency": document.currency,
        "AmountInTransactionCurrency": rounded(item.amount, currency=document.currency),
        "AmountInCompanyCodeCurrency": rounded(local, currency=books.setup.local_currency),
        "TaxBaseAmountInTransCrcy": rounded(item.tax_base or Decimal(0), currency=document.currency),
    }
