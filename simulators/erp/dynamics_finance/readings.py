"""What the environment holds, in words that fit every ERP."""

from decimal import Decimal

from simulators.erp.documents import SimulatedDocument
from simulators.erp.dynamics_finance import transactions
from simulators.erp.dynamics_finance.books import CompanyBooks
from simulators.erp.dynamics_finance.free_text_invoices import totals
from simulators.erp.dynamics_finance.values import Row


def documents_of(books: CompanyBooks) -> list[SimulatedDocument]:
    invoices = [_invoice(books, invoice) for invoice in books.invoices.values()]
    return invoices + [_journal(books, journal) for journal in books.journals.values()]


def _invoice(books: CompanyBooks, invoice: Row) -> SimulatedDocument:
    net, tax = totals(invoice)
    posted = invoice["IsPosted"] == "Yes"
    owed = transactions.of_invoice(books, invoice["FreeTextNumber"]) if posted else None
    return SimulatedDocument(
        kind="credit_memo" if net + tax < 0 else "invoice",
        company=books.setup.company,
        document_id=str(invoice["InvoiceIdentifier"]),
        external_ref=invoice["CustomerReference"] or invoice["ExternalInvoiceId"],
        number=invoice["FreeTextNumber"],
        customer=invoice["CustomerAccount"],
        status="Posted" if posted else "Not posted",
        posted=posted,
        accounting_period=invoice["InvoiceDate"][:7],
        currency=invoice["CurrencyCode"],
        net=abs(net),
        tax=abs(tax),
        gross=abs(net + tax),
        open_amount=Decimal(0) if owed is None else abs(transactions.open_amount(owed)),
    )


def _journal(books: CompanyBooks, journal: Row) -> SimulatedDocument:
    lines = journal["_lines"]
    posted = journal["IsPosted"] == "Yes"
    debits = journal["JournalTotalDebit"]
    return SimulatedDocument(
        kind="journal",
        company=books.setup.company,
        document_id=journal["JournalBatchNumber"],
        external_ref=journal["IntegrationKey"] or (lines[0]["Document"] if lines else ""),
        number=journal["JournalBatchNumber"],
        customer="",
        status="Posted" if posted else "Not posted",
        posted=posted,
        accounting_period=lines[0]["TransDate"][:7] if lines else "",
        currency=lines[0]["CurrencyCode"] if lines else books.setup.local_currency,
        net=debits,
        tax=Decimal(0),
        gross=debits,
        open_amount=Decimal(0),
    )
