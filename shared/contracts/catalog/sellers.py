"""legal_entities.yaml: who sells, in which ERP, and who approves; tenant.yaml: whose catalogue this is."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from pydantic import Field

from shared.contracts.catalog.exchange_rates import RateSourceEntry
from shared.contracts.catalog.parties import SellerDetailsEntry
from shared.contracts.catalog.tax_setup import TaxSetupEntry
from shared.contracts.catalog.values import (
    HOUR,
    Amount,
    CatalogModel,
    Country,
    CurrencyCode,
    Day,
    Factor,
    GraceHours,
    Id,
    OptionalText,
    PositiveAmount,
    Text,
    Zone,
)
from shared.domain.identifiers import LegalEntityId, ProductId
from shared.domain.master_data.approval_policy import ApprovalPolicy, Deviation
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping, LegalEntity
from shared.domain.master_data.party import NO_SELLER_DETAILS
from shared.domain.master_data.tax_setup import TABLE_TAX
from shared.domain.money import Money, currency
from shared.domain.posting.closed_period import ClosedPeriodPolicy


class TenantEntry(CatalogModel):
    id: Id
    name: Text


class DimensionEntry(CatalogModel):
    field: Text
    products: dict[Id, Text]

    def to_domain(self) -> DimensionMapping:
        return DimensionMapping(
            field=self.field, values={ProductId(one): value for one, value in self.products.items()}
        )

    @classmethod
    def of(cls, mapping: DimensionMapping) -> "DimensionEntry":
        return cls(field=mapping.field, products={str(one): value for one, value in mapping.values.items()})


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
    revenue_accounts: dict[Id, Text] = Field(default_factory=dict)
    accounts: dict[Id, Text] = Field(default_factory=dict)
    dimensions: dict[Id, DimensionEntry] = Field(default_factory=dict)

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
            revenue_accounts={ProductId(product): account for product, account in self.revenue_accounts.items()},
            accounts=self.accounts,
            dimensions={name: dimension.to_domain() for name, dimension in self.dimensions.items()},
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
            revenue_accounts={str(product): account for product, account in erp.revenue_accounts.items()},
            accounts=dict(erp.accounts),
            dimensions={name: DimensionEntry.of(mapping) for name, mapping in erp.dimensions.items()},
        )


class DeviationEntry(CatalogModel):
    factor: Factor
    of_last: int = Field(default=6, ge=1, le=36)  # billing periods
    at_least: int = Field(default=3, ge=1, le=36)

    def to_domain(self) -> Deviation:
        return Deviation(factor=self.factor, of_last=self.of_last, at_least=self.at_least)

    @classmethod
    def of(cls, deviation: Deviation) -> "DeviationEntry":
        return cls(factor=deviation.factor, of_last=deviation.of_last, at_least=deviation.at_least)


class ApprovalEntry(CatalogModel):
    approver: OptionalText = ""
    second_approver: OptionalText = ""
    overdue_after_hours: int = Field(default=72, ge=1, le=672)  # the execution waits for 30 days
    thresholds: dict[CurrencyCode, Amount] | None = None
    deviation: DeviationEntry | None = None
    first_invoice: bool = False
    manual_adjustment: bool = False

    def to_domain(self) -> ApprovalPolicy:
        return ApprovalPolicy(
            thresholds=None if self.thresholds is None else _money(self.thresholds),
            approver=self.approver,
            second_approver=self.second_approver,
            overdue_after=timedelta(hours=self.overdue_after_hours),
            deviation=self.deviation.to_domain() if self.deviation else None,
            first_invoice=self.first_invoice,
            manual_adjustment=self.manual_adjustment,
        )

    @classmethod
    def of(cls, policy: ApprovalPolicy) -> "ApprovalEntry":
        return cls(
            approver=policy.approver,
            second_approver=policy.second_approver,
            overdue_after_hours=policy.overdue_after // timedelta(hours=1),
            thresholds=None if policy.thresholds is None else _amounts(policy.thresholds),
            deviation=DeviationEntry.of(policy.deviation) if policy.deviation else None,
            first_invoice=policy.first_invoice,
            manual_adjustment=policy.manual_adjustment,
        )


class LegalEntityEntry(CatalogModel):
    id: Id
    name: Text
    country: Country
    currency: CurrencyCode
    time_zone: Zone = "UTC"  # of its dates: documents are dated in it
    exchange_rates: RateSourceEntry | None = None  # for contracts in other currencies
    invoice_series: OptionalText = ""  # its id in capitals and a dash
    credit_note_series: OptionalText = ""  # its invoice series and "CN-"
    closed_through: Day | None = None
    on_closed_period: ClosedPeriodPolicy = ClosedPeriodPolicy.PERSON
    details: SellerDetailsEntry | None = None
    erp: ErpEntry
    tax: TaxSetupEntry | None = None  # the table of tax_rates
    approval: ApprovalEntry | None = None
    draft_grace_hours: GraceHours = 0
    invoice_limits: dict[CurrencyCode, PositiveAmount] = Field(default_factory=dict)  # gross

    def to_domain(self) -> LegalEntity:
        return LegalEntity(
            legal_entity_id=LegalEntityId(self.id),
            name=self.name,
            country=self.country,
            functional_currency=currency(self.currency),
            time_zone=ZoneInfo(self.time_zone),
            exchange_rates=self.exchange_rates.to_domain() if self.exchange_rates else None,
            invoice_series=self.invoice_series or f"{self.id.upper()}-",
            credit_note_series=self.credit_note_series or f"{self.invoice_series or f'{self.id.upper()}-'}CN-",
            erp=self.erp.to_domain(),
            tax=self.tax.to_domain() if self.tax else TABLE_TAX,
            approval=self.approval.to_domain() if self.approval else None,
            draft_grace=self.draft_grace_hours * HOUR,
            invoice_limits=_money(self.invoice_limits),
            closed_through=self.closed_through,
            on_closed_period=self.on_closed_period,
            details=self.details.to_domain() if self.details else NO_SELLER_DETAILS,
        )

    @classmethod
    def of(cls, entity: LegalEntity) -> "LegalEntityEntry":
        return cls(
            id=entity.legal_entity_id,
            name=entity.name,
            country=entity.country,
            currency=entity.functional_currency.code,
            time_zone=entity.time_zone.key,
            exchange_rates=RateSourceEntry.of(entity.exchange_rates) if entity.exchange_rates else None,
            invoice_series=entity.invoice_series,
            credit_note_series=entity.credit_note_prefix,
            closed_through=entity.closed_through,
            on_closed_period=entity.on_closed_period,
            details=SellerDetailsEntry.of(entity.details),
            erp=ErpEntry.of(entity.erp),
            tax=TaxSetupEntry.of(entity.tax),
            approval=ApprovalEntry.of(entity.approval) if entity.approval else None,
            draft_grace_hours=entity.draft_grace // HOUR,
            invoice_limits=_amounts(entity.invoice_limits),
        )


def _money(amounts: Mapping[str, Decimal]) -> tuple[Money, ...]:
    return tuple(Money(amount, currency(code)) for code, amount in amounts.items())


def _amounts(money: Iterable[Money]) -> dict[str, Decimal]:
    return {one.currency.code: one.amount for one in money}
