"""Whether a version of a usage contract keeps its promise about the one before it, as jsoncompat and we judge."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import jsoncompat

from shared.domain.usage.contract_definition import (
    Compatibility,
    Constant,
    ContractDefinition,
    ContractVersion,
    Default,
    Drop,
    Rename,
    Scalar,
    UpcastStep,
)
from shared.domain.usage.contract_schema import parse_schema, types_of

_PROMISES = {
    Compatibility.BACKWARD: (Compatibility.BACKWARD,),
    Compatibility.FORWARD: (Compatibility.FORWARD,),
    Compatibility.FULL: (Compatibility.BACKWARD, Compatibility.FORWARD),
}


@dataclass(frozen=True, slots=True)
class BrokenPromise:
    """`version` breaks what its contract promises about the version before."""

    version: int
    message: str


def broken_promises(definition: ContractDefinition) -> Iterator[BrokenPromise]:
    """Compare each version with the last. The definition is sound."""
    for before, after in zip(definition.versions, definition.versions[1:], strict=False):
        for promise in _PROMISES[definition.compatibility]:
            for message in _breaches(before, after, promise):
                yield BrokenPromise(after.number, f"not {promise} compatible with version {before.number}: {message}")


def _breaches(before: ContractVersion, after: ContractVersion, promise: Compatibility) -> Iterator[str]:
    old, new = parse_schema(before.schema), parse_schema(after.schema)
    if promise is Compatibility.BACKWARD:
        # What was sent is read only after it was brought up, and never in members that the old version does not name.
        old = upcast_schema({**old, "additionalProperties": False}, after.upcast)
        yield from _refused_values(after.upcast, new)
        if not is_compatible(old, new, promise):
            yield "it refuses data that the old version takes, once it is upcast"
    elif not is_compatible(old, new, promise):
        yield "who reads the old version would refuse data that the new one takes"
    yield from _changed_patterns(old, new, promise)


def _refused_values(steps: tuple[UpcastStep, ...], new: dict[str, Any]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, Default | Constant):
            given = {"type": "object", "properties": {step.member: _only(step.value)}}
            taken = {"type": "object", "properties": {step.member: new["properties"][step.member]}}
            if not is_compatible(given, taken, Compatibility.BACKWARD):
                yield f"the upcast gives {step.member} a value that the version refuses"


def is_compatible(old: dict[str, Any], new: dict[str, Any], promise: Compatibility) -> bool:
    """Return jsoncompat's verdict on whether what is written by one schema can be read by the other."""
    role: Literal["serializer", "deserializer"] = "deserializer" if promise is Compatibility.BACKWARD else "serializer"
    return jsoncompat.check_compat(_text(old), _text(new), role)


def upcast_schema(schema: dict[str, Any], steps: tuple[UpcastStep, ...]) -> dict[str, Any]:
    """Return the schema of what upcasting makes of the data that a schema takes."""
    members = dict(schema["properties"])
    required = set(schema.get("required", ()))
    for step in steps:
        match step:
            case Rename(member, to):
                members[to] = members.pop(member)
                if member in required:
                    required = (required - {member}) | {to}
            case Drop(member):
                members.pop(member)
                required.discard(member)
            case Constant(member, value):
                members[member] = _only(value)
                required.add(member)
            case Default(member, value):
                # null is no value: what is null counts as left out.
                members[member] = _with_value(members[member], value) if member in members else _only(value)
                required.add(member)
    return {**schema, "properties": members, "required": sorted(required)}


def _only(value: Scalar) -> dict[str, Any]:
    kind = {bool: "boolean", str: "string", Decimal: "number"}[type(value)]
    return {"type": kind, "enum": [value]}


def _with_value(member: dict[str, Any], value: Scalar) -> dict[str, Any]:
    """Return a member's schema with a value that it takes, or that is added to those it lists."""
    kind = next(kind for kind in types_of(member) if kind != "null")
    widened = {**member, "type": kind}
    if "enum" in member:
        widened["enum"] = [*(one for one in member["enum"] if one is not None), value]
    return widened


def _changed_patterns(old: dict[str, Any], new: dict[str, Any], promise: Compatibility) -> Iterator[str]:
    """Name patterns that one side has and the other has not: jsoncompat looks at none of them."""
    written, read = (old, new) if promise is Compatibility.BACKWARD else (new, old)
    for name, member in read["properties"].items():
        pattern = member.get("pattern")
        other = written["properties"].get(name)
        if pattern is not None and other is not None and other.get("pattern") != pattern and "enum" not in other:
            yield f"the pattern of {name} is another, and nobody can tell whether it takes the same texts"


def _text(schema: dict[str, Any]) -> str:
    """Write a schema for jsoncompat, which reads a later dialect: the keywords of contracts mean the same in both."""
    return json.dumps({key: value for key, value in schema.items() if key != "$schema"}, default=_number)


def _number(value: object) -> float:
    """Bounds have few enough digits for a binary float to keep them apart."""
    assert isinstance(value, Decimal)
    return float(value)
