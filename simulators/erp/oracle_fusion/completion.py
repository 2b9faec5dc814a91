"""What completing a transaction does: its date is checked, the ledger gets its entry, the customer owes it."""

from datetime import date
from decimal import Decimal

from simulators.erp.general_ledger import Entry, RevenueLine, credit_memo_lines, invoice_lines
from simulators.erp.oracle_fusion import periods
from simulators.erp.oracle_fusion.books import UnitBooks
from simulators.erp.oracle_fusion.dialect import receivables_error
from simulators.erp.oracle_fusion.query import Entity
from simulators.erp.oracle_fusion.transaction_classes import INVOICE, TransactionClass
from simulators.erp.oracle_fusion.transaction_lines import net_of, tax_of
from simulators.http.faults import Fault


def complete(books: UnitBooks, document: Entity, *, fault: Fault | None) -> None:
    """Bring a transaction into the ledger; raises a Refusal for one without lines, or in a closed period."""
    of: TransactionClass = document["_class"]
    if not document[f"_{of.lines}"]:
        raise receivables_error("AR-SIM-LINES", f"The {of.noun} has no lines.")
    document["AccountingDate"] = postable_date(books, document["AccountingDate"], fault=fault)
    books.ledger.post(_entry(books, document))
    document[of.status] = "Complete"
    document[of.balance] = document["EnteredAmount"]
    if of is INVOICE:
        document["_receivablesInvoiceInstallments"] = [_installment(books, document)]


def postable_date(books: UnitBooks, day: str, *, fault: Fault | None) -> str:
    """Return the accounting date as the setup has it for a closed period: refused, or moved without a word."""
    dated = date.fromisoformat(day)
    is_open = periods.takes(books, periods.RECEIVABLES, dated) and fault is not Fault.CLOSED_PERIOD
    if is_open and fault is not Fault.DATE_ADJUSTED:
        return day
    adjusts = books.options.accounting_date == "adjust" or fault is Fault.DATE_ADJUSTED
    moved = periods.next_enterable(books, periods.RECEIVABLES, dated) if adjusts else None
    if moved is None:
        raise receivables_error("AR-SIM-PERIOD", f"The accounting date {day} isn't in an open or future period.")
    return moved.isoformat()


def _entry(books: UnitBooks, document: Entity) -> Entry:
    of: TransactionClass = document["_class"]
    revenue = [
        RevenueLine(
            account=line.get("_account") or books.setup.revenue_accounts[line["MemoLine"]],
            amount=line[of.amount] * of.sign,
        )
        for line in document[f"_{of.lines}"]
    ]
    booked = invoice_lines if of is INVOICE else credit_memo_lines
    net, tax = net_of(document, of) * of.sign, tax_of(document, of) * of.sign
    return Entry(
        company=books.setup.company,
        posting_date=date.fromisoformat(document["AccountingDate"]),
        document_number=document["TransactionNumber"],
        external_ref=document["CrossReference"] or "",
        customer=document["BillToCustomerName"],
        currency=document[of.currency],
        lines=booked(books.setup, revenue=revenue, net=net, tax=tax),
        document_type=of.ledger_name,
    )


def _installment(books: UnitBooks, document: Entity) -> Entity:
    installment: Entity = {
        "InstallmentId": books.numbers.next(),
        "InstallmentSequenceNumber": 1,
        "InstallmentDueDate": document["DueDate"],
        "OriginalAmount": document["EnteredAmount"],
        "InstallmentBalanceDue": document["EnteredAmount"],
        "AmountPaid": Decimal(0),
        "InstallmentAmountCredited": Decimal(0),
        "InstallmentAmountAdjusted": Decimal(0),
        "InstallmentStatus": "Open",
        "CreationDate": books.timestamp(),
    }
    books.changed(installment)
    return installment
