"""Who works out a legal entity's tax: our own table of rates, or an outside engine and how to name things to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

# Where tax depends on the place, so that an engine needs the address of whoever sells or buys there.
COUNTRIES_TAXED_BY_PLACE = frozenset({"CA", "US"})


class TaxEngineName(StrEnum):
    TABLE = "table"
    AVATAX = "avatax"
    ANROK = "anrok"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSetup:
    """`connection` names the secret with address and credentials, `company` is the engine's key of the entity.

    `code` is our tax code of whatever the engine taxes, mapped by the ERP mapping like any other. `categories` maps our
    tax categories to what the engine knows them by: AvaTax's tax codes, Anrok's product ids.
    """

    engine: TaxEngineName = TaxEngineName.TABLE
    connection: str = ""
    company: str = ""
    code: str = ""
    categories: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_outside(self) -> bool:
        return self.engine is not TaxEngineName.TABLE


TABLE_TAX = TaxSetup()
