"""Whether every ERP lets us in, and knows every name that our mapping will use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.domain.exception_record import ExceptionStatus
from shared.domain.identifiers import TenantId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.mapping_check import (
    MappingCheck,
    UnknownName,
    findings,
    mended,
    named_by,
    unknown_names,
)
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import NotSupported, ReferenceKind
from shared.ports.clock import Clock
from shared.ports.erp import ReadableErp, ReadableErps
from shared.ports.exception_store import ExceptionStore
from shared.ports.exceptions import ExceptionReporter
from shared.ports.mapping_findings import MappingFindings


class AnotherTenantError(ValueError):
    """What is proposed is another tenant's catalogue."""


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
    erps: ReadableErps
    exceptions: ExceptionReporter
    known: ExceptionStore
    findings: MappingFindings
    clock: Clock

    def check(self, entities: Sequence[LegalEntity]) -> tuple[MappingCheck, ...]:
        """Return one check for each entity; what is not well is in the exceptions then, what is again no longer.

        One whose check breaks off keeps no other from being checked: its error is raised after the last of them.
        """
        checked = _each(entities, self._checked_and_told)
        if failures := [one.error for one in checked if isinstance(one, _BrokenOff)]:
            raise ExceptionGroup("mappings could not be checked", failures)
        return tuple(one for one in checked if isinstance(one, MappingCheck))

    def ask(self, entities: Sequence[LegalEntity]) -> tuple[MappingCheck, ...]:
        """Check as `check` does, for a person: a check that breaks off is told as its entity's problem."""
        return _for_a_person(_each(entities, self._checked_and_told))

    def ask_of_proposed(self, tenant: TenantId, entities: Sequence[LegalEntity]) -> tuple[MappingCheck, ...]:
        """Check as `ask` does what is not published yet; raises AnotherTenantError.

        Nothing is posted by it, so no exception opens or closes, and no invoice is held or let go.
        """
        if tenant != self.tenant:
            raise AnotherTenantError(f"the catalogue is of the tenant {tenant}, and the deployment of {self.tenant}")
        return _for_a_person(_each(entities, self._checked))

    def _checked_and_told(self, entity: LegalEntity) -> MappingCheck:
        return self._told(self._checked(entity))

    def _checked(self, entity: LegalEntity) -> MappingCheck:
        erp = self.erps.erp_of(entity)
        report = erp.check_connection()
        return _compared(entity, erp) if report.is_well else MappingCheck(entity=entity, problems=report.problems)

    def _told(self, check: MappingCheck) -> MappingCheck:
        now = self.clock.now()
        self.findings.record(check.entity, check.found)
        if not check.is_well:
            self.exceptions.report(list(findings(check, tenant=self.tenant, now=now)))
        for name in mended(check):
            known = self.known.find(name)
            if known is not None and known.status is ExceptionStatus.OPEN:
                self.exceptions.resolve(name, "checked again, and well", now)
        return check


def _each(
    entities: Sequence[LegalEntity], checked: Callable[[LegalEntity], MappingCheck]
) -> Sequence[MappingCheck | _BrokenOff]:
    checks: list[MappingCheck | _BrokenOff] = []
    for entity in entities:
        try:
            checks.append(checked(entity))
        except Exception as error:  # noqa: BLE001 - raised or told with all the others
            checks.append(_BrokenOff(entity, error))
    return checks


def _for_a_person(checks: Sequence[MappingCheck | _BrokenOff]) -> tuple[MappingCheck, ...]:
    return tuple(one.told if isinstance(one, _BrokenOff) else one for one in checks)


def _compared(entity: LegalEntity, erp: ReadableErp) -> MappingCheck:
    problems: list[str] = []
    found: dict[ReferenceKind, tuple[UnknownName, ...]] = {}
    not_compared: list[str] = []
    for kind, named in named_by(entity).items():
        if not named:
            found[kind] = ()
            continue
        match erp.reference(kind):
            case NotSupported(reason=reason):
                found[kind] = ()
                not_compared.append(f"{kind}: {reason}")
            case LookupFailed(reason=reason):
                problems.append(f"{kind} cannot be read: {reason}")
            case there:
                found[kind] = tuple(unknown_names(named, there))
    return MappingCheck(entity=entity, problems=tuple(problems), found=found, not_compared=tuple(not_compared))
