"""Whether every ERP lets us in, and knows every name that our mapping will use."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.exception_record import ExceptionStatus
from shared.domain.identifiers import TenantId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.mapping_check import MappingCheck, findings, mended, named_by, unknown_names
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import NotSupported
from shared.ports.clock import Clock
from shared.ports.erp import ReadableErp, ReadableErpRouting
from shared.ports.exception_store import ExceptionStore
from shared.ports.exceptions import ExceptionReporter


@dataclass(frozen=True, slots=True)
class _BrokenOff:
    entity: LegalEntity
    error: Exception

    @property
    def told(self) -> MappingCheck:
        broke_off = f"the check broke off: {type(self.error).__name__}: {self.error}"
        return MappingCheck(entity=self.entity, problems=(broke_off,))


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
        checked = self._each(entities)
        if failures := [one.error for one in checked if isinstance(one, _BrokenOff)]:
            raise ExceptionGroup("mappings could not be checked", failures)
        return tuple(one for one in checked if isinstance(one, MappingCheck))

    def ask(self, entities: Sequence[LegalEntity]) -> tuple[MappingCheck, ...]:
        """Check as `check` does, for a person: a check that breaks off is told as its entity's problem."""
        return tuple(one.told if isinstance(one, _BrokenOff) else one for one in self._each(entities))

    def _each(self, entities: Sequence[LegalEntity]) -> Sequence[MappingCheck | _BrokenOff]:
        checked: list[MappingCheck | _BrokenOff] = []
        for entity in entities:
            try:
                checked.append(self._told(self._checked(entity)))
            except Exception as error:  # noqa: BLE001 - raised by `check`, and told by `ask`, with all the others
                checked.append(_BrokenOff(entity, error))
        return checked

    def _checked(self, entity: LegalEntity) -> MappingCheck:
        erp = self.erps.erp_for(entity.legal_entity_id)
        report = erp.check_connection()
        return _compared(entity, erp) if report.is_well else MappingCheck(entity=entity, problems=report.problems)

    def _told(self, check: MappingCheck) -> MappingCheck:
        now = self.clock.now()
        if not check.is_well:
            self.exceptions.report(list(findings(check, tenant=self.tenant, now=now)))
        for name in mended(check):
            known = self.known.find(name)
            if known is not None and known.status is ExceptionStatus.OPEN:
                self.exceptions.resolve(name, "checked again, and well", now)
        return check


def _compared(entity: LegalEntity, erp: ReadableErp) -> MappingCheck:
    problems: list[str] = []
    unknown: list[str] = []
    not_compared: list[str] = []
    for kind, named in named_by(entity).items():
        if not named:
            continue
        match erp.reference(kind):
            case NotSupported(reason=reason):
                not_compared.append(f"{kind}: {reason}")
            case LookupFailed(reason=reason):
                problems.append(f"{kind} cannot be read: {reason}")
            case there:
                unknown += unknown_names(named, there)
    return MappingCheck(
        entity=entity, problems=tuple(problems), unknown=tuple(unknown), not_compared=tuple(not_compared)
    )
