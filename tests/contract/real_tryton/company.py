"""Set up a company in Tryton as an accountant would: chart, taxes, numbering, fiscal year, and a key for our poster."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from tests.contract.real_tryton.json_rpc import JsonRpc

RECEIVABLE, BANK, TAX, REVENUE, STORAGE_REVENUE = "1100", "1200", "1776", "4400", "4410"
UNBILLED, DEFERRED = "1300", "3900"
PAYMENT_METHOD = "Bank transfer"
POSTER, POSTER_PASSWORD = "usage-to-cash", "another-correct-horse-battery"
GROUP = "account.group_account"  # may post, may not close a period
ACCOUNT_TYPES: Mapping[str, Mapping[str, object]] = {
    "receivable": {"statement": "balance", "assets": True, "receivable": True},
    "assets": {"statement": "balance", "assets": True},
    "liabilities": {"statement": "balance"},
    "revenue": {"statement": "income", "revenue": True},
}
ACCOUNTS: Mapping[str, tuple[str, str]] = {
    RECEIVABLE: ("Trade receivables", "receivable"),
    BANK: ("Bank", "assets"),
    UNBILLED: ("Unbilled receivables", "assets"),
    DEFERRED: ("Deferred revenue", "liabilities"),
    TAX: ("VAT payable", "liabilities"),
    REVENUE: ("Revenue from API calls", "revenue"),
    STORAGE_REVENUE: ("Revenue from storage", "revenue"),
}
TAXES = {"VAT19": Decimal("0.19"), "VAT0": Decimal(0)}
CURRENCIES = {"EUR": "1", "USD": "1.25"}  # units for one euro
YEAR = 2026
CLOSED_THROUGH = date(YEAR, 9, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What the tests need to know of it; ids are the database's own."""

    company: int
    fiscal_year: int
    accounts: Mapping[str, int]
    payment_method: int
    key: str = field(repr=False)


def set_up(rpc: JsonRpc) -> Company:
    currencies = {code: _currency(rpc, code, rate) for code, rate in CURRENCIES.items()}
    company = _company(rpc, currencies["EUR"])
    accounts = _chart(rpc, company)
    return Company(
        company=company,
        fiscal_year=_fiscal_year(rpc, company, accounts),
        accounts=accounts,
        payment_method=_payment_method(rpc, company, accounts),
        key=_poster(rpc, company),
    )


def _currency(rpc: JsonRpc, code: str, rate: str) -> int:
    rates = [["create", [{"date": date(YEAR, 1, 1), "rate": Decimal(rate)}]]]
    unit = {"name": code, "code": code, "symbol": code, "rounding": Decimal("0.01"), "digits": 2}
    return rpc.create("currency.currency", {**unit, "rates": rates})


def _company(rpc: JsonRpc, currency: int) -> int:
    party = rpc.create("party.party", {"name": "Acme GmbH"})
    company = rpc.create("company.company", {"party": party, "currency": currency})
    user = rpc.only("res.user", [["login", "=", "admin"]])
    rpc.call("model.res.user.write", [user], {"companies": [["add", [company]]], "company": company})
    rpc.context |= rpc.call("model.res.user.get_preferences", True)
    return company


def _chart(rpc: JsonRpc, company: int) -> dict[str, int]:
    types = {
        name: rpc.create("account.account.type", {"name": name, "company": company, **values})
        for name, values in ACCOUNT_TYPES.items()
    }
    accounts = {
        code: rpc.create(
            "account.account",
            {
                "name": name,
                "code": code,
                "company": company,
                "type": types[kind],
                "reconcile": kind == "receivable",
                "party_required": kind == "receivable",
            },
        )
        for code, (name, kind) in ACCOUNTS.items()
    }
    for name, rate in TAXES.items():
        booked = {"invoice_account": accounts[TAX], "credit_note_account": accounts[TAX]}
        told = {"name": name, "description": name, "type": "percentage", "rate": rate, "company": company}
        rpc.create("account.tax", {**told, **booked})
    return accounts


def _fiscal_year(rpc: JsonRpc, company: int, accounts: Mapping[str, int]) -> int:
    numbers = {name: _sequence(rpc, company, name) for name in ("Account Move", "Invoice", "Credit Note")}
    invoices, notes = numbers["Invoice"], numbers["Credit Note"]
    sequences: dict[str, Any] = {
        "out_invoice_sequence": invoices,
        "in_invoice_sequence": invoices,
        "out_credit_note_sequence": notes,
        "in_credit_note_sequence": notes,
    }
    year = rpc.create(
        "account.fiscalyear",
        {
            "name": str(YEAR),
            "company": company,
            "move_sequence": numbers["Account Move"],
            "start_date": date(YEAR, 1, 1),
            "end_date": date(YEAR, 12, 31),
            "invoice_sequences": [["create", [{"company": company, **sequences}]]],
        },
    )
    rpc.call("model.account.fiscalyear.create_period", [year])
    closed = rpc.search("account.period", [["company", "=", company], ["end_date", "<=", CLOSED_THROUGH]])
    rpc.call("model.account.period.close", closed)
    return year


def _sequence(rpc: JsonRpc, company: int, name: str) -> int:
    kind = rpc.only("ir.sequence.type", [["name", "=", "Account Move" if name == "Account Move" else "Invoice"]])
    prefix = "".join(word[0] for word in name.split()) + "-"
    values = {"name": name, "sequence_type": kind, "company": company, "prefix": prefix}
    return rpc.create("ir.sequence.strict", values)


def _payment_method(rpc: JsonRpc, company: int, accounts: Mapping[str, int]) -> int:
    journal = rpc.only("account.journal", [["code", "=", "CASH"]])
    both = {"credit_account": accounts[BANK], "debit_account": accounts[BANK]}
    values = {"name": PAYMENT_METHOD, "journal": journal, "company": company, **both}
    return rpc.create("account.invoice.payment.method", values)


def _poster(rpc: JsonRpc, company: int) -> str:
    """Make the user that posts, with no more rights than it needs, and return its key."""
    module, name = GROUP.split(".")
    group = rpc.call("model.ir.model.data.get_id", module, name)
    rights = {"groups": [["add", [group]]], "companies": [["add", [company]]], "company": company}
    user = rpc.create("res.user", {"name": POSTER, "login": POSTER, "password": POSTER_PASSWORD, **rights})
    application = rpc.create("res.user.application", {"user": user, "application": "rest"})
    key: str = rpc.read("res.user.application", application, "key")["key"]
    return key
