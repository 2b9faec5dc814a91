"""Set up a company in Tryton as an accountant would: chart, taxes, numbering, fiscal year, and a key for our poster."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from simulators.erp.company import AccountRole, CompanySetup
from tests.contract.real_tryton.json_rpc import JsonRpc

PAYMENT_METHOD = "Bank transfer"
POSTER, POSTER_PASSWORD = "usage-to-cash", "another-correct-horse-battery"
GROUP = "account.group_account"  # may post, may not close a period
ACCOUNT_TYPES: Mapping[AccountRole, Mapping[str, object]] = {
    AccountRole.RECEIVABLE: {"statement": "balance", "assets": True, "receivable": True},
    AccountRole.BANK: {"statement": "balance", "assets": True},
    AccountRole.ASSET: {"statement": "balance", "assets": True},
    AccountRole.LIABILITY: {"statement": "balance"},
    AccountRole.TAX: {"statement": "balance"},
    AccountRole.REVENUE: {"statement": "income", "revenue": True},
    AccountRole.EXPENSE: {"statement": "income", "expense": True},
}
CURRENCIES = {"EUR": "1", "USD": "1.25"}  # units for one euro
YEAR = 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What the tests need to know of it; ids are the database's own."""

    company: int
    fiscal_year: int
    accounts: Mapping[str, int]
    payment_method: int
    key: str = field(repr=False)
    administrator: str = field(repr=False)  # an open session, which copies of the database have too


def set_up(rpc: JsonRpc, setup: CompanySetup) -> Company:
    """Make the company that a simulator would make of the same set-up."""
    currencies = {code: _currency(rpc, code, rate) for code, rate in CURRENCIES.items()}
    company = _company(rpc, setup.name, currencies[setup.local_currency])
    _print_in_short(rpc)
    accounts = _chart(rpc, company, setup)
    _exchange_differences(rpc, [accounts[code] for code, role in setup.chart().items() if role is AccountRole.EXPENSE])
    return Company(
        company=company,
        fiscal_year=_fiscal_year(rpc, company, setup),
        accounts=accounts,
        payment_method=_payment_method(rpc, company, accounts[setup.bank_account]),
        key=_poster(rpc, company),
        administrator=rpc.authorization,
    )


def _currency(rpc: JsonRpc, code: str, rate: str) -> int:
    rates = [["create", [{"date": date(YEAR, 1, 1), "rate": Decimal(rate)}]]]
    unit = {"name": code, "code": code, "symbol": code, "rounding": Decimal("0.01"), "digits": 2}
    return rpc.create("currency.currency", {**unit, "rates": rates})


def _company(rpc: JsonRpc, name: str, currency: int) -> int:
    party = rpc.create("party.party", {"name": name})
    company = rpc.create("company.company", {"party": party, "currency": currency, "cancel_invoice_out": True})
    user = rpc.only("res.user", [["login", "=", "admin"]])
    rpc.call("model.res.user.write", [user], {"companies": [["add", [company]]], "company": company})
    rpc.context |= rpc.call("model.res.user.get_preferences", True)
    return company


def _print_in_short(rpc: JsonRpc) -> None:
    """Give invoices a layout of one line: each is printed when it is posted, which took longer than all the rest."""
    layout = rpc.only("ir.action.report", [["report_name", "=", "account.invoice"]])
    rpc.call(
        "model.ir.action.report.write", [layout], {"template_extension": "txt", "report_content_custom": b"Invoice"}
    )


def _exchange_differences(rpc: JsonRpc, expenses: list[int]) -> None:
    """Say where the cents go that amounts in two currencies are apart: Tryton refuses an invoice that has some."""
    (account,) = expenses
    journal = rpc.only("account.journal", [["code", "=", "EXC"]])
    both = dict.fromkeys(("currency_exchange_credit_account", "currency_exchange_debit_account"), account)
    rpc.call("model.account.configuration.write", [1], {"currency_exchange_journal": journal, **both})


def _chart(rpc: JsonRpc, company: int, setup: CompanySetup) -> dict[str, int]:
    types = {
        role: rpc.create("account.account.type", {"name": role.value, "company": company, **values})
        for role, values in ACCOUNT_TYPES.items()
    }
    accounts = {
        code: rpc.create(
            "account.account",
            {
                "name": f"{role.value} {code}",
                "code": code,
                "company": company,
                "type": types[role],
                "reconcile": role is AccountRole.RECEIVABLE,
                "party_required": role is AccountRole.RECEIVABLE,
            },
        )
        for code, role in setup.chart().items()
    }
    booked = dict.fromkeys(("invoice_account", "credit_note_account"), accounts[setup.tax_account])
    for name, rate in setup.tax_codes.items():
        told = {"name": name, "description": name, "type": "percentage", "rate": rate, "company": company}
        rpc.create("account.tax", {**told, **booked})
    return accounts


def _fiscal_year(rpc: JsonRpc, company: int, setup: CompanySetup) -> int:
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
    set_posting_window(rpc, company, posting_from=setup.posting_from, posting_to=setup.posting_to)
    return year


def set_posting_window(rpc: JsonRpc, company: int, *, posting_from: date | None, posting_to: date | None) -> None:
    """Close the months that touch no day of the window; reopen the others, and the journals in them."""
    of_company = [["company", "=", company], ["type", "=", "standard"]]
    outside = ["OR", ["end_date", "<", posting_from or date.min], ["start_date", ">", posting_to or date.max]]
    to_close = rpc.search("account.period", [*of_company, outside, ["state", "=", "open"]])
    every = set(rpc.search("account.period", [*of_company, ["state", "=", "closed"]]))
    to_open = sorted(every - set(rpc.search("account.period", [*of_company, outside])))
    if to_close:
        rpc.call("model.account.period.close", to_close)
    if to_open:
        rpc.call("model.account.period.reopen", to_open)
        journals = rpc.search("account.journal.period", [["period", "in", to_open], ["state", "=", "closed"]])
        if journals:
            rpc.call("model.account.journal.period.reopen", journals)


def _sequence(rpc: JsonRpc, company: int, name: str) -> int:
    kind = rpc.only("ir.sequence.type", [["name", "=", "Account Move" if name == "Account Move" else "Invoice"]])
    prefix = "".join(word[0] for word in name.split()) + "-"
    values = {"name": name, "sequence_type": kind, "company": company, "prefix": prefix}
    return rpc.create("ir.sequence.strict", values)


def _payment_method(rpc: JsonRpc, company: int, bank: int) -> int:
    journal = rpc.only("account.journal", [["code", "=", "CASH"]])
    booked = dict.fromkeys(("credit_account", "debit_account"), bank)
    values = {"name": PAYMENT_METHOD, "journal": journal, "company": company, **booked}
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
