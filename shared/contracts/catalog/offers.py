"""products.yaml, meters.yaml and price_book.yaml: what is sold, how it is measured, what it costs."""

from zoneinfo import ZoneInfo

from pydantic import Field

from shared.contracts.catalog.entitlements import EntitlementEntry
from shared.contracts.catalog.meter_texts import FilterText, FormulaText
from shared.contracts.catalog.price_adjustments import ChargeAdjustmentEntry
from shared.contracts.catalog.price_models import PriceModelEntry, entry_of
from shared.contracts.catalog.price_phases import PhaseEntry
from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.values import Boundary, CatalogModel, CurrencyCode, Id, LinePart, OptionalText, Text
from shared.domain.identifiers import ChargeId, MeterCode, PlanId, ProductId
from shared.domain.master_data.catalog import Charge, Plan, Price, Product
from shared.domain.metering.expression import Filter, Formula
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.money import currency
from shared.domain.subscriptions.fee_terms import Billed, FeeTerms
from shared.domain.subscriptions.proration import Proration


class ProductEntry(CatalogModel):
    id: Id
    name: Text
    tax_category: Text = "standard"

    def to_domain(self) -> Product:
        return Product(product_id=ProductId(self.id), name=self.name, tax_category=self.tax_category)

    @classmethod
    def of(cls, product: Product) -> "ProductEntry":
        return cls(id=product.product_id, name=product.name, tax_category=product.tax_category)


class MeterEntry(CatalogModel):
    id: Id
    name: Text
    unit: Text
    aggregation: Aggregation
    dimensions: tuple[Text, ...] = ()
    event: Text | None = None  # that of its id
    filter: FilterText | None = None  # all of these events
    quantity: FormulaText | None = None  # that of the event

    def to_domain(self) -> Meter:
        return Meter(
            code=MeterCode(self.id),
            name=self.name,
            unit=self.unit,
            aggregation=self.aggregation,
            dimensions=self.dimensions,
            event=self.event or self.id,
            filter=None if self.filter is None else Filter(self.filter),
            quantity=None if self.quantity is None else Formula(self.quantity),
        )

    @classmethod
    def of(cls, meter: Meter) -> "MeterEntry":
        return cls(
            id=meter.code,
            name=meter.name,
            unit=meter.unit,
            aggregation=meter.aggregation,
            dimensions=meter.dimensions,
            event=meter.event,
            filter=None if meter.filter is None else meter.filter.text,
            quantity=None if meter.quantity is None else meter.quantity.text,
        )


class PriceEntry(PriceModelEntry):
    """One charge model in one currency, for as long as it is valid."""

    currency: CurrencyCode
    valid_from: Boundary | None = None  # since always
    valid_until: Boundary | None = None
    match: dict[Text, Text] = Field(default_factory=dict)  # by dimension that the charge is priced by
    after: PhaseEntry | None = None  # from the start

    def to_domain(self, *, path: str, zone: ZoneInfo, faults: Faults) -> Price | None:
        valid = faults.period(path, self.valid_from, self.valid_until, zone)
        if valid is None:
            return None
        return Price(
            currency=currency(self.currency),
            valid=valid,
            model=self.model(),
            match=tuple(sorted(self.match.items())),
            phase=self.after.to_domain() if self.after else None,
        )

    @classmethod
    def of(cls, price: Price) -> "PriceEntry":
        when = {"valid_from": price.valid.start, "valid_until": price.valid.end}
        what = {"currency": price.currency.code, "match": dict(price.match), "after": PhaseEntry.of_phase(price.phase)}
        return cls.model_validate({**what, **when, **entry_of(price.model)})


class ChargeEntry(CatalogModel):
    id: LinePart
    product: Id
    meter: Id | None = None  # without one it recurs
    description: OptionalText = ""
    match: dict[Text, Text] = Field(default_factory=dict)
    price_by: tuple[Text, ...] = ()  # dimensions
    billed: Billed = Billed.IN_ARREARS
    proration: Proration = Proration.NONE
    once: bool = False
    seats: bool = False  # priced by the quantity of the subscription
    prices: tuple[PriceEntry, ...]
    adjustments: tuple[ChargeAdjustmentEntry, ...] = ()

    def to_domain(self, *, path: str, zone: ZoneInfo, faults: Faults) -> Charge | None:
        prices = [
            entry.to_domain(path=f"{path}.prices[{i}]", zone=zone, faults=faults) for i, entry in enumerate(self.prices)
        ]
        usable = tuple(price for price in prices if price is not None)
        adjustments = [
            entry.to_domain(path=f"{path}.adjustments[{i}]", zone=zone, faults=faults)
            for i, entry in enumerate(self.adjustments)
        ]
        sound = tuple(one for one in adjustments if one is not None)
        if len(usable) < len(prices) or len(sound) < len(adjustments):
            return None
        return Charge(
            charge_id=ChargeId(self.id),
            product_id=ProductId(self.product),
            meter=None if self.meter is None else MeterCode(self.meter),
            prices=usable,
            description=self.description,
            match=tuple(sorted(self.match.items())),
            fee=FeeTerms(billed=self.billed, proration=self.proration, once=self.once, seats=self.seats),
            adjustments=sound,
            price_by=self.price_by,
        )

    @classmethod
    def of(cls, charge: Charge) -> "ChargeEntry":
        return cls(
            id=charge.charge_id,
            product=charge.product_id,
            meter=charge.meter,
            description=charge.description,
            match=dict(charge.match),
            price_by=charge.price_by,
            billed=charge.fee.billed,
            proration=charge.fee.proration,
            once=charge.fee.once,
            seats=charge.fee.seats,
            prices=tuple(PriceEntry.of(price) for price in charge.prices),
            adjustments=tuple(ChargeAdjustmentEntry.of(one) for one in charge.adjustments),
        )


class PlanEntry(CatalogModel):
    id: Id
    name: Text
    charges: tuple[ChargeEntry, ...]
    entitlements: tuple[EntitlementEntry, ...] = ()

    def to_domain(self, *, path: str, zone: ZoneInfo, faults: Faults) -> Plan | None:
        """Return the plan; None when a period of it is faulty."""
        charges = [
            entry.to_domain(path=f"{path}.charges[{i}]", zone=zone, faults=faults)
            for i, entry in enumerate(self.charges)
        ]
        usable = tuple(charge for charge in charges if charge is not None)
        if len(usable) < len(charges):
            return None
        entitlements = tuple(entry.to_domain() for entry in self.entitlements)
        return Plan(plan_id=PlanId(self.id), name=self.name, charges=usable, entitlements=entitlements)

    @classmethod
    def of(cls, plan: Plan) -> "PlanEntry":
        return cls(
            id=plan.plan_id,
            name=plan.name,
            charges=tuple(ChargeEntry.of(charge) for charge in plan.charges),
            entitlements=tuple(EntitlementEntry.of(entitlement) for entitlement in plan.entitlements),
        )
