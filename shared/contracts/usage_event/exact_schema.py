"""Check data against a contract's schema without a float, although the checker computes with floats.

It is given every number as a whole count of 1e-18, and a schema whose bounds are written in the same unit: on whole
numbers it is exact. A number has at most 18 decimals, as a quantity has.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

import fastjsonschema

from shared.contracts.usage_event.json_values import violation
from shared.domain.money import EXACT
from shared.domain.usage.contract_definition import Scalar
from shared.domain.usage.contract_schema import parse_schema, types_of

_DECIMALS = 18
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")

SchemaCheck: TypeAlias = Callable[[Mapping[str, Scalar | None]], None]


def schema_check(text: str) -> SchemaCheck:
    """Return the check of a schema without faults; it raises ContractError CONTRACT_VIOLATION."""
    validate = fastjsonschema.compile(_in_units(parse_schema(text)), use_default=False, use_formats=False)

    def check(data: Mapping[str, Scalar | None]) -> None:
        try:
            validate({name: _units(value) for name, value in data.items()})
        except fastjsonschema.JsonSchemaValueException as error:
            where = ".".join(map(str, error.path))
            violation(f"{where} breaks the contract's rule {error.rule}")

    return check


def _in_units(schema: dict[str, Any]) -> dict[str, Any]:
    members = {name: _member_in_units(member) for name, member in schema["properties"].items()}
    return {**schema, "properties": members}


def _member_in_units(member: Mapping[str, Any]) -> dict[str, Any]:
    changed = dict(member)
    for keyword in _BOUNDS:
        if keyword in member:
            changed[keyword] = _units(Decimal(member[keyword]))
    if "enum" in member:
        changed["enum"] = [_units_of_json(value) for value in member["enum"]]
    if "const" in member:
        changed["const"] = _units_of_json(member["const"])
    types = types_of(member)
    if "integer" in types:
        changed["multipleOf"] = changed.get("multipleOf", 10**_DECIMALS)
    changed["type"] = ["integer" if kind == "number" else kind for kind in types]
    return changed


def _units_of_json(value: object) -> object:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return _units(Decimal(value)) if is_number else value  # type: ignore[arg-type]


def _units(value: Scalar | None) -> str | bool | int | None:
    return int(value.scaleb(_DECIMALS, EXACT)) if isinstance(value, Decimal) else value
