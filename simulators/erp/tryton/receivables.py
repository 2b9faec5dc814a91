"""What invoices are still owed: payments, credit notes set off, and the reconciliation that makes an invoice paid."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from simulators.erp.tryton.database import Database, Record
from simulators.erp.tryton.dialect import message
from simulators.erp.tryton.moves import cancel_move, new_move, post_move

_LINE = "account.move.line"


def lines_to_pay(database: Database, invoice: Record) -> list[int]:
    move = database.get("account.move", invoice["move"])
    if move is None:
        return []
    return [line["id"] for line in database.each(_LINE, move["lines"]) if line["account"] == invoice["account"]]


def amount_to_pay(database: Database, invoice: Record) -> Decimal:
    """Return what is open of a posted invoice; negative for a credit note."""
    if invoice["state"] != "posted":
        return Decimal(0)
    return sum((line["debit"] - line["credit"] for line in _open(database, invoice)), Decimal(0))


def reconciliation_lines(database: Database, invoice: Record) -> list[int]:
    """Return the lines that the invoice's own were reconciled with."""
    own = lines_to_pay(database, invoice)
    with_it = {line["reconciliation"] for line in database.each(_LINE, own)} - {None}
    return [line["id"] for line in database.all(_LINE) if line["reconciliation"] in with_it and line["id"] not in own]


def invoices_paid_by(database: Database, line: Record) -> list[int]:
    return [invoice["id"] for invoice in database.all("account.invoice") if line["id"] in invoice["payment_lines"]]


def add_payment_lines(database: Database, invoice: Record, lines: Sequence[int]) -> None:
    """Have lines count as paid on an invoice; raises a Refusal. Nothing is reconciled by this."""
    name = f"{invoice['number']} [{invoice['reference']}]"
    if invoice["state"] == "paid":
        raise message(f'You cannot add/remove payment lines on paid invoice "{name}".')
    new = [line for line in lines if line not in invoice["payment_lines"]]
    if any(invoices_paid_by(database, line) for line in database.each(_LINE, new)):
        raise message("A payment line can be linked to only one invoice.")
    paid = sum(
        (line["credit"] - line["debit"] for line in database.each(_LINE, [*invoice["payment_lines"], *new])), Decimal(0)
    )
    if abs(paid) > abs(invoice["total_amount"]):
        raise message(f'Payment lines amount on invoice "{name}" can not be greater than the invoice amount.')
    invoice["payment_lines"] += new
    database.written(invoice)


def reconcile(database: Database, lines: Sequence[int]) -> None:
    """Set lines off that come to nothing together; raises a Refusal. What is settled by that is paid."""
    records = database.each(_LINE, lines)
    for line in records:
        if line["reconciliation"] is not None:
            raise message('You cannot reconcile already reconciled line "' + str(line["id"]) + '".')
    reconciliation = database.add("account.move.reconciliation", lines=list(lines))
    for line in records:
        line["reconciliation"] = reconciliation["id"]
    for invoice in database.all("account.invoice"):
        own = database.each(_LINE, lines_to_pay(database, invoice))
        if invoice["state"] == "posted" and own and all(line["reconciliation"] is not None for line in own):
            invoice["state"] = "paid"
            invoice["payment_lines"] = []
            database.written(invoice)


def come_to_nothing(database: Database, lines: Sequence[int]) -> bool:
    return not sum((line["debit"] - line["credit"] for line in database.each(_LINE, lines)), Decimal(0))


def pay(database: Database, invoice: Record, *, amount: Decimal, on: date, currency: str) -> None:
    """Book what a customer pays into the bank, as a person does it with Tryton's wizard."""
    setup = database.companies[invoice["company"]]
    period = next(
        period
        for period in database.all("account.period")
        if period["company"] == invoice["company"] and period["start_date"] <= on <= period["end_date"]
    )
    bank = next(
        account
        for account in database.all("account.account")
        if (account["company"], account["code"]) == (invoice["company"], setup.bank_account)
    )
    journal = next(journal for journal in database.all("account.journal") if journal["code"] == "CASH")
    move = new_move(
        database,
        company=invoice["company"],
        journal=journal["id"],
        period=period["id"],
        day=on,
        origin=f"account.invoice,{invoice['id']}",
        lines=[
            {"account": bank["id"], "debit": amount},
            {"account": invoice["account"], "party": invoice["party"], "credit": amount},
        ],
    )
    post_move(database, move, reference="", customer="", kind="Payment", currency=currency)
    add_payment_lines(database, invoice, [move["lines"][1]])
    if not amount_to_pay(database, invoice):
        reconcile(database, [line["id"] for line in _open(database, invoice)])


def cancel(database: Database, invoice: Record, *, on: date, currency: str) -> None:
    """Book an invoice the other way round, where a company lets posted ones be cancelled."""
    move = database.get("account.move", invoice["move"])
    assert move is not None, "only what is posted is cancelled so"
    undone = cancel_move(database, move, on=on)
    post_move(database, undone, reference=invoice["reference"], customer="", kind="Cancellation", currency=currency)
    own = lines_to_pay(database, invoice)
    invoice["cancel_move"] = undone["id"]
    invoice["state"] = "cancelled"
    against = [line["id"] for line in database.each(_LINE, undone["lines"]) if line["account"] == invoice["account"]]
    reconcile(database, [*own, *against])
    database.written(invoice)


def _open(database: Database, invoice: Record) -> list[Record]:
    lines = database.each(_LINE, [*lines_to_pay(database, invoice), *invoice["payment_lines"]])
    return [line for line in lines if line["reconciliation"] is None]
