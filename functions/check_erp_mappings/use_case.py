"""Whether every ERP lets us in, and knows every name that our mapping will use."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.exception_record import ExceptionStatus
from shared.domain.identifiers import TenantId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.mapping_check import MappingCheck, finding, mended, named_by, unknown_names
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import NotSupported
from shared.ports.clock import Clock
from shared.ports.erp import ReadableErp, ReadableErpRouting
from shared.ports.exception_store import ExceptionStore
from shared.ports.exceptions import ExceptionReporter


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingChecker:
    tenant: TenantId
    erps: ReadableErpRouting
    exceptions: ExceptionReporter
    known: ExceptionStore
    clock: Clock

    def check(self, entities: Sequence[LegalEntity]) -> tuple[MappingCheck, ...]:
        """Return one check for each entity; what is not well is in the exceptions then, what is again no longer.

        One whose check breaks off keeps no other from being checked: its error is raised after the last of them.
        """
        checks: list[MappingCheck] = []
        failures: list[Exception] = []
        for entity in entities:
            try:
                checks.append(self._told(self._checked(entity)))
            except Exception as error:  # noqa: BLE001 - raised below, with all the others
                failures.append(error)
        if failures:
            raise ExceptionGroup("mappings could not be checked", failures)
        return tuple(checks)

    def _checked(self, entity: LegalEntity) -> MappingCheck:
        erp = self.erps.erp_for(entity.legal_entity_id)
        report = erp.check_connection()
        return _compared(entity, erp) if report.is_well else MappingCheck(entity=entity, problems=report.problems)

    def _told(self, check: MappingCheck) -> MappingCheck:
        now = self.clock.now()
        if not check.is_well:
            self.exceptions.report([finding(check, tenant=self.tenant, now=now)])
        for name in mended(check):
            known = self.known.find(name)
            if known is not None and known.status is ExceptionStatus.OPEN:
                self.exceptions.resolve(name, "checked again, and well", now)
        return check


def _compared(entity: LegalEntity, erp: ReadableErp) -> MappingCheck:
    unknown: list[str] = []
    not_compared: list[str] = []
    for kind, named in named_by(entity).items():
        if not named:
            continue
        match erp.reference(kind):
            case NotSupported(reason=reason) | LookupFailed(reason=reason):
                not_compared.append(f"{kind}: {reason}")
            case there:
                unknown += unknown_names(named, there)
    return MappingCheck(entity=entity, unknown=tuple(unknown), not_compared=tuple(not_compared))
