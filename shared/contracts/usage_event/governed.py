"""Read an event of a contract of the catalogue: checked in the version it was sent in, measured in a later one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from shared.contracts.usage_event.envelope import Envelope
from shared.contracts.usage_event.exact_schema import SchemaCheck, schema_check
from shared.contracts.usage_event.faults import ContractError
from shared.contracts.usage_event.json_values import NumberText, is_text, refuse_unknown, require_text, violation
from shared.contracts.usage_event.quantity import read_number, read_quantity
from shared.contracts.usage_event.upcasting import upcast
from shared.contracts.usage_event.v2 import UsageV2
from shared.domain.usage.contract_definition import Billing, ContractDefinition, ContractVersion, Scalar
from shared.domain.usage.contract_policy import refusal_of
from shared.domain.usage.contract_schema import parse_schema
from shared.domain.usage.event import Dimensions
from shared.domain.usage.fingerprint import plain_quantity


class GovernedVersion:
    """One version of a contract, as a reader of what is sent in it."""

    def __init__(self, definition: ContractDefinition, version: ContractVersion) -> None:
        self._definition = definition
        self._version = version
        self.is_telemetry = definition.billing is Billing.TELEMETRY
        self.is_deprecated = version.deprecated_on is not None
        self._later = [later for later in definition.published if later.number > version.number]

    @cached_property
    def _schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = parse_schema(self._version.schema)
        return schema

    @cached_property
    def _members(self) -> frozenset[str]:
        return frozenset(self._schema["properties"])

    @cached_property
    def _check(self) -> SchemaCheck:
        """Made for the first event of the version: most contracts of a catalogue are not in one shard."""
        return schema_check(self._version.schema)

    def read(self, envelope: Envelope, arrived_at: datetime) -> UsageV2:
        """Return what was used; raise ContractError for the first fault."""
        refusal = refusal_of(self._version, arrived_at)
        if refusal is not None:
            raise ContractError(*refusal)
        subject = require_text(envelope.subject, "subject")
        members = self._checked(envelope.data)
        measured_in = [later for later in self._later if later.valid_from <= envelope.occurred_at]
        attributes = _upcast_through(members, measured_in)
        newest = _upcast_through(attributes, self._later[len(measured_in) :])
        quantity, unique_key = self._definition.quantity, self._definition.unique_key
        number = measured_in[-1].number if measured_in else self._version.number
        return UsageV2(
            subject=subject,
            meter=self._definition.event,
            quantity=Decimal(1) if quantity is None else _quantity(newest[quantity], quantity),
            unique_key=_unique_key(newest, unique_key),
            dimensions=self._dimensions(attributes, number),
        )

    def _checked(self, data: dict[str, object]) -> dict[str, Scalar]:
        if not self._schema["additionalProperties"]:
            refuse_unknown(data, self._members)
        members = {name: _scalar(value, name) for name, value in data.items() if name in self._members}
        self._check(members)
        return {name: value for name, value in members.items() if value is not None}

    def _dimensions(self, attributes: Mapping[str, Scalar], number: int) -> Dimensions:
        reserved = {
            self._definition.earlier_name(member, number)
            for member in (self._definition.quantity, self._definition.unique_key)
            if member is not None
        }
        return tuple(sorted((name, _text(value)) for name, value in attributes.items() if name not in reserved))


def _upcast_through(members: Mapping[str, Scalar], versions: Sequence[ContractVersion]) -> Mapping[str, Scalar]:
    for version in versions:
        members = upcast(members, version.upcast)
    return members


def _scalar(value: object, name: str) -> Scalar | None:
    if value is None or isinstance(value, bool):
        return value
    if type(value) is NumberText:
        return read_number(value, f"data.{name}")
    if not is_text(value):
        violation(f"data.{name} is neither text nor a number nor a boolean")
    return require_text(value, f"data.{name}", may_be_empty=True)


def _quantity(value: Scalar, name: str) -> Decimal:
    return read_quantity(NumberText(f"{value:f}") if isinstance(value, Decimal) else value, f"data.{name}")


def _unique_key(members: Mapping[str, Scalar], name: str | None) -> str | None:
    if name is None or name not in members:
        return None
    return require_text(_text(members[name]), f"data.{name}")


def _text(value: Scalar) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain_quantity(value)
        case str():
            return value
