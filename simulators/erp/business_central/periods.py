"""accountingPeriods and generalLedgerSetup: what a caller can read about open periods."""

from datetime import date

from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.odata import Entity, etag_of

NO_DATE = "0001-01-01"
YEARS_AROUND_NOW = 2
MONTHS = 12


def general_ledger_setup(books: CompanyBooks) -> Entity:
    return {
        "@odata.etag": etag_of(0),
        "id": books.setup.company,
        "allowPostingFrom": _date_or_none(books.posting_from),
        "allowPostingTo": _date_or_none(books.posting_to),
        "localCurrencyCode": books.setup.local_currency,
        "shortcutDimension1Code": "",
        "shortcutDimension2Code": "",
    }


def accounting_periods(books: CompanyBooks) -> list[Entity]:
    """Return the months around the present year; a fiscal-year close is not simulated, only the posting window."""
    year = books.now().year
    starts = [
        date(each_year, month, 1)
        for each_year in range(year - YEARS_AROUND_NOW, year + YEARS_AROUND_NOW + 1)
        for month in range(1, MONTHS + 1)
    ]
    return [
        {
            "@odata.etag": etag_of(0),
            "startingDate": start.isoformat(),
            "name": start.strftime("%B"),
            "newFiscalYear": start.month == 1,
            "closed": False,
            "dateLocked": False,
        }
        for start in starts
    ]


def _date_or_none(day: date | None) -> str:
    return NO_DATE if day is None else day.isoformat()
