"""customers.yaml: who uses and is billed, under which names, below which parent, and where."""

from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

from shared.contracts.catalog.parties import BuyerDetailsEntry
from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.values import (
    Boundary,
    CatalogModel,
    Country,
    Id,
    OptionalText,
    PartyEmail,
    PartyName,
    Text,
    Zone,
)
from shared.domain.identifiers import CustomerId
from shared.domain.master_data.customer import ALWAYS, SINCE_ALWAYS, Customer, Dated, Parent
from shared.domain.master_data.party import NO_BUYER_DETAILS

Value = TypeVar("Value")


class DatedEntry(CatalogModel):
    valid_from: Boundary | None = None  # since always
    valid_until: Boundary | None = None

    def dated(self, value: Value, *, path: str, zone: ZoneInfo, faults: Faults) -> Dated[Value] | None:
        valid = faults.period(path, self.valid_from, self.valid_until, zone)
        return None if valid is None else Dated(value, valid)


class SubjectEntry(DatedEntry):
    subject: Text


class ParentEntry(DatedEntry):
    customer: Id
    billed_by: Literal["self", "parent"] = "self"

    def to_domain(self) -> Parent:
        return Parent(CustomerId(self.customer), pays=self.billed_by == "parent")


class RegionEntry(DatedEntry):
    region: Text


def _named(value: object) -> object:
    """Read a name alone as one that always holds."""
    return {"subject": value} if isinstance(value, str) else value


class CustomerEntry(CatalogModel):
    id: Id
    name: PartyName
    country: Country
    time_zone: Zone = "UTC"
    subjects: tuple[Annotated[SubjectEntry, BeforeValidator(_named)], ...] = ()  # besides its id
    parents: tuple[ParentEntry, ...] = ()
    regions: tuple[RegionEntry, ...] = ()
    tax_id: OptionalText = ""
    email: PartyEmail = ""
    details: BuyerDetailsEntry | None = None

    def to_domain(self, *, path: str, faults: Faults) -> Customer | None:
        """Return the customer with its dates read in its own zone; None when a period of it is faulty."""
        zone = ZoneInfo(self.time_zone)
        names = [
            entry.dated(entry.subject, path=f"{path}.subjects[{i}]", zone=zone, faults=faults)
            for i, entry in enumerate(self.subjects)
        ]
        parents = [
            entry.dated(entry.to_domain(), path=f"{path}.parents[{i}]", zone=zone, faults=faults)
            for i, entry in enumerate(self.parents)
        ]
        regions = [
            entry.dated(entry.region, path=f"{path}.regions[{i}]", zone=zone, faults=faults)
            for i, entry in enumerate(self.regions)
        ]
        if None in (*names, *parents, *regions):
            return None
        return Customer(
            customer_id=CustomerId(self.id),
            name=self.name,
            country=self.country,
            time_zone=zone,
            known_as=_distinct(Dated(self.id, ALWAYS), *_sound(names)),
            parents=_sound(parents),
            regions=_sound(regions),
            tax_id=self.tax_id,
            email=self.email,
            details=self.details.to_domain() if self.details else NO_BUYER_DETAILS,
        )

    @classmethod
    def of(cls, customer: Customer) -> "CustomerEntry":
        return cls(
            id=customer.customer_id,
            name=customer.name,
            country=customer.country,
            time_zone=customer.time_zone.key,
            subjects=tuple(
                SubjectEntry(subject=name.value, **_boundaries(name))
                for name in customer.known_as
                if name.value != customer.customer_id
            ),
            parents=tuple(
                ParentEntry(
                    customer=parent.value.customer_id,
                    billed_by="parent" if parent.value.pays else "self",
                    **_boundaries(parent),
                )
                for parent in customer.parents
            ),
            regions=tuple(RegionEntry(region=region.value, **_boundaries(region)) for region in customer.regions),
            tax_id=customer.tax_id,
            email=customer.email,
            details=BuyerDetailsEntry.of(customer.details),
        )


def _sound(values: list[Dated[Value] | None]) -> tuple[Dated[Value], ...]:
    return tuple(value for value in values if value is not None)


def _distinct(own: Dated[str], *names: Dated[str]) -> tuple[Dated[str], ...]:
    """Return the names once each; the customer's own id holds always, whatever else is said of it."""
    return (own, *(name for name in dict.fromkeys(names) if name.value != own.value))


def _boundaries(dated: Dated[Any]) -> dict[str, Any]:
    start = None if dated.valid.start == SINCE_ALWAYS else dated.valid.start
    return {"valid_from": start, "valid_until": dated.valid.end}
