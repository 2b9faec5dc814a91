"""Whether one usage contract is sound in itself: what its owner has to mend before it is published."""

from collections.abc import Iterator

from shared.domain.usage.contract_definition import (
    BUILT_IN,
    Billing,
    Constant,
    ContractDefinition,
    ContractStatus,
    ContractVersion,
    Default,
    Drop,
    Rename,
    Retention,
    UpcastStep,
)
from shared.domain.usage.contract_schema import SchemaFault, parse_schema, schema_faults, types_of

_QUANTITY_TYPES = (("number",), ("integer",), ("string",))


def definition_faults(definition: ContractDefinition) -> Iterator[SchemaFault]:
    """Name every fault with its path in the contract, e.g. ".versions[1].upcast"."""
    faults = [
        SchemaFault(f".versions[{place}].json_schema{fault.path}", fault.message)
        for place, version in enumerate(definition.versions)
        for fault in schema_faults(version.schema)
    ]
    yield from faults
    yield from _own_faults(definition)
    yield from _order_faults(definition)
    if not faults:
        yield from _member_faults(definition)


def _own_faults(definition: ContractDefinition) -> Iterator[SchemaFault]:
    if definition.name == BUILT_IN:
        yield SchemaFault(".name", f"{BUILT_IN} is the contract that is built in")
    if definition.billing is Billing.USAGE and definition.retention is not Retention.EVIDENCE:
        yield SchemaFault(".retention", "what is billed is kept as evidence")
    for place, version in enumerate(definition.versions):
        dated = version.status in (ContractStatus.DEPRECATED, ContractStatus.RETIRED)
        if dated != (version.deprecated_on is not None):
            message = "a deprecated or retired version says since when it is refused, and no other does"
            yield SchemaFault(f".versions[{place}].deprecated_on", message)


def _order_faults(definition: ContractDefinition) -> Iterator[SchemaFault]:
    for place, version in enumerate(definition.versions):
        path = f".versions[{place}]"
        before = definition.versions[place - 1] if place else None
        if version.number != place + 1:
            yield SchemaFault(f"{path}.version", f"versions are numbered 1, 2, 3... in order; this is {place + 1}")
        if before is None:
            if version.upcast:
                yield SchemaFault(f"{path}.upcast", "the first version has nothing to upcast")
            continue
        if before.status is ContractStatus.DRAFT and version.status is not ContractStatus.DRAFT:
            yield SchemaFault(f"{path}.status", "the version before it is still a draft")
        if version.status is not ContractStatus.DRAFT and version.valid_from < before.valid_from:
            yield SchemaFault(f"{path}.valid_from", "it is before that of the version before it")


def _member_faults(definition: ContractDefinition) -> Iterator[SchemaFault]:
    newest = (definition.published or definition.versions)[-1]
    members = members_of(newest)
    roles = [(name, member) for name, member in _roles(definition) if member is not None]
    named = roles + [("priced", member) for member in definition.priced]
    for name, member in named:
        if member not in members:
            yield SchemaFault(f".{name}", f"{member} is no member of version {newest.number}")
    yield from _quantity_faults(definition)
    for place, version in enumerate(definition.versions[1:], start=1):
        before = definition.versions[place - 1]
        yield from _upcast_faults(definition, before, version, f".versions[{place}].upcast")


def _quantity_faults(definition: ContractDefinition) -> Iterator[SchemaFault]:
    """Name where how much was used could be left out: nobody could say what that means."""
    if definition.quantity is None:
        return
    for place, version in enumerate(definition.versions):
        name = definition.earlier_name(definition.quantity, version.number)
        schema = parse_schema(version.schema)
        member = schema["properties"].get(name)
        if member is None or name not in schema.get("required", ()) or types_of(member) not in _QUANTITY_TYPES:
            path = f".versions[{place}].json_schema"
            yield SchemaFault(path, f"{name} is the quantity: a number or text that is required and never null")


def _upcast_faults(
    definition: ContractDefinition, before: ContractVersion, version: ContractVersion, path: str
) -> Iterator[SchemaFault]:
    present = set(members_of(before))
    for place, step in enumerate(version.upcast):
        here = f"{path}[{place}]"
        if isinstance(step, Rename | Drop) and step.member not in present:
            yield SchemaFault(here, f"there is no {step.member} in version {before.number}, or not any more")
        if isinstance(step, Rename) and step.to in present:
            yield SchemaFault(here, f"there is a {step.to} already")
        if not isinstance(step, Rename) and step.member in _roles_at(definition, version.number):
            yield SchemaFault(here, f"{step.member} says how much or of what: it may be renamed and nothing else")
        _apply(step, present)
    unknown = present - set(members_of(version))
    if unknown:
        yield SchemaFault(path, f"version {version.number} has no {', '.join(sorted(unknown))}: rename or drop it")


def _apply(step: UpcastStep, present: set[str]) -> None:
    match step:
        case Rename(member, to):
            present.discard(member)
            present.add(to)
        case Default(member, _) | Constant(member, _):
            present.add(member)
        case Drop(member):
            present.discard(member)


def _roles(definition: ContractDefinition) -> tuple[tuple[str, str | None], ...]:
    return ("quantity", definition.quantity), ("unique_key", definition.unique_key)


def _roles_at(definition: ContractDefinition, number: int) -> set[str]:
    """Return what quantity and unique key are called in a version, or in the one before it."""
    return {
        definition.earlier_name(member, at)
        for _, member in _roles(definition)
        if member is not None
        for at in (number - 1, number)
    }


def members_of(version: ContractVersion) -> dict[str, dict[str, object]]:
    """Return the members that a version's schema names; the schema has no faults."""
    members: dict[str, dict[str, object]] = parse_schema(version.schema)["properties"]
    return members
