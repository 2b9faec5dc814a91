"""Whether the user may see what an entity posts to. Fusion hides what one may not see: a list is empty, no 403."""

from typing import Final

from shared.adapters.erp.oracle_fusion.resources import FusionResources, Unread, equals, is_number
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Absent, LookupFailed
from shared.domain.posting.readings import ConnectionReport

_UNITS: Final = "receivablesBusinessUnitsLOV:BusinessUnitName"
_LEDGERS: Final = "ledgersLOV"
_PERIODS: Final = "accountingPeriodStatusLOV"
_MEND: Final = "an administrator renews the connection's secret, or gives the user a role that may read it"
_EMPTY: Final = "is in no list that the user sees: grant it data access, for a missing grant is an empty list"


class FusionVisibility:
    """What one entity needs to be seen."""

    def __init__(self, resources: FusionResources, settings: FusionSettings) -> None:
        self._resources = resources
        self._settings = settings

    def absence(self, kind: DocumentKind) -> Absent | LookupFailed:
        """Return Absent for an empty list of documents, if the user could have seen them at all."""
        problem = self._ledger() if kind is DocumentKind.JOURNAL else self._unit()
        return Absent() if problem is None else LookupFailed(problem)

    def report(self) -> ConnectionReport:
        problems = [problem for problem in (self._unit(), self._ledger(), self._periods()) if problem is not None]
        return ConnectionReport(tuple(dict.fromkeys(problems)))

    def _unit(self) -> str | None:
        resource, _, name = self._settings.of("units_list", _UNITS).partition(":")
        unit = self._settings.mapping.company
        return self._missing(resource, equals(name, unit), f"the business unit {unit}")

    def _ledger(self) -> str | None:
        ledger_id = self._settings.ledger_id
        return self._missing(_LEDGERS, is_number("LedgerId", ledger_id), f"the ledger {ledger_id}")

    def _periods(self) -> str | None:
        ledger_id = self._settings.ledger_id
        return self._missing(_PERIODS, is_number("LedgerId", ledger_id), f"any period of the ledger {ledger_id}")

    def _missing(self, resource: str, condition: str, what: str) -> str | None:
        page = self._resources.page(resource, [condition])
        if isinstance(page, Unread):
            return f"{resource} cannot be read ({page.reason}): {_MEND}"
        return None if page.rows else f"{what} {_EMPTY}"
