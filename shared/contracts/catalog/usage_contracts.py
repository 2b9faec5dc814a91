"""usage_contracts/<name>/contract.yaml with the schemas beside it: what producers may send, version by version."""

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Self, TypeAlias
from zoneinfo import ZoneInfo

from fastjsonschema import JsonSchemaDefinitionException
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.values import Boundary, CatalogModel, Day, Text, instant_of
from shared.contracts.usage_event.exact_schema import schema_check
from shared.domain.identifiers import MeterCode
from shared.domain.master_data.customer import SINCE_ALWAYS
from shared.domain.master_data.faults import CatalogFaultCode
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
from shared.domain.usage.contract_faults import definition_faults, members_of
from shared.domain.usage.contract_schema import MAX_DIGITS, fits, types_of
from shared.domain.usage.fingerprint import plain_quantity

MOST_VERSIONS = 20

_UTC = ZoneInfo("UTC")
Member: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class UpcastEntry(CatalogModel):
    """One of rename (with to), default and constant (with value), and drop."""

    rename: Member | None = None
    to: Member | None = None
    default: Member | None = None
    constant: Member | None = None
    value: str | None = None
    drop: Member | None = None

    @model_validator(mode="after")
    def _is_one_step(self) -> Self:
        given = self.model_dump(exclude_none=True).keys()
        if given not in ({"rename", "to"}, {"default", "value"}, {"constant", "value"}, {"drop"}):
            message = "a step is {rename, to}, {default, value}, {constant, value} or {drop}"
            raise PydanticCustomError("INVALID_VALUE", message)
        return self

    def to_domain(self, value: Scalar) -> UpcastStep:
        """Return the step; `value` is its own as the member's type has it."""
        if self.rename is not None:
            return Rename(self.rename, self.to or "")
        if self.drop is not None:
            return Drop(self.drop)
        return Constant(self.constant, value) if self.constant is not None else Default(self.default or "", value)

    @classmethod
    def of(cls, step: UpcastStep) -> "UpcastEntry":
        match step:
            case Rename(member, to):
                return cls(rename=member, to=to)
            case Default(member, value):
                return cls(default=member, value=_text_of(value))
            case Constant(member, value):
                return cls(constant=member, value=_text_of(value))
            case Drop(member):
                return cls(drop=member)


class VersionEntry(CatalogModel):
    version: int = Field(ge=1, le=MOST_VERSIONS)
    status: ContractStatus
    valid_from: Boundary = SINCE_ALWAYS
    deprecated_on: Day | None = None
    upcast: tuple[UpcastEntry, ...] = ()
    json_schema: str

    def to_domain(self) -> ContractVersion:
        """Return the version with the values of its upcast still to be read: that takes a sound schema."""
        return ContractVersion(
            number=self.version,
            status=self.status,
            valid_from=instant_of(self.valid_from, _UTC),
            deprecated_on=self.deprecated_on,
            schema=self.json_schema,
            upcast=tuple(step.to_domain(step.value or "") for step in self.upcast),
        )


class UsageContractEntry(CatalogModel):
    name: Name
    owner: Text
    event: Text | None = None  # its name
    billing: Billing
    retention: Retention
    compatibility: Compatibility
    quantity: Member | None = None  # each event counts 1
    unique_key: Member | None = None
    priced: tuple[Member, ...] = ()
    versions: tuple[VersionEntry, ...] = Field(min_length=1, max_length=MOST_VERSIONS)

    def to_domain(self, *, path: str, faults: Faults) -> ContractDefinition | None:
        """Return the contract, or name its faults and return None."""
        definition = self._definition(tuple(entry.to_domain() for entry in self.versions))
        found = [(fault.path, fault.message) for fault in definition_faults(definition)]
        if not found:
            versions, found = _with_values(self.versions, definition.versions)
            definition = self._definition(versions)
        for place, message in found:
            faults.add(CatalogFaultCode.UNSOUND_CONTRACT, path + place, message)
        return None if found else definition

    def _definition(self, versions: tuple[ContractVersion, ...]) -> ContractDefinition:
        return ContractDefinition(
            name=self.name,
            owner=self.owner,
            event=MeterCode(self.event or self.name),
            billing=self.billing,
            retention=self.retention,
            compatibility=self.compatibility,
            quantity=self.quantity,
            unique_key=self.unique_key,
            priced=self.priced,
            versions=versions,
        )

    @classmethod
    def of(cls, definition: ContractDefinition) -> "UsageContractEntry":
        return cls(
            name=definition.name,
            owner=definition.owner,
            event=definition.event,
            billing=definition.billing,
            retention=definition.retention,
            compatibility=definition.compatibility,
            quantity=definition.quantity,
            unique_key=definition.unique_key,
            priced=definition.priced,
            versions=tuple(
                VersionEntry(
                    version=version.number,
                    status=version.status,
                    valid_from=version.valid_from,
                    deprecated_on=version.deprecated_on,
                    upcast=tuple(UpcastEntry.of(step) for step in version.upcast),
                    json_schema=version.schema,
                )
                for version in definition.versions
            ),
        )


def _with_values(
    entries: tuple[VersionEntry, ...], versions: tuple[ContractVersion, ...]
) -> tuple[tuple[ContractVersion, ...], list[tuple[str, str]]]:
    """Read the values of upcasts by the types of their members, and try every schema, which are sound."""
    found: list[tuple[str, str]] = []
    complete = []
    for place, (entry, version) in enumerate(zip(entries, versions, strict=True)):
        path = f".versions[{place}]"
        try:
            schema_check(version.schema)
        except JsonSchemaDefinitionException as error:
            found.append((f"{path}.json_schema", str(error)))
        steps = []
        for number, step in enumerate(entry.upcast):
            try:
                steps.append(step.to_domain(_value(step, members_of(version))))
            except UnreadableValueError as error:
                found.append((f"{path}.upcast[{number}].value", str(error)))
        complete.append(replace(version, upcast=tuple(steps)))
    return tuple(complete), found


class UnreadableValueError(ValueError):
    """The value of an upcast is not of its member's type."""


def _value(step: UpcastEntry, members: dict[str, dict[str, Any]]) -> Scalar:
    if step.value is None:
        return ""
    member = members.get(step.default or step.constant or "")
    if member is None:
        raise UnreadableValueError("the version has no such member")
    kind = next(kind for kind in types_of(member) if kind != "null")
    if kind == "string":
        return step.value
    if kind == "boolean":
        if step.value not in ("true", "false"):
            raise UnreadableValueError(f"{step.value!r} is neither true nor false")
        return step.value == "true"
    try:
        number = Decimal(step.value)
    except InvalidOperation:
        raise UnreadableValueError(f"{step.value!r} is no number") from None
    if not fits(number, kind):
        raise UnreadableValueError(f"{step.value!r} is no {kind} of at most {MAX_DIGITS} digits")
    return number


def _text_of(value: Scalar) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain_quantity(value)
        case str():
            return value
