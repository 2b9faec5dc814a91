"""Accounting periods: one entity has their dates, another their status, which is the ledger's own."""

from datetime import date
from typing import Final

from shared.adapters.erp.dynamics_finance.data_service import DataService, Row, literal
from shared.adapters.erp.dynamics_finance.dates import at_noon, day_of
from shared.adapters.erp.dynamics_finance.settings import Settings
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import LookupFailed, Rejected, RejectionCode
from shared.domain.posting.readings import NotSupported, PeriodReading, Periods

_DATES: Final = "FiscalPeriods"
_OPERATING: Final = "Type eq Microsoft.Dynamics.DataEntities.FiscalPeriodType'Operating'"
_READ_OF_STATUS: Final = ("YearName", "PeriodName", "PeriodStatus", "CustAccessLevel", "LedgerAccessLevel")
_FOR_GOOD: Final = frozenset({"Closed", "PermanentlyClosed"})


class FiscalPeriods:
    """The periods of one company's ledger; nothing is known of them without the settings that name their entities."""

    def __init__(self, data: DataService, settings: Settings) -> None:
        self._data = data
        self._settings = settings

    def read(self, kind: DocumentKind) -> Periods:
        if not self._known:
            return NotSupported("name the settings period_entity and fiscal_calendar, or watch the ledger calendar")
        return self._readings(kind, _OPERATING, self._of_company())

    def refusal(self, day: date, kind: DocumentKind) -> Rejected | None:
        """Return why nothing of a day is posted now; None where it may be, and where nobody can tell."""
        if not self._known:
            return None
        of_day = f"{_OPERATING} and StartDate le {at_noon(day)} and EndDate ge {at_noon(day)}"
        readings = self._readings(kind, of_day, self._of_company())
        if isinstance(readings, LookupFailed | NotSupported):
            return None
        for reading in readings:
            if reading.status is not PeriodStatus.OPEN:
                text = f"the accounting period {reading.name} is {reading.status} in the ledger calendar"
                return Rejected.of(RejectionCode.PERIOD_CLOSED, text)
        return None

    @property
    def _known(self) -> bool:
        return bool(self._settings.period_entity and self._settings.fiscal_calendar)

    def _of_company(self) -> str:
        calendar = f"Calendar eq {literal(self._settings.fiscal_calendar)}"
        return f"{calendar} and LegalEntityId eq {literal(self._data.company)}"

    def _readings(
        self, kind: DocumentKind, of_dates: str, of_status: str
    ) -> tuple[PeriodReading, ...] | LookupFailed | NotSupported:
        calendar = f"Calendar eq {literal(self._settings.fiscal_calendar)}"
        wanted = f"{calendar} and {of_dates}"
        dates = self._data.rows(_DATES, wanted, fields=["FiscalYear", "PeriodName", "StartDate"], order="StartDate")
        if isinstance(dates, LookupFailed):
            return dates
        if len(dates) == 1:
            of_status += f" and YearName eq {literal(str(dates[0].get('FiscalYear')))}"
            of_status += f" and PeriodName eq {literal(str(dates[0].get('PeriodName')))}"
        rows = self._data.rows(self._settings.period_entity, of_status, fields=_READ_OF_STATUS)
        if isinstance(rows, LookupFailed):
            return rows
        try:
            statuses = {(row["YearName"], row["PeriodName"]): _status(row, kind) for row in rows}
            return tuple(
                PeriodReading(
                    day_of(row["StartDate"]).strftime("%Y-%m"), statuses[row["FiscalYear"], row["PeriodName"]]
                )
                for row in dates
                if (row["FiscalYear"], row["PeriodName"]) in statuses
            )
        except (KeyError, TypeError, ValueError):
            return LookupFailed("the periods cannot be read")


def _status(row: Row, kind: DocumentKind) -> PeriodStatus:
    """Return what may be posted: the period's own status, and whether the module is open to everybody in it."""
    access = row["LedgerAccessLevel" if kind is DocumentKind.JOURNAL else "CustAccessLevel"]
    if row["PeriodStatus"] == "Open":
        return PeriodStatus.OPEN if access == "All" else PeriodStatus.SOFT_CLOSED
    return PeriodStatus.CLOSED if row["PeriodStatus"] in _FOR_GOOD else PeriodStatus.SOFT_CLOSED
