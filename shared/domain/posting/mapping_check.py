"""A legal entity's mapping against what its ERP has: a name that the ERP does not know is found before any posting."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.master_data import mapping_names
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.master_data.mapping_names import NamedKey
from shared.domain.posting.readings import ReferenceItem, ReferenceKind
from shared.domain.posting.systems.registry import SYSTEMS

MAX_MESSAGE_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class UnknownName:
    """An entry of a mapping, our words and the ERP's key, that the ERP does not have, or has closed."""

    name: str
    key: str
    is_closed: bool = False

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.key} is closed in the ERP"
            if self.is_closed
            else f"{self.name}: the ERP has no {self.key}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingCheck:
    """What was compared. `found` has what the ERP does not know, of each kind whose list did not fail to be read.

    `problems` are those of the connection, with which nothing was compared, or lists that could not be read.
    `not_compared` says which lists the ERP shows to nobody.
    """

    entity: LegalEntity
    problems: tuple[str, ...] = ()
    found: Mapping[ReferenceKind, tuple[UnknownName, ...]] = field(default_factory=lambda: MappingProxyType({}))
    not_compared: tuple[str, ...] = ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """Name each entry that the ERP does not have or has closed."""
        return tuple(str(one) for names in self.found.values() for one in names)

    @property
    def is_well(self) -> bool:
        return not self.problems and not self.unknown


def named_by(entity: LegalEntity) -> Mapping[ReferenceKind, Sequence[NamedKey]]:
    """Return what the mapping names of each kind of reference data: our words for it, and the ERP's key."""
    erp = entity.erp
    products, accounts = mapping_names.products(erp), mapping_names.accounts(erp)
    names_items = SYSTEMS[erp.system].mapping.names_items
    return {
        ReferenceKind.ACCOUNTS: accounts if names_items else [*products, *accounts],
        ReferenceKind.ITEMS: products if names_items else [],
        ReferenceKind.TAX_CODES: mapping_names.tax_codes(erp),
        ReferenceKind.CURRENCIES: mapping_names.currencies(erp),
        ReferenceKind.DIMENSIONS: mapping_names.dimensions(erp),
    }


def unknown_names(named: Sequence[NamedKey], there: Sequence[ReferenceItem]) -> Iterator[UnknownName]:
    """Yield each name of a mapping that the ERP does not have, or does not let anybody post to any more."""
    active = {item.key: item.active for item in there}
    for ours, key in named:
        if key not in active:
            yield UnknownName(ours, key)
        elif not active[key]:
            yield UnknownName(ours, key, is_closed=True)


def findings(check: MappingCheck, *, tenant: TenantId, now: datetime) -> Iterator[ExceptionRecord]:
    """Yield the exceptions of a check that is not well."""
    entity = check.entity
    for code, told in ((ExceptionCode.ERP_NOT_READY, check.problems), (ExceptionCode.MAPPING_UNKNOWN, check.unknown)):
        if told:
            yield ExceptionRecord(
                exception_id=exception_id(code, entity.legal_entity_id),
                tenant=tenant,
                code=code,
                subject=entity.legal_entity_id,
                message="; ".join(told)[:MAX_MESSAGE_LENGTH],
                raised_at=now,
                detail={
                    "legal_entity": entity.legal_entity_id,
                    "erp": entity.erp.system,
                    "connection": entity.erp.connection,
                    "company": entity.erp.company,
                    "findings": str(len(told)),
                },
            )


def mended(check: MappingCheck) -> tuple[ExceptionId, ...]:
    """Return the exceptions that a check has shown to be over: none of what it could not see."""
    codes = [] if check.problems else [ExceptionCode.ERP_NOT_READY]
    codes += [ExceptionCode.MAPPING_UNKNOWN] if check.is_well else []
    return tuple(exception_id(code, check.entity.legal_entity_id) for code in codes)
