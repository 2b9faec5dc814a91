"""Master data as of one published catalogue version. Everything that can change is effective-dated."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from zoneinfo import ZoneInfo

from shared.domain.currency_exchange.published_rates import PublishedRates, RateSource
from shared.domain.entitlement.entitlement import Entitlement, FeatureEntitlement
from shared.domain.identifiers import (
    ChargeId,
    ContractId,
    CustomerId,
    LegalEntityId,
    MeterCode,
    PlanId,
    ProductId,
    SubscriptionId,
    TenantId,
)
from shared.domain.master_data.approval_policy import ApprovalPolicy as ApprovalPolicy  # noqa: PLC0414 - part of it
from shared.domain.master_data.customer import Customer
from shared.domain.master_data.party import NO_SELLER_DETAILS, SellerDetails
from shared.domain.master_data.payment_terms import PaymentTerms
from shared.domain.master_data.price_phase import PricePhase
from shared.domain.master_data.tax_setup import TABLE_TAX, TaxSetup
from shared.domain.metering.meter import CURRENCY_DIMENSION, Meter
from shared.domain.money import Currency, Money
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.producers.producer import Producer
from shared.domain.rating.adjustments import ChargeAdjustment, ContractAdjustment
from shared.domain.rating.charge_models import ChargeModel, MoneyModel
from shared.domain.subscriptions.amendment import Amendment
from shared.domain.subscriptions.anniversary import CALENDAR_MONTHS, Anniversary, BillingCycle
from shared.domain.subscriptions.fee_terms import WHOLE_PERIODS_IN_ARREARS, FeeTerms
from shared.domain.subscriptions.subscription import Subscription as Subscription  # noqa: PLC0414 - part of it
from shared.domain.time_period import Period
from shared.domain.usage.contract_definition import ContractDefinition
from shared.domain.vat_category import VatCategory

NO_GRACE = timedelta(0)
_UTC = ZoneInfo("UTC")
_REVENUE_OF = "revenue="  # no name in a catalogue has "=" in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What one customer agreed with one legal entity in one currency: one invoice per contract and billing period.

    `subscriptions` are those in force, after all `amendments`; `agreed` are those before them, empty where there are
    none. `prices` were agreed in place of the price book's. `invoice_limit` caps what one invoice may come to, in place
    of the legal entity's. `bill_to` is who gets and owes the invoices, where that is not the customer. One that is
    `invoiced_with` another contract, its lead, is a member: its lines are on the lead's invoice of the same period.
    """

    contract_id: ContractId
    customer_id: CustomerId
    legal_entity_id: LegalEntityId
    currency: Currency
    active: Period
    payment_terms: PaymentTerms
    subscriptions: tuple[Subscription, ...]
    purchase_order: str = ""
    agreed: tuple[Subscription, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    adjustments: tuple[ContractAdjustment, ...] = ()
    invoice_limit: Money | None = None
    prices: tuple["AgreedPrice", ...] = ()
    billing: BillingCycle = CALENDAR_MONTHS
    bill_to: CustomerId | None = None
    draft_grace: timedelta | None = None  # that of the legal entity by default
    invoiced_with: ContractId | None = None

    @property
    def buyer_id(self) -> CustomerId:
        """Return who gets and owes its invoices."""
        return self.bill_to or self.customer_id

    def drafted_after(self, entity: "LegalEntity") -> timedelta:
        """Return how long after the end of a billing period its invoice is drafted, so that late usage makes it."""
        return entity.draft_grace if self.draft_grace is None else self.draft_grace

    def billing_calendar(self, zone: ZoneInfo) -> Anniversary:
        """Return the boundaries of its billing periods, which are counted from the month it starts in."""
        return self.billing.since(self.active.start.astimezone(zone).date())


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberContract:
    """A contract, of whichever customer, that is invoiced with the contract `lead`."""

    lead: ContractId
    customer_id: CustomerId
    contract_id: ContractId


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAccount:
    """A customer with all its contracts, past and present: what enrichment and billing load in one read.

    `pays_for` are the subjects of other customers whose usage it ever pays for, `members` the contracts that are
    invoiced with one of its own.
    """

    customer: Customer
    contracts: tuple[Contract, ...]
    pays_for: tuple[str, ...] = ()
    members: tuple[MemberContract, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """All subjects whose usage may be billed to it."""
        return tuple(dict.fromkeys((*self.customer.subjects, *self.pays_for)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    product_id: ProductId
    name: str
    tax_category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A charge model in one currency for as long as it is in force. Prices of one charge and currency never overlap.

    One with a `match` is for usage with these values of all dimensions that its charge is priced by, one without for
    all other usage. One with a `phase` begins after a while, and then comes before those that began earlier. `agreed`
    tells the price of one contract from that of the price book.
    """

    currency: Currency
    valid: Period
    model: ChargeModel
    agreed: bool = False
    match: tuple[tuple[str, str], ...] = ()
    phase: PricePhase | None = None
    words: str = field(init=False, repr=False, compare=False)  # the charge model's, and whether it was agreed

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", f"agreed price: {self.model}" if self.agreed else str(self.model))

    def begins(self, contract: "Contract", subscription: Subscription, zone: ZoneInfo) -> datetime | None:
        """Return when its phase begins for a subscription of a customer in this zone; None without one."""
        if self.phase is None:
            return None
        calendar = contract.billing_calendar(zone)
        return self.phase.begins(
            contract=contract.active, subscription=subscription.active, calendar=calendar, zone=zone
        )

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedPrice:
    """A price of one contract, which comes before those of the price book. Its dates are days of the customer.

    Without a subscription it is that of the charge in all subscriptions of the contract.
    """

    charge_id: ChargeId
    price: Price
    subscription_id: SubscriptionId | None = None

    def concerns(self, subscription_id: SubscriptionId, charge_id: ChargeId) -> bool:
        return self.charge_id == charge_id and self.subscription_id in {None, subscription_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One position of a plan. Without a meter it is a fee, due by the terms of `fee`; with one it is usage.

    `match` limits a usage charge to windows with these dimension values. `price_by` names dimensions each combination
    of whose values has a price and a line of its own.
    """

    charge_id: ChargeId
    product_id: ProductId
    meter: MeterCode | None
    prices: tuple[Price, ...]
    description: str = ""
    match: tuple[tuple[str, str], ...] = ()
    fee: FeeTerms = WHOLE_PERIODS_IN_ARREARS
    adjustments: tuple[ChargeAdjustment, ...] = ()
    price_by: tuple[str, ...] = ()

    @property
    def is_of_money(self) -> bool:
        """Whether its quantity is money that events carry: all its prices say so, or none does."""
        return any(isinstance(price.model, MoneyModel) for price in self.prices)

    def charged_in(self, currency: Currency) -> "Charge":
        """Return the charge as contracts in a currency have it: one of money takes usage of that currency only."""
        if not self.is_of_money:
            return self
        return replace(self, match=tuple(sorted({*self.match, (CURRENCY_DIMENSION, currency.code)})))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    plan_id: PlanId
    name: str
    charges: tuple[Charge, ...]
    entitlements: tuple[Entitlement, ...] = ()

    def __hash__(self) -> int:
        return hash(self.plan_id)  # its charges are compared, but a whole plan is long to hash

    def charges_in(self, currency: Currency) -> tuple[Charge, ...]:
        """Return its charges as contracts in a currency have them."""
        return tuple(charge.charged_in(currency) for charge in self.charges)

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(one.feature for one in self.entitlements if isinstance(one, FeatureEntitlement))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """A rate for sales from one country into another, for one tax category, as long as it is in force.

    `rate` is a fraction (0.19). `buyer_country` "*" is any country without a row of its own. `vat_category` says why
    the rate is what it is, for electronic invoices; `exemption_reason` is the law's name for it.
    """

    code: str
    seller_country: str
    buyer_country: str
    category: str
    rate: Decimal
    valid: Period
    vat_category: VatCategory | None = None
    exemption_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionMapping:
    """A dimension as an ERP has it: the `field` of a line that it goes into, and its value for each product."""

    field: str
    values: Mapping[ProductId, str]


def revenue_of(product_id: ProductId) -> str:
    """Name the account that a product's revenue is booked on; nobody can give another one that name."""
    return f"{_REVENUE_OF}{product_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpMapping:
    """How one legal entity's documents are written in its ERP. Which keys are needed, the ERP's adapter says.

    `system` is a name of domain/posting/systems; `connection` names the secret with address and credentials.
    `company` is the ERP's own key of the entity (company id, subsidiary id). `products` maps product ids to the
    ERP's account or item, `tax_codes` maps our tax codes to the ERP's, `currencies` our currency codes to the ERP's.
    `revenue_accounts` has the account of each product whose `products` entry is an item; `accounts` those that journals
    name, by our names for them; `dimensions` what else is said of a line, by our names.
    """

    system: str
    connection: str
    company: str
    receivable_account: str
    tax_account: str
    products: Mapping[ProductId, str]
    tax_codes: Mapping[str, str]
    currencies: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    revenue_accounts: Mapping[ProductId, str] = field(default_factory=lambda: MappingProxyType({}))
    accounts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    dimensions: Mapping[str, DimensionMapping] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def books(self) -> str:
        """Return the name of the books that documents go into: another name, another ledger."""
        return f"{self.system}/{self.connection}/{self.company}"

    def revenue_account(self, product_id: ProductId) -> str:
        """Return the general ledger account of a product; raises KeyError for one without a mapping."""
        return self.revenue_accounts.get(product_id) or self.products[product_id]

    def account(self, name: str) -> str:
        """Return the account of a journal's line; raises KeyError for a name without a mapping.

        `revenue_of` names the revenue account of a product, as its invoices have it.
        """
        product = name.removeprefix(_REVENUE_OF)
        return self.accounts[name] if product == name else self.revenue_account(ProductId(product))

    def has_account(self, name: str) -> bool:
        try:
            return bool(self.account(name))
        except KeyError:
            return False

    def dimensions_of(self, product_id: ProductId) -> tuple[tuple[str, str], ...]:
        """Return the dimensions of a product's lines, by our names; one that says nothing of it is left out."""
        return tuple(
            (name, mapping.values[product_id])
            for name, mapping in sorted(self.dimensions.items())
            if product_id in mapping.values
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalEntity:
    """Who sells. `closed_through` is the last day of the last closed accounting period, None while all are open.

    Its documents are dated in its `time_zone`. Those in another currency than the functional one, which is that of its
    books, are converted into it at `exchange_rates`.

    `on_closed_period` says what becomes of a document that its ERP refuses for its accounting period.

    `invoice_limits` cap what one invoice may come to, by currency, unless its contract has a limit of its own.
    """

    legal_entity_id: LegalEntityId
    name: str
    country: str
    functional_currency: Currency
    invoice_series: str  # prefix of its gapless invoice numbers, e.g. "DE-"
    erp: ErpMapping
    approval: ApprovalPolicy | None
    closed_through: date | None = None
    on_closed_period: ClosedPeriodPolicy = ClosedPeriodPolicy.PERSON
    details: SellerDetails = NO_SELLER_DETAILS
    tax: TaxSetup = TABLE_TAX
    invoice_limits: tuple[Money, ...] = ()
    time_zone: ZoneInfo = _UTC
    exchange_rates: RateSource | None = None
    draft_grace: timedelta = NO_GRACE
    credit_note_series: str = ""  # prefix of its gapless credit note numbers; "" is that of its invoices and "CN-"

    def day_of(self, instant: datetime) -> date:
        """Return the date that a document of this instant has."""
        return instant.astimezone(self.time_zone).date()

    @property
    def credit_note_prefix(self) -> str:
        return self.credit_note_series or f"{self.invoice_series}CN-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """One whole version of a tenant's master data, in the order it was written. Ids are unique once it is validated."""

    tenant: TenantId
    name: str
    legal_entities: tuple[LegalEntity, ...]
    customers: tuple[Customer, ...]
    contracts: tuple[Contract, ...]
    products: tuple[Product, ...]
    meters: tuple[Meter, ...]
    plans: tuple[Plan, ...]
    tax_rates: tuple[TaxRate, ...]
    usage_contracts: tuple[ContractDefinition, ...] = ()
    producers: tuple[Producer, ...] = ()
    exchange_rates: tuple[PublishedRates, ...] = ()
