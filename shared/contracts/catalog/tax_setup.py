"""The tax part of a legal entity's entry: which engine works out its tax."""

from pydantic import Field

from shared.contracts.catalog.values import CatalogModel, OptionalText, Text
from shared.domain.master_data.tax_setup import TABLE_TAX, TaxEngineName, TaxSetup


class TaxSetupEntry(CatalogModel):
    engine: TaxEngineName = TaxEngineName.TABLE
    connection: OptionalText = ""
    company: OptionalText = ""
    code: OptionalText = ""  # the engine's name in capitals
    categories: dict[Text, Text] = Field(default_factory=dict)

    def to_domain(self) -> TaxSetup:
        if self.engine is TaxEngineName.TABLE:
            return TABLE_TAX
        return TaxSetup(
            engine=self.engine,
            connection=self.connection,
            company=self.company,
            code=self.code or self.engine.value.upper(),
            categories=self.categories,
        )

    @classmethod
    def of(cls, setup: TaxSetup) -> "TaxSetupEntry | None":
        """Return the entry of an outside engine; None for the table."""
        if not setup.is_outside:
            return None
        return cls(
            engine=setup.engine,
            connection=setup.connection,
            company=setup.company,
            code=setup.code,
            categories=dict(setup.categories),
        )
