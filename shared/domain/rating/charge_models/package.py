"""Package: units are sold by the package. One that is begun is due, or only one that is full."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shared.domain.money import EXACT
from shared.domain.rating.charge_models.words import plain
from shared.domain.rating.rated_charge import RatedPart


class PackageRounding(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """`free_units` come off before packages are counted; `size` is above zero."""

    size: Decimal
    price: Decimal
    free_units: Decimal = Decimal(0)
    rounding: PackageRounding = PackageRounding.UP

    def __str__(self) -> str:
        free = f"; {plain(self.free_units)} units free" if self.free_units else ""
        return f"{plain(self.price)} a package of {plain(self.size)}, rounded {self.rounding}{free}"


def rate_package(model: Package, quantity: Decimal) -> Iterator[RatedPart]:
    free = min(quantity, model.free_units)
    if free:
        yield RatedPart.of("free units", quantity=free)
    units = EXACT.subtract(quantity, free)
    full, rest = EXACT.divmod(units, model.size)
    is_up = model.rounding is PackageRounding.UP
    yield RatedPart.of(
        f"packages of {plain(model.size)} {'begun' if is_up else 'filled'} by {plain(units)} units",
        quantity=EXACT.add(full, 1) if rest and is_up else full,
        unit_price=model.price,
        takes=units,
    )
