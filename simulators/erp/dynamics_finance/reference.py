"""What a caller may read of the setup: accounts, dimensions, tax groups, currencies, terms, companies, periods."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from simulators.erp.company import CompanySetup
from simulators.erp.dynamics_finance.books import CompanyBooks
from simulators.erp.dynamics_finance.values import NO, EnumName, Row, at_noon

CALENDAR = "Fiscal"
PAYMENT_TERMS = {"Net14": 14, "Net30": 30}
OPEN_TO_ALL, BLOCKED = EnumName("All"), EnumName("None")
MONTHS = 12
YEARS_AROUND_NOW = 2


def main_accounts(companies: Iterable[CompanyBooks]) -> list[Row]:
    return [
        _row(ChartOfAccounts=chart(books.setup), MainAccountId=account, Name=role.value, IsSuspended=NO)
        for books in companies
        for account, role in sorted(books.setup.chart().items())
    ]


def dimension_values(companies: Iterable[CompanyBooks]) -> list[Row]:
    return [
        _row(
            FinancialDimension=name,
            DimensionValue=value,
            Description=value,
            LegalEntityId=books.setup.company.upper(),
            IsSuspended=NO,
        )
        for books in companies
        for name, dimension in books.setup.dimensions.items()
        for value in sorted(dimension)
    ]


def tax_groups(books: CompanyBooks) -> list[Row]:
    groups = sorted({code.partition("/")[0] for code in books.setup.tax_codes})
    return [
        _row(dataAreaId=books.company, TaxGroupCode=group, Description=group, RoundingBy=EnumName("TaxCode"))
        for group in groups
    ]


def tax_item_groups(books: CompanyBooks) -> list[Row]:
    groups = sorted({code.partition("/")[2] for code in books.setup.tax_codes})
    return [
        _row(dataAreaId=books.company, TaxItemGroupCode=group, Description=group, TaxCodeId=group) for group in groups
    ]


def payment_terms(books: CompanyBooks) -> list[Row]:
    return [
        _row(dataAreaId=books.company, Name=name, Description=f"Net {days} days", NumberOfDays=days)
        for name, days in PAYMENT_TERMS.items()
    ]


def currencies(companies: Iterable[CompanyBooks]) -> list[Row]:
    codes = {books.setup.local_currency for books in companies} | {"EUR", "USD", "GBP", "JPY", "CHF"}
    return [_row(CurrencyCode=code, Name=code) for code in sorted(codes)]


def legal_entities(companies: Iterable[CompanyBooks]) -> list[Row]:
    return [_row(LegalEntityId=books.setup.company.upper(), Name=books.setup.name) for books in companies]


def ledgers(companies: Iterable[CompanyBooks]) -> list[Row]:
    return [
        _row(
            LedgerRecId=1000 + place,
            Name=books.setup.company.upper(),
            LegalEntityId=books.setup.company.upper(),
            ChartOfAccounts=chart(books.setup),
            FiscalCalendar=calendar(books.setup),
            AccountingCurrency=books.setup.local_currency,
        )
        for place, books in enumerate(companies)
    ]


def calendar(setup: CompanySetup) -> str:
    return setup.names.get("fiscal_calendar", CALENDAR)


def fiscal_periods(companies: Sequence[CompanyBooks]) -> list[Row]:
    """Return the months around today's year, with their dates; whether they are open is another entity's matter."""
    return [
        _row(
            Calendar=name,
            FiscalYear=f"{start:%Y}",
            PeriodName=_name(start),
            StartDate=at_noon(start),
            EndDate=at_noon(_next_month(start) - timedelta(days=1)),
            Days=(_next_month(start) - start).days,
            Type=EnumName("Operating"),
        )
        for name in sorted({calendar(books.setup) for books in companies})
        for start in _months(companies[0].today())
    ]


def ledger_fiscal_periods(companies: Iterable[CompanyBooks]) -> list[Row]:
    return [
        _row(
            LegalEntityId=books.setup.company.upper(),
            LedgerName=books.setup.company.upper(),
            Calendar=calendar(books.setup),
            YearName=f"{start:%Y}",
            PeriodName=_name(start),
            PeriodStatus=EnumName(books.period_status(start)),
            CustAccessLevel=_access(books, start),
            LedgerAccessLevel=_access(books, start),
        )
        for books in companies
        for start in _months(books.today())
    ]


def chart(setup: CompanySetup) -> str:
    return f"Chart of {setup.company.upper()}"


def _access(books: CompanyBooks, start: date) -> EnumName:
    return OPEN_TO_ALL if books.posts_on(start) else BLOCKED


def _name(start: date) -> str:
    return f"Period {start.month}"


def _months(today: date) -> list[date]:
    years = range(today.year - YEARS_AROUND_NOW, today.year + YEARS_AROUND_NOW + 1)
    return [date(year, month, 1) for year in years for month in range(1, MONTHS + 1)]


def _next_month(start: date) -> date:
    return date(start.year + start.month // MONTHS, start.month % MONTHS + 1, 1)


def _row(**fields: object) -> Row:
    return {"@odata.etag": 'W/"JzEsMSc="', **fields}
