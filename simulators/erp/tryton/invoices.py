"""Drafts of customer invoices and, with negative quantities, of credit notes; their totals are worked out here.

No reference is unique: what is sent twice is there twice.
"""

from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from simulators.erp.company import AccountRole
from simulators.erp.documents import SimulatedDocument
from simulators.erp.tryton.database import Database, Record
from simulators.erp.tryton.dialect import message
from simulators.erp.tryton.moves import added, created
from simulators.erp.tryton.receivables import amount_to_pay

INVOICE, LINE, TAX = "Account Invoice", "Account Invoice Line", "Account Invoice Tax"
PRICE_DIGITS: Final = 4
_TEXTS: Final = ("reference", "description", "comment")
_AMOUNTS: Final = ("untaxed_amount", "tax_amount", "total_amount")


def create_invoice(database: Database, sent: Record) -> Record:
    """Store a draft; raises a Refusal."""
    named = {
        name: database.referred(model, sent, name, field_of=(label, INVOICE))["id"]
        for name, model, label in (
            ("company", "company.company", "Company"),
            ("party", "party.party", "Party"),
            ("invoice_address", "party.address", "Invoice Address"),
            ("currency", "currency.currency", "Currency"),
            ("account", "account.account", "Account"),
            ("journal", "account.journal", "Journal"),
        )
    }
    lines = [_line(database, line, currency=named["currency"]) for line in created(sent.get("lines"))]
    by_hand = [_tax(database, tax) for tax in created(sent.get("taxes")) if tax.get("manual")]
    taxes = by_hand + _worked_out(database, lines, currency=named["currency"])
    net = sum((line["amount"] for line in lines), Decimal(0))
    tax = sum((one["amount"] for one in taxes), Decimal(0))
    invoice = database.add(
        "account.invoice",
        **named,
        **{name: sent.get(name) or "" for name in _TEXTS},
        type=sent.get("type") or "out",
        invoice_date=sent.get("invoice_date"),
        accounting_date=sent.get("accounting_date"),
        payment_term_date=sent.get("payment_term_date"),
        state="draft",
        number=None,
        move=None,
        cancel_move=None,
        payment_lines=[],
        untaxed_amount=net,
        tax_amount=tax,
        total_amount=net + tax,
    )
    invoice["lines"] = [database.add("account.invoice.line", invoice=invoice["id"], **line)["id"] for line in lines]
    invoice["taxes"] = [database.add("account.invoice.tax", invoice=invoice["id"], **one)["id"] for one in taxes]
    return invoice


def only_draft(invoice: Record) -> None:
    if invoice["state"] != "draft":
        raise message(f'You cannot modify invoice "{rec_name(invoice)}" because it is posted, paid or cancelled.')


def rec_name(invoice: Record) -> str:
    reference = f"[{invoice['reference']}]" if invoice["reference"] else ""
    return " ".join(part for part in (invoice["number"], reference) if part) or f"({invoice['id']})"


def as_document(database: Database, invoice: Record) -> SimulatedDocument:
    sign = -1 if invoice["total_amount"] < 0 else 1
    net, tax, gross = (sign * invoice[name] for name in _AMOUNTS)
    day = invoice["accounting_date"] or invoice["invoice_date"]
    return SimulatedDocument(
        kind="credit_memo" if sign < 0 else "invoice",
        company=database.companies[invoice["company"]].company,
        document_id=str(invoice["id"]),
        external_ref=invoice["reference"],
        number=invoice["number"] or "",
        customer=party_code(database, invoice),
        status=invoice["state"],
        posted=invoice["move"] is not None,
        accounting_period=day.strftime("%Y-%m") if day else "",
        currency=currency_code(database, invoice),
        net=net,
        tax=tax,
        gross=gross,
        open_amount=sign * amount_to_pay(database, invoice),
    )


def currency_code(database: Database, invoice: Record) -> str:
    currency = database.get("currency.currency", invoice["currency"])
    assert currency is not None, "the currency was looked up"
    return str(currency["code"])


def _line(database: Database, sent: Record, *, currency: int) -> Record:
    account = database.referred("account.account", sent, "account", field_of=("Account", LINE))
    if account["role"] is not AccountRole.REVENUE or account["closed"]:
        raise message(f'The value for field "Account" in "{LINE}" is not valid according to its domain.')
    price = Decimal(sent.get("unit_price") or 0)
    if price != round(price, PRICE_DIGITS):
        raise message(
            f'The number of digits in the value "{price}" for field "Unit Price" in "{LINE}" exceeds the limit.'
        )
    taxes = added(sent.get("taxes"))
    for tax in taxes:
        database.referred("account.tax", {"tax": tax}, "tax", field_of=("Tax", LINE))
    amount = _rounded(database, Decimal(sent.get("quantity") or 0) * price, currency)
    return {"account": account["id"], "amount": amount, "taxes": taxes, "description": sent.get("description") or ""}


def _tax(database: Database, sent: Record) -> Record:
    account = database.referred("account.account", sent, "account", field_of=("Account", TAX))
    if not sent.get("description"):
        raise message(f'A value is required for field "Description" in "{TAX}".')
    if sent.get("tax") is not None:
        database.referred("account.tax", sent, "tax", field_of=("Tax", TAX))
    return {"account": account["id"], "amount": Decimal(sent["amount"]), "base": Decimal(sent["base"]), "manual": True}


def _worked_out(database: Database, lines: list[Record], *, currency: int) -> list[Record]:
    """Return the taxes of the lines, rounded once for each tax, half to even."""
    bases: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        for tax in line["taxes"]:
            bases[tax] += line["amount"]
    taxes = []
    for tax_id, base in bases.items():
        tax = database.get("account.tax", tax_id)
        assert tax is not None, "the tax was looked up"
        account = next(
            account
            for account in database.all("account.account")
            if account["company"] == tax["company"] and account["role"] is AccountRole.TAX
        )
        amount = _rounded(database, base * tax["rate"], currency)
        taxes.append({"account": account["id"], "amount": amount, "base": base, "manual": False})
    return taxes


def party_code(database: Database, invoice: Record) -> str:
    party = database.get("party.party", invoice["party"])
    assert party is not None, "the party was looked up"
    return str(party["code"])


def _rounded(database: Database, amount: Decimal, currency: int) -> Decimal:
    record = database.get("currency.currency", currency)
    assert record is not None, "the currency was looked up"
    return amount.quantize(Decimal(1).scaleb(-record["digits"]), ROUND_HALF_EVEN)
