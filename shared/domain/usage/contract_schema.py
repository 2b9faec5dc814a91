"""The JSON Schema of a usage contract: read without losing a digit, and held to a subset that is safe to run.

A contract's data is flat: each member is text, a number or a boolean. What rating cannot see has no place in it. The
keywords left out are those that fetch (`$ref`), change the data (`default`), or take time that input can blow up.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.domain.money import EXACT

DIALECT = "http://json-schema.org/draft-07/schema#"
MAX_SCHEMA_CHARACTERS = 16_000  # twenty of them fit an item of the master data
MAX_MEMBERS = 64
MAX_NUMBER = Decimal(10) ** 20
_MOST_WRITTEN = 64  # zeros included, so that normalising rounds nothing
MAX_DIGITS = 15  # of a bound: the compatibility check computes with binary floats
MAX_REPETITIONS = 3  # of a pattern: time grows with text length to this power
MEMBER_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")

_ABOUT = frozenset({"title", "description", "$comment"})
_TOP = _ABOUT | {"$schema", "$id", "type", "properties", "required", "additionalProperties"}
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_LENGTHS = ("minLength", "maxLength")
_NUMERIC = frozenset({"number", "integer"})
_TYPES = frozenset({"string", "number", "integer", "boolean"})
_MEMBER = _ABOUT | {"type", "enum", "const", "pattern", *_BOUNDS, *_LENGTHS}


class UnreadableSchemaError(ValueError):
    """The text is no JSON, or JSON that means two things."""


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """`path` is within the schema, e.g. ".properties.bytes.pattern"."""

    path: str
    message: str


def parse_schema(text: str) -> Any:  # noqa: ANN401 - JSON is anything until it is checked
    """Read JSON with every number an int or a Decimal; raise UnreadableSchemaError."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UnreadableSchemaError(str(error) or "it nests too deep") from error


def same_schema(one: str, other: str) -> bool:
    """Tell whether two texts say the same; white space and the order of keys say nothing."""
    return one == other or _exact(parse_schema(one)) == _exact(parse_schema(other))


def types_of(member: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the types a member may have; more than one only with "null"."""
    types = member["type"]
    return tuple(types) if isinstance(types, list) else (types,)


def schema_faults(text: str) -> tuple[SchemaFault, ...]:
    """Name everything for which a schema cannot be a contract's."""
    if len(text) > MAX_SCHEMA_CHARACTERS:
        return (SchemaFault("", f"it has {len(text)} characters, {MAX_SCHEMA_CHARACTERS} at most"),)
    try:
        schema = parse_schema(text)
    except UnreadableSchemaError as error:
        return (SchemaFault("", f"it is not JSON: {error}"),)
    if not isinstance(schema, dict):
        return (SchemaFault("", "it is not an object"),)
    return tuple(_schema_faults(schema))


def _schema_faults(schema: dict[str, Any]) -> Iterator[SchemaFault]:
    yield from _unknown(schema, _TOP, "")
    if schema.get("$schema") != DIALECT:
        yield SchemaFault(".$schema", f"it is not {DIALECT}, the one dialect that is checked here")
    if schema.get("type") != "object":
        yield SchemaFault(".type", "it is not object")
    if not isinstance(schema.get("additionalProperties"), bool):
        message = "say true (other members are archived and not read) or false (an event with another is refused)"
        yield SchemaFault(".additionalProperties", message)
    members = schema.get("properties")
    if not isinstance(members, dict) or len(members) > MAX_MEMBERS:
        yield SchemaFault(".properties", f"an object of at most {MAX_MEMBERS} members is needed")
        return
    required = schema.get("required", [])
    if not isinstance(required, list) or len(set(map(repr, required))) < len(required):
        yield SchemaFault(".required", "a list of different members is needed")
    else:
        for name in required:
            if name not in members:
                yield SchemaFault(".required", f"{name} is not among the properties")
    for name, member in members.items():
        yield from _member_faults(name, member, f".properties.{name}")


def _member_faults(name: str, member: object, path: str) -> Iterator[SchemaFault]:
    if not MEMBER_NAME.fullmatch(name):
        yield SchemaFault(path, "a member is named by a-z, 0-9 and _, starting with a letter, 64 at most")
        return
    if not isinstance(member, dict):
        yield SchemaFault(path, "it is not an object")
        return
    yield from _unknown(member, _MEMBER, path)
    types = member.get("type")
    listed = types if isinstance(types, list) else [types]
    scalar = [one for one in listed if one != "null"]
    if len(scalar) != 1 or scalar[0] not in _TYPES or len(listed) != len(set(listed)):
        yield SchemaFault(f"{path}.type", f"it is none of {', '.join(sorted(_TYPES))}, alone or listed with null")
        return
    yield from _value_faults(member, scalar[0], nullable="null" in listed, path=path)
    yield from _keyword_faults(member, scalar[0], path)


def _value_faults(member: dict[str, Any], kind: str, *, nullable: bool, path: str) -> Iterator[SchemaFault]:
    values = member.get("enum", [])
    if not isinstance(values, list) or ("enum" in member and not values):
        yield SchemaFault(f"{path}.enum", "a list of values is needed")
        return
    named = [("enum", value) for value in values] + ([("const", member["const"])] if "const" in member else [])
    for keyword, value in named:
        if not (fits(value, kind) or (nullable and value is None)):
            yield SchemaFault(f"{path}.{keyword}", f"{value!r} is no {kind}")


def _keyword_faults(member: dict[str, Any], kind: str, path: str) -> Iterator[SchemaFault]:
    for keyword in _BOUNDS:
        if keyword in member and not (kind in _NUMERIC and fits(member[keyword], "number")):
            yield SchemaFault(f"{path}.{keyword}", f"a number of at most {MAX_DIGITS} digits, for a number, is needed")
    if "multipleOf" in member and not (fits(member["multipleOf"], "integer") and member["multipleOf"] > 0):
        yield SchemaFault(f"{path}.multipleOf", "a whole number above 0 is needed")
    for keyword in _LENGTHS:
        length = member.get(keyword, 0)
        if keyword in member and not (kind == "string" and type(length) is int and length >= 0):
            yield SchemaFault(f"{path}.{keyword}", "a length, for a string, is needed")
    if "pattern" in member:
        message = _pattern_fault(member["pattern"]) if kind == "string" else "it is for a string"
        if message:
            yield SchemaFault(f"{path}.pattern", message)


def _pattern_fault(pattern: object) -> str:
    """Say why a pattern is not taken: without groups and with few repetitions, none takes long on any text."""
    if not isinstance(pattern, str) or not (pattern.startswith("^") and pattern.endswith("$")):
        return "it does not describe the whole text, from ^ to $"
    if re.search(r"[()|]", pattern):
        return "groups and alternatives are not taken; use enum for a list of values"
    if len(re.findall(r"[*+?{]", pattern)) > MAX_REPETITIONS:
        return f"it repeats more than {MAX_REPETITIONS} times (* + ? {{)"
    try:
        re.compile(pattern)
    except (re.error, OverflowError) as error:
        return f"it is not a regular expression: {error}"
    return ""


def fits(value: object, kind: str) -> bool:
    """Tell whether a value is of a type and, if a number, one that is computed with exactly everywhere."""
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    number = Decimal(value)
    if not number.is_finite() or number.copy_abs() >= MAX_NUMBER or len(number.as_tuple().digits) > _MOST_WRITTEN:
        return False
    _, digits, exponent = EXACT.normalize(number).as_tuple()
    small = len(digits) <= MAX_DIGITS and isinstance(exponent, int) and exponent >= -MAX_DIGITS
    return small and (kind == "number" or number == number.to_integral_value())


def _unknown(given: dict[str, Any], known: frozenset[str] | set[str], path: str) -> Iterator[SchemaFault]:
    for keyword in given:
        if keyword not in known:
            yield SchemaFault(f"{path}.{keyword}", "the keyword is not among those that a contract may use")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a key comes twice in one object")
    return members


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _exact(value: object) -> object:
    """Return a value that equals another only if the JSON does: true is not 1."""
    if isinstance(value, dict):
        return {key: _exact(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return (type(value) is bool, value)
