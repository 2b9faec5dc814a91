"""A usage contract as stored text and back. Without pydantic: ingest reads it, and starts fast."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from shared.domain.identifiers import MeterCode
from shared.domain.time_period import format_instant, parse_instant
from shared.domain.usage.contract_definition import (
    Billing,
    Compatibility,
    Constant,
    ContractDefinition,
    ContractStatus,
    ContractVersion,
    Default,
    Drop,
    Rename,
    Retention,
    Scalar,
    UpcastStep,
)


def definition_text(definition: ContractDefinition) -> str:
    return json.dumps(
        {
            "name": definition.name,
            "owner": definition.owner,
            "event": definition.event,
            "billing": definition.billing,
            "retention": definition.retention,
            "compatibility": definition.compatibility,
            "quantity": definition.quantity,
            "unique_key": definition.unique_key,
            "priced": definition.priced,
            "versions": [_version(version) for version in definition.versions],
        },
        separators=(",", ":"),
    )


def read_definition(text: str) -> ContractDefinition:
    raw = json.loads(text)
    return ContractDefinition(
        name=raw["name"],
        owner=raw["owner"],
        event=MeterCode(raw["event"]),
        billing=Billing(raw["billing"]),
        retention=Retention(raw["retention"]),
        compatibility=Compatibility(raw["compatibility"]),
        quantity=raw["quantity"],
        unique_key=raw["unique_key"],
        priced=tuple(raw["priced"]),
        versions=tuple(map(_read_version, raw["versions"])),
    )


def _version(version: ContractVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "status": version.status,
        "valid_from": format_instant(version.valid_from),
        "deprecated_on": None if version.deprecated_on is None else version.deprecated_on.isoformat(),
        "schema": version.schema,
        "upcast": [_step(step) for step in version.upcast],
    }


def _read_version(raw: dict[str, Any]) -> ContractVersion:
    return ContractVersion(
        number=raw["number"],
        status=ContractStatus(raw["status"]),
        valid_from=parse_instant(raw["valid_from"]),
        deprecated_on=None if raw["deprecated_on"] is None else date.fromisoformat(raw["deprecated_on"]),
        schema=raw["schema"],
        upcast=tuple(map(_read_step, raw["upcast"])),
    )


def _step(step: UpcastStep) -> dict[str, Any]:
    match step:
        case Rename(member, to):
            return {"rename": member, "to": to}
        case Default(member, value):
            return {"default": member, "value": _scalar(value)}
        case Constant(member, value):
            return {"constant": member, "value": _scalar(value)}
        case Drop(member):
            return {"drop": member}


def _read_step(raw: dict[str, Any]) -> UpcastStep:
    match raw:
        case {"rename": member, "to": to}:
            return Rename(member, to)
        case {"default": member, "value": value}:
            return Default(member, _read_scalar(value))
        case {"constant": member, "value": value}:
            return Constant(member, _read_scalar(value))
        case _:
            return Drop(raw["drop"])


def _scalar(value: Scalar) -> object:
    return {"number": f"{value:f}"} if isinstance(value, Decimal) else value


def _read_scalar(value: Any) -> Scalar:  # noqa: ANN401 - as JSON holds it
    return Decimal(value["number"]) if isinstance(value, dict) else value
