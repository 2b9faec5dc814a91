"""What an accountant sets up before the first call: accounts, taxes, journals, currencies, months of a fiscal year."""

from datetime import date, timedelta
from typing import Final

from simulators.erp.company import (
    CURRENCIES_WITH_MILLS,
    CURRENCIES_WITHOUT_MINOR_UNITS,
    AccountRole,
    CompanySetup,
)
from simulators.erp.tryton.database import Database

JOURNALS: Final = {"REV": "Revenue", "CASH": "Cash", "MISC": "Miscellaneous"}
CURRENCIES: Final = (
    *("AUD", "BHD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "INR", "JPY", "KRW"),
    *("KWD", "MXN", "NOK", "NZD", "PLN", "SEK", "SGD", "USD", "ZAR"),
)
FIRST_YEAR, LAST_YEAR = 2020, 2035


def add_common_records(database: Database) -> None:
    for code in CURRENCIES:
        database.add("currency.currency", code=code, name=code, active=True, digits=_digits(code))
    for code, name in JOURNALS.items():
        database.add("account.journal", code=code, name=name)


def add_company(database: Database, company: int, setup: CompanySetup) -> None:
    currency = next(one for one in database.all("currency.currency") if one["code"] == setup.local_currency)
    party = database.add("party.party", name=setup.name, code="", active=True, addresses=[], identifiers=[], email="")
    database.add("company.company", id=company, party=party["id"], currency=currency["id"])
    for code, role in setup.chart().items():
        database.add("account.account", company=company, code=code, name=f"{role} {code}", role=role, closed=False)
    for name, rate in setup.tax_codes.items():
        database.add("account.tax", company=company, name=name, description=name, rate=rate, active=True)
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for month in range(1, 13):
            start = date(year, month, 1)
            end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            database.add(
                "account.period",
                company=company,
                name=start.strftime("%Y-%m"),
                type="standard",
                start_date=start,
                end_date=end,
                state="open",
            )
    journals = {setup.names[name] for name in ("revenue_journal", "general_journal") if name in setup.names}
    for code in sorted(journals - {journal["code"] for journal in database.all("account.journal")}):
        database.add("account.journal", code=code, name=code)
    set_posting_window(database, company, posting_from=setup.posting_from, posting_to=setup.posting_to)


def set_posting_window(database: Database, company: int, *, posting_from: date | None, posting_to: date | None) -> None:
    """Close the months that touch no day of the window, with the journals in them; reopen the others, as one should."""
    for period in database.all("account.period"):
        if period["company"] == company:
            is_before = posting_from is not None and period["end_date"] < posting_from
            is_after = posting_to is not None and period["start_date"] > posting_to
            set_state(database, period["id"], "closed" if is_before or is_after else "open")


def set_state(database: Database, period: int, state: str) -> None:
    """Close or reopen a period with the journals in it."""
    record = database.get("account.period", period)
    assert record is not None, f"there is no period {period}"
    record["state"] = state
    for journal in database.all("account.journal.period"):
        if journal["period"] == period:
            journal["state"] = state


def has_role(database: Database, account: int, role: AccountRole) -> bool:
    record = database.get("account.account", account)
    return record is not None and record["role"] is role


def _digits(code: str) -> int:
    if code in CURRENCIES_WITHOUT_MINOR_UNITS:
        return 0
    return 3 if code in CURRENCIES_WITH_MILLS else 2
