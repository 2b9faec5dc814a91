"""Brings a draft of an invoice or credit note into the ledger: numbered by date, into an open period, due in time."""

import hashlib
from datetime import date
from decimal import Decimal

from simulators.erp.tryton.database import Database, Record
from simulators.erp.tryton.dialect import message
from simulators.erp.tryton.invoices import INVOICE, currency_code, party_code, rec_name
from simulators.erp.tryton.moves import new_move, post_move

WARNINGS = ("invoice_date_future", "invoice_payment_term")


def post_invoice(database: Database, invoice: Record) -> None:
    """Give a draft its number and bring it into the ledger; raises a Refusal and leaves the draft as it was."""
    if invoice["state"] != "draft":
        raise message(f'You can not call "post" on "{rec_name(invoice)}" of "{INVOICE}".')
    day = invoice["accounting_date"] or invoice["invoice_date"] or database.today
    if invoice["invoice_date"] and invoice["invoice_date"] > database.today:
        _ask(
            database,
            invoice,
            "invoice_date_future",
            f'The invoices "{rec_name(invoice)}" have an invoice date in the future.',
        )
    period = open_period(database, invoice["company"], day)
    sequence = _sequence(database, invoice)
    due = invoice["payment_term_date"] or database.today
    if due < database.today:
        text = f'The invoice "{rec_name(invoice)}" generates a payment date "{_american(due)}" in the past.'
        _ask(database, invoice, "invoice_payment_term", text)
    move = new_move(
        database,
        company=invoice["company"],
        journal=invoice["journal"],
        period=period["id"],
        day=day,
        origin=f"account.invoice,{invoice['id']}",
        lines=_move_lines(database, invoice, due),
    )
    invoice["number"] = database.next_number(sequence)
    invoice["move"] = move["id"]
    invoice["state"] = "posted"
    database.accepted_warnings -= {_warning(invoice, name) for name in WARNINGS}  # a yes counts once
    kind = "Credit Memo" if sequence == "CN" else "Invoice"
    post_move(
        database,
        move,
        reference=invoice["reference"],
        customer=party_code(database, invoice),
        kind=kind,
        currency=currency_code(database, invoice),
    )
    database.written(invoice)


def open_period(database: Database, company: int, day: date) -> Record:
    name = database.companies[company].name
    for period in database.all("account.period"):
        if period["company"] == company and period["start_date"] <= day <= period["end_date"]:
            if period["state"] == "open":
                return period
            what = f'the period "{period["name"]}" of company "{name}" for the date "{_american(day)}"'
            raise message(f"To continue, you must reopen {what}.")
    raise message(f'To continue, you must create a period for the date "{_american(day)}" and company "{name}".')


def _move_lines(database: Database, invoice: Record, due: date) -> list[Record]:
    def side(account: int, credited: Decimal, party: int | None = None) -> Record:
        return {
            "account": account,
            "party": party,
            "debit": max(-credited, Decimal(0)),
            "credit": max(credited, Decimal(0)),
            "maturity_date": due,
        }

    parts = [
        *database.each("account.invoice.line", invoice["lines"]),
        *database.each("account.invoice.tax", invoice["taxes"]),
    ]
    booked = [side(part["account"], part["amount"]) for part in parts if part["amount"]]
    return [*booked, side(invoice["account"], -invoice["total_amount"], invoice["party"])]


def _sequence(database: Database, invoice: Record) -> str:
    """Return the sequence that numbers it; its numbers must follow the dates of invoices."""
    sequence = "CN" if invoice["total_amount"] < 0 else "I"
    for other in database.all("account.invoice"):
        if (other["number"] or "").startswith(f"{sequence}-") and other["invoice_date"] > invoice["invoice_date"]:
            after = f'"{_american(invoice["invoice_date"])}" because the sequence "{sequence}" has already been used'
            text = f'To number the invoice "{rec_name(invoice)}", you must set an invoice date after {after}'
            raise message(f'{text} for invoice "{rec_name(other)}".')
    return sequence


def _ask(database: Database, invoice: Record, warning: str, text: str) -> None:
    """Refuse where a person would be asked, unless the user has said yes to it beforehand."""
    if _warning(invoice, warning) not in database.accepted_warnings:
        raise message(text)


def _warning(invoice: Record, name: str) -> str:
    record = hashlib.md5(f"account.invoice,{invoice['id']}".encode(), usedforsecurity=False).hexdigest()
    return f"{record}.{name}"


def _american(day: date) -> str:
    return day.strftime("%m/%d/%Y")
