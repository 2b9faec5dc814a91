"""legal_entities.yaml: who sells, in which ERP, and who approves; tenant.yaml: whose catalogue this is."""

from pydantic import Field

from shared.contracts.catalog.parties import SellerDetailsEntry
from shared.contracts.catalog.tax_setup import TaxSetupEntry
from shared.contracts.catalog.values import (
    Amount,
    CatalogModel,
    Country,
    CurrencyCode,
    Day,
    Id,
    OptionalText,
    Text,
)
from shared.domain.identifiers import LegalEntityId, ProductId
from shared.domain.master_data.catalog import ApprovalPolicy, ErpMapping, LegalEntity
from shared.domain.master_data.party import NO_SELLER_DETAILS
from shared.domain.master_data.tax_setup import TABLE_TAX
from shared.domain.money import Money, currency


class TenantEntry(CatalogModel):
    id: Id
    name: Text


class ErpEntry(CatalogModel):
    system: Id
    connection: Text
    company: Text
    receivable_account: Text
    tax_account: Text
    products: dict[Id, Text]
    tax_codes: dict[Text, Text]
    currencies: dict[CurrencyCode, OptionalText] = Field(default_factory=dict)
    settings: dict[Id, Text] = Field(default_factory=dict)

    def to_domain(self) -> ErpMapping:
        return ErpMapping(
            system=self.system,
            connection=self.connection,
            company=self.company,
            receivable_account=self.receivable_account,
            tax_account=self.tax_account,
            products={ProductId(product): account for product, account in self.products.items()},
            tax_codes=self.tax_codes,
            currencies=self.currencies,
            settings=self.settings,
        )

    @classmethod
    def of(cls, erp: ErpMapping) -> "ErpEntry":
        return cls(
            system=erp.system,
            connection=erp.connection,
            company=erp.company,
            receivable_account=erp.receivable_account,
            tax_account=erp.tax_account,
            products={str(product): account for product, account in erp.products.items()},
            tax_codes=dict(erp.tax_codes),
            currencies=dict(erp.currencies),
            settings=dict(erp.settings),
        )


class ApprovalEntry(CatalogModel):
    approver: OptionalText = ""
    thresholds: dict[CurrencyCode, Amount]

    def to_domain(self) -> ApprovalPolicy:
        thresholds = tuple(Money(amount, currency(code)) for code, amount in self.thresholds.items())
        return ApprovalPolicy(thresholds=thresholds, approver=self.approver)

    @classmethod
    def of(cls, policy: ApprovalPolicy) -> "ApprovalEntry":
        thresholds = {threshold.currency.code: threshold.amount for threshold in policy.thresholds}
        return cls(approver=policy.approver, thresholds=thresholds)


class LegalEntityEntry(CatalogModel):
    id: Id
    name: Text
    country: Country
    currency: CurrencyCode
    invoice_series: OptionalText = ""  # its id in capitals and a dash
    closed_through: Day | None = None
    details: SellerDetailsEntry | None = None
    erp: ErpEntry
    tax: TaxSetupEntry | None = None  # the table of tax_rates
    approval: ApprovalEntry | None = None

    def to_domain(self) -> LegalEntity:
        return LegalEntity(
            legal_entity_id=LegalEntityId(self.id),
            name=self.name,
            country=self.country,
            functional_currency=currency(self.currency),
            invoice_series=self.invoice_series or f"{self.id.upper()}-",
            erp=self.erp.to_domain(),
            tax=self.tax.to_domain() if self.tax else TABLE_TAX,
            approval=self.approval.to_domain() if self.approval else None,
            closed_through=self.closed_through,
            details=self.details.to_domain() if self.details else NO_SELLER_DETAILS,
        )

    @classmethod
    def of(cls, entity: LegalEntity) -> "LegalEntityEntry":
        return cls(
            id=entity.legal_entity_id,
            name=entity.name,
            country=entity.country,
            currency=entity.functional_currency.code,
            invoice_series=entity.invoice_series,
            closed_through=entity.closed_through,
            details=SellerDetailsEntry.of(entity.details),
            erp=ErpEntry.of(entity.erp),
            tax=TaxSetupEntry.of(entity.tax),
            approval=ApprovalEntry.of(entity.approval) if entity.approval else None,
        )
