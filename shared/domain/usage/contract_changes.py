"""Which changes of usage contracts a publication may not make: what was measured must come out the same again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.usage.contract_definition import ContractDefinition, ContractStatus, ContractVersion
from shared.domain.usage.contract_policy import first_instant_of
from shared.domain.usage.contract_schema import same_schema

# Longer than ingest goes on with the contracts that it knows, and than an event may be ahead of its arrival.
LEAD = timedelta(hours=1)
_ROLES = ("quantity", "unique_key")


@dataclass(frozen=True, slots=True)
class ForbiddenChange:
    """`version` is the one that changed, 0 for the contract itself."""

    contract: str
    version: int
    message: str

    def __str__(self) -> str:
        return f"contract {self.contract}{f', version {self.version}' if self.version else ''}: {self.message}"


def forbidden_changes(
    published: Sequence[ContractDefinition], coming: Sequence[ContractDefinition], at: datetime
) -> tuple[ForbiddenChange, ...]:
    """Name every change that a publication at an instant (UTC) may not make, each with its reason."""
    new = {definition.name: definition for definition in coming}
    return tuple(
        ForbiddenChange(old.name, version, message)
        for old in published
        if old.published
        for version, message in _changes(old, new.get(old.name), at)
    )


def _changes(old: ContractDefinition, new: ContractDefinition | None, at: datetime) -> Iterator[tuple[int, str]]:
    if new is None:
        yield 0, "it is published and not there any more: retire its versions instead"
        return
    yield from ((0, message) for message in _measurement_changes(old, new))
    versions = {version.number: version for version in new.published}
    for version in old.published:
        if version.number not in versions:
            yield 0, f"version {version.number} is published: it may be retired, not removed or made a draft"
            continue
        yield from (
            (version.number, message) for message in _version_changes(version, versions.pop(version.number), at)
        )
    for version in versions.values():
        if version.valid_from < at + LEAD:
            yield (
                version.number,
                (
                    f"valid_from {version.valid_from} is not an hour after the publication at {at}: "
                    "what happened before was measured without it"
                ),
            )


def _measurement_changes(old: ContractDefinition, new: ContractDefinition) -> Iterator[str]:
    if (old.event, old.billing) != (new.event, new.billing):
        yield "event and billing of a published contract never change"
    newest = old.published[-1].number
    for role in _ROLES:
        before, after = getattr(old, role), getattr(new, role)
        if before != (after and new.earlier_name(after, newest)):
            yield f"the member that is the {role} never changes; a new version may rename it"


def _version_changes(old: ContractVersion, new: ContractVersion, at: datetime) -> Iterator[str]:
    if not same_schema(old.schema, new.schema):
        yield "the schema of a published version never changes; add a version"
    if old.upcast != new.upcast:
        yield "the upcast of a published version never changes; add a version"
    if old.valid_from != new.valid_from:
        yield "valid_from of a published version never changes"
    if old.deprecated_on != new.deprecated_on:
        for day in (old.deprecated_on, new.deprecated_on):
            if day is not None and first_instant_of(day) < at + LEAD:
                yield f"deprecated_on {day} is not an hour after {at}: what arrived before was judged without it"
    if old.status is ContractStatus.RETIRED and new.status is not ContractStatus.RETIRED:
        yield "it is retired, which is final"
