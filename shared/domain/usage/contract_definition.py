"""A usage contract as its owner governs it: versions of a schema, what they are for, and how old data becomes new."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from shared.domain.identifiers import MeterCode

BUILT_IN = "usage"

Scalar: TypeAlias = str | bool | Decimal


class ContractStatus(StrEnum):
    DRAFT = "draft"  # not read yet, may still change
    ACTIVE = "active"
    DEPRECATED = "deprecated"  # read until its day, and counted
    RETIRED = "retired"  # nobody sends it any more


class Compatibility(StrEnum):
    """What a version promises about the one before it."""

    BACKWARD = "backward"  # the new one reads what was sent in the old one, once it is upcast
    FORWARD = "forward"  # who reads the old one reads what is sent in the new one
    FULL = "full"  # both


class Billing(StrEnum):
    USAGE = "usage"
    TELEMETRY = "telemetry"  # archived and counted, never metered


class Retention(StrEnum):
    """How long the archive must keep the raw events: as long as invoices made of them, or as operations need them."""

    EVIDENCE = "evidence"
    OPERATIONAL = "operational"


@dataclass(frozen=True, slots=True)
class Rename:
    member: str
    to: str


@dataclass(frozen=True, slots=True)
class Default:
    """Give a member that is missing this value."""

    member: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class Constant:
    """Give a member this value, whatever it had."""

    member: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class Drop:
    member: str


UpcastStep: TypeAlias = Rename | Default | Constant | Drop


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractVersion:
    """One version. `schema` is JSON text; `upcast` makes data of this version out of data of the one before.

    Events that happened from `valid_from` (UTC) on are measured in this version, whichever older one they were sent
    in. `deprecated_on` is the first day (UTC) on which arrivals are refused.
    """

    number: int
    status: ContractStatus
    valid_from: datetime
    deprecated_on: date | None
    schema: str
    upcast: tuple[UpcastStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDefinition:
    """A contract with its versions 1, 2, 3... in order; drafts are the last of them.

    `event` is what meters call its events. `quantity` and `unique_key` are the members, by their names in the newest
    version, that an event's quantity (else 1) and unique key are read from; `priced` are attributes that prices use.
    """

    name: str
    owner: str
    event: MeterCode
    billing: Billing
    retention: Retention
    compatibility: Compatibility
    quantity: str | None
    unique_key: str | None
    priced: tuple[str, ...]
    versions: tuple[ContractVersion, ...]

    def earlier_name(self, member: str, number: int) -> str:
        """Return what a member of the newest published version is called in version `number`."""
        for version in reversed(self.published):
            if version.number > number:
                renamed = {step.to: step.member for step in version.upcast if isinstance(step, Rename)}
                member = renamed.get(member, member)
        return member

    @property
    def published(self) -> tuple[ContractVersion, ...]:
        """The versions that are no drafts."""
        return tuple(version for version in self.versions if version.status is not ContractStatus.DRAFT)


def contract_label(name: str, number: int) -> str:
    """Name a version in short, e.g. "usage:2"."""
    return f"{name}:{number}"


def is_built_in(label: str) -> bool:
    """Tell whether a version, by its short name, is one of those that are code."""
    return label.startswith(f"{BUILT_IN}:")
