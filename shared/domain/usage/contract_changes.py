"""Which changes of usage contracts a publication may not make: what was measured must come out the same again."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from shared.domain.usage.contract_definition import ContractDefinition, ContractStatus, ContractVersion
from shared.domain.usage.contract_policy import first_instant_of
from shared.domain.usage.contract_schema import same_schema

# Longer than ingest goes on with the contracts that it knows, and than an event may be ahead of its arrival.
LEAD = timedelta(hours=1)
_FIXED = ("event", "billing")


def forbidden_changes(
    published: Sequence[ContractDefinition], coming: Sequence[ContractDefinition], at: datetime
) -> tuple[str, ...]:
    """Name every change that a publication at an instant (UTC) may not make, each with its reason."""
    new = {definition.name: definition for definition in coming}
    return tuple(reason for old in published for reason in _changes(old, new.get(old.name), at))


def _changes(old: ContractDefinition, new: ContractDefinition | None, at: datetime) -> Iterator[str]:
    if not old.published:
        return
    if new is None:
        yield f"contract {old.name} is published and is not there any more: retire its versions instead"
        return
    for name in _FIXED:
        if getattr(old, name) != getattr(new, name):
            yield f"contract {old.name}: {name} of a published contract never changes"
    yield from _role_changes(old, new)
    versions = {version.number: version for version in new.published}
    for version in old.published:
        label = f"contract {old.name}, version {version.number}"
        if version.number in versions:
            yield from _version_changes(label, version, versions.pop(version.number), at)
        else:
            yield f"{label} is published and may be retired, but not removed or made a draft"
    for version in versions.values():
        if version.valid_from < at + LEAD:
            yield (
                f"contract {old.name}, version {version.number} is valid from {version.valid_from}: that must be an "
                f"hour or more after its publication at {at}, because what happened before was measured without it"
            )


def _role_changes(old: ContractDefinition, new: ContractDefinition) -> Iterator[str]:
    newest = old.published[-1].number
    for role in ("quantity", "unique_key"):
        before, after = getattr(old, role), getattr(new, role)
        if before != (after and new.earlier_name(after, newest)):
            yield f"contract {old.name}: the member that is the {role} never changes; a new version may rename it"


def _version_changes(label: str, old: ContractVersion, new: ContractVersion, at: datetime) -> Iterator[str]:
    if not same_schema(old.schema, new.schema):
        yield f"{label}: the schema of a published version never changes; add a version"
    if old.upcast != new.upcast:
        yield f"{label}: the upcast of a published version never changes; add a version"
    if old.valid_from != new.valid_from:
        yield f"{label}: valid_from of a published version never changes"
    if old.deprecated_on != new.deprecated_on:
        for day in (old.deprecated_on, new.deprecated_on):
            if day is not None and first_instant_of(day) < at + LEAD:
                yield f"{label}: deprecated_on {day} is not an hour ahead of {at}: arrivals were judged without it"
    if old.status is ContractStatus.RETIRED and new.status is not ContractStatus.RETIRED:
        yield f"{label} is retired, which is final"
