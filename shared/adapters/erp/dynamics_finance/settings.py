"""The settings of an entity's mapping, by what they mean here."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from shared.domain.master_data.catalog import ErpMapping
from shared.domain.posting.systems.dynamics_finance import DIMENSION_ORDER

NO_TAX_CODE: Final = "no_tax_code"


@dataclass(frozen=True, slots=True)
class Settings:
    mapping: ErpMapping

    @property
    def reference_field(self) -> str:
        return self._get("reference_field", "CustomerReference")

    @property
    def number_field(self) -> str:
        """The field of an invoice that has its legal number: the other of the two."""
        return "ExternalInvoiceId" if self.reference_field == "CustomerReference" else "CustomerReference"

    @property
    def journal_reference_field(self) -> str:
        return self._get("journal_reference_field", "IntegrationKey")

    @property
    def delimiter(self) -> str:
        return self._get("dimension_delimiter", "-")

    @property
    def dimension_order(self) -> tuple[str, ...]:
        return tuple(DIMENSION_ORDER.of(self.mapping.settings))

    @property
    def exchange_rate_units(self) -> Decimal:
        return Decimal(1 if self._get("exchange_rate_units") == "1" else 100)

    @property
    def credits_name_invoice(self) -> bool:
        return self._get("credits_name_invoice") == "yes"

    @property
    def customer_group(self) -> str:
        return self.mapping.settings["customer_group"]

    @property
    def journal_name(self) -> str:
        return self.mapping.settings["journal_name"]

    @property
    def fiscal_calendar(self) -> str:
        return self._get("fiscal_calendar")

    @property
    def period_entity(self) -> str:
        return self._get("period_entity")

    @property
    def transactions_entity(self) -> str:
        return self._get("transactions_entity")

    @property
    def data_project(self) -> str:
        return self._get("data_project")

    @property
    def package_lines(self) -> int | None:
        """From how many lines on a journal goes as a data package; None: none does."""
        text = self._get("package_lines")
        return int(text) if self.data_project and text.isascii() and text.isdigit() else None

    def tax_groups(self, code: str) -> tuple[str, str]:
        """Return the sales tax group and the item sales tax group of one of our tax codes' values."""
        group, _, item_group = code.partition("/")
        return group, item_group

    def _get(self, name: str, default: str = "") -> str:
        return self.mapping.settings.get(name) or default
