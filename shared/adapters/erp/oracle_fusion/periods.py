"""Accounting periods of the ledger, for receivables and for the general ledger: each application has its own status."""

from datetime import date
from typing import Final

from shared.adapters.erp.oracle_fusion.resources import FusionResources, Unread, equals, is_number
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import PeriodReading

_RESOURCE: Final = "accountingPeriodStatusLOV"
_GENERAL_LEDGER: Final = "101"
_RECEIVABLES: Final = "222"
_ENTERABLE: Final = frozenset({"O", "F"})  # open, future-enterable; C, P and N take nothing


class FusionPeriods:
    """The periods of one ledger."""

    def __init__(self, resources: FusionResources, settings: FusionSettings) -> None:
        self._resources = resources
        self._settings = settings

    def all(self, kind: DocumentKind) -> tuple[PeriodReading, ...] | LookupFailed:
        rows = self._resources.all(_RESOURCE, self._of(kind), order="StartDate")
        if isinstance(rows, Unread):
            return rows.lookup
        try:
            months = {
                date.fromisoformat(row["StartDate"]).strftime("%Y-%m"): _status(row["ClosingStatus"])
                for row in rows
                if row.get("AdjustmentPeriodFlag") not in {True, "Y"}
            }
        except (KeyError, TypeError, ValueError):
            return LookupFailed("the periods cannot be read")
        return tuple(PeriodReading(name, status) for name, status in sorted(months.items()))

    def is_closed(self, kind: DocumentKind, day: date) -> bool:
        """Tell whether the ERP says that it takes nothing dated to a day; False where it says nothing."""
        named = equals("PeriodNameId", self._settings.period_name(day))
        page = self._resources.page(_RESOURCE, [*self._of(kind), named])
        return not isinstance(page, Unread) and any(row.get("ClosingStatus") not in _ENTERABLE for row in page.rows)

    def _of(self, kind: DocumentKind) -> tuple[str, str]:
        application = _GENERAL_LEDGER if kind is DocumentKind.JOURNAL else _RECEIVABLES
        return is_number("LedgerId", self._settings.ledger_id), is_number("ApplicationId", application)


def _status(closing_status: str) -> PeriodStatus:
    return PeriodStatus.OPEN if closing_status in _ENTERABLE else PeriodStatus.CLOSED
