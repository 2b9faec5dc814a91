"""Whether the user may see what an entity posts to. Fusion hides what one may not see: a list is empty, no 403."""

from dataclasses import replace
from typing import Final

from shared.adapters.erp.oracle_fusion.resources import FusionResources, Unread, equals, is_number
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Absent, LookupFailed, Unreached
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
        return (self._ledger() if kind is DocumentKind.JOURNAL else self._unit()) or Absent()

    def report(self) -> ConnectionReport:
        problems: list[str] = []
        for look in (self._unit, self._ledger, self._periods):
            problem = look()
            if problem is not None:
                problems.append(problem.reason)
            if isinstance(problem, Unreached):
                break
        return ConnectionReport(tuple(dict.fromkeys(problems)))

    def _unit(self) -> LookupFailed | None:
        resource, _, name = self._settings.of("units_list", _UNITS).partition(":")
        unit = self._settings.mapping.company
        return self._missing(resource, equals(name, unit), f"the business unit {unit}")

    def _ledger(self) -> LookupFailed | None:
        ledger_id = self._settings.ledger_id
        return self._missing(_LEDGERS, is_number("LedgerId", ledger_id), f"the ledger {ledger_id}")

    def _periods(self) -> LookupFailed | None:
        ledger_id = self._settings.ledger_id
        return self._missing(_PERIODS, is_number("LedgerId", ledger_id), f"any period of the ledger {ledger_id}")

    def _missing(self, resource: str, condition: str, what: str) -> LookupFailed | None:
        page = self._resources.page(resource, [condition])
        if isinstance(page, Unread):
            failed = page.lookup
            if isinstance(failed, Unreached) and not failed.refused:
                return failed
            return replace(failed, reason=f"{resource} cannot be read ({failed.reason}): {_MEND}")
        return None if page.rows else LookupFailed(f"{what} {_EMPTY}")
