"""`adjustments` of a charge in price_book.yaml, and of a contract in contracts.yaml: discounts, minimums, credits."""

from typing import Self, assert_never
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.values import Amount, Boundary, CatalogModel, CurrencyCode, Factor, Id, LinePart, Percent
from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId
from shared.domain.money import Money, currency
from shared.domain.rating.adjustments import (
    ChargeAdjustment,
    Commitment,
    ContractAdjustment,
    Credit,
    CreditBalance,
    FixedDiscount,
    Maximum,
    Minimum,
    PercentageDiscount,
    UsageDiscount,
)
from shared.domain.time_period import Period


class _AdjustmentEntry(CatalogModel):
    id: LinePart
    valid_from: Boundary | None = None
    valid_until: Boundary | None = None


class UnitsEntry(CatalogModel):
    """Free units: a number of them, or a percentage."""

    units: Amount = Amount(0)
    percent: Percent = Percent(0)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.units > 0) == (self.percent > 0):
            raise PydanticCustomError("INVALID_VALUE", "a usage discount has exactly one of units and percent")
        return self


class ChargeAdjustmentEntry(_AdjustmentEntry):
    """One of `usage_discount`, `percentage_discount`, `minimum` and `maximum`; the last two by currency."""

    usage_discount: UnitsEntry | None = None
    percentage_discount: Percent | None = None
    minimum: dict[CurrencyCode, Amount] | None = None
    maximum: dict[CurrencyCode, Amount] | None = None
    product: Id | None = None  # of the line of a minimum

    @model_validator(mode="after")
    def _has_one_kind(self) -> Self:
        _exactly_one(self, "usage_discount", "percentage_discount", "minimum", "maximum")
        _only_with(self, "product", "minimum")
        _needs(self, "minimum", "product")
        return self

    def to_domain(self, *, path: str, zone: ZoneInfo, faults: Faults) -> ChargeAdjustment | None:
        valid = faults.period(path, self.valid_from, self.valid_until, zone)
        return None if valid is None else self._adjustment(AdjustmentId(self.id), valid)

    def _adjustment(self, name: AdjustmentId, valid: Period) -> ChargeAdjustment:
        if self.usage_discount is not None:
            free = self.usage_discount
            return UsageDiscount(adjustment_id=name, valid=valid, units=free.units, percent=free.percent)
        if self.percentage_discount is not None:
            return PercentageDiscount(adjustment_id=name, valid=valid, percent=self.percentage_discount)
        if self.minimum is not None:
            product = ProductId(self.product or "")
            return Minimum(adjustment_id=name, valid=valid, amounts=_amounts(self.minimum), product_id=product)
        return Maximum(adjustment_id=name, valid=valid, amounts=_amounts(self.maximum or {}))

    @classmethod
    def of(cls, one: ChargeAdjustment) -> "ChargeAdjustmentEntry":
        common = {"id": one.adjustment_id, "valid_from": one.valid.start, "valid_until": one.valid.end}
        match one:
            case UsageDiscount():
                free = {"units": one.units} if one.units else {"percent": one.percent}
                return cls.model_validate({**common, "usage_discount": free})
            case PercentageDiscount():
                return cls.model_validate({**common, "percentage_discount": one.percent})
            case Minimum():
                return cls.model_validate({**common, "minimum": _by_currency(one.amounts), "product": one.product_id})
            case Maximum():
                return cls.model_validate({**common, "maximum": _by_currency(one.amounts)})
            case _ as never:
                assert_never(never)


_CONTRACT_KINDS = (
    "percentage_discount",
    "fixed_discount",
    "minimum",
    "maximum",
    "commitment",
    "credit",
    "credit_balance",
)


class ContractAdjustmentEntry(_AdjustmentEntry):
    """One of its kinds, in the contract's currency, for the contract's time by default."""

    percentage_discount: Percent | None = None
    fixed_discount: Amount | None = None
    minimum: Amount | None = None
    maximum: Amount | None = None
    commitment: Amount | None = None
    credit: Amount | None = None
    credit_balance: Amount | None = None
    charges: tuple[Id, ...] = ()
    product: Id | None = None
    billing_periods: int | None = Field(default=None, ge=1, le=1200)
    true_up: bool | None = None
    overage_factor: Factor | None = None
    priority: int | None = Field(default=None, ge=0, le=1000)

    @model_validator(mode="after")
    def _has_one_kind(self) -> Self:
        _exactly_one(self, *_CONTRACT_KINDS)
        _only_with(self, "product", "minimum", "commitment", "credit", "credit_balance")
        _only_with(self, "billing_periods", "percentage_discount", "fixed_discount")
        _only_with(self, "true_up", "commitment")
        _only_with(self, "overage_factor", "commitment")
        _only_with(self, "priority", "credit")
        for kind in ("minimum", "commitment", "credit_balance"):
            _needs(self, kind, "product")
        if self.credit_balance is not None and self.charges:
            raise PydanticCustomError("INVALID_VALUE", "a credit_balance pays for every charge: leave out charges")
        return self

    def to_domain(
        self, *, path: str, contract: Period, currency_code: str, zone: ZoneInfo, faults: Faults
    ) -> ContractAdjustment | None:
        start = contract.start if self.valid_from is None else self.valid_from
        end = contract.end if self.valid_until is None else self.valid_until
        valid = faults.period(path, start, end, zone)
        return None if valid is None else self._adjustment(valid, currency_code)

    def _adjustment(  # noqa: PLR0911 - one for each kind
        self, valid: Period, currency_code: str
    ) -> ContractAdjustment:
        name, charges = AdjustmentId(self.id), tuple(map(ChargeId, self.charges))
        product = ProductId(self.product or "")

        def money(amount: Amount | None) -> Money:
            return Money(amount or Amount(0), currency(currency_code))

        if self.percentage_discount is not None:
            return PercentageDiscount(
                adjustment_id=name,
                valid=valid,
                percent=self.percentage_discount,
                charges=charges,
                billing_periods=self.billing_periods,
            )
        if self.fixed_discount is not None:
            return FixedDiscount(
                adjustment_id=name,
                valid=valid,
                amount=money(self.fixed_discount),
                charges=charges,
                billing_periods=self.billing_periods,
            )
        if self.minimum is not None:
            return Minimum(
                adjustment_id=name, valid=valid, amounts=(money(self.minimum),), product_id=product, charges=charges
            )
        if self.maximum is not None:
            return Maximum(adjustment_id=name, valid=valid, amounts=(money(self.maximum),), charges=charges)
        if self.commitment is not None:
            return Commitment(
                adjustment_id=name,
                valid=valid,
                amount=money(self.commitment),
                product_id=product,
                true_up=self.true_up is not False,
                overage_factor=self.overage_factor or Factor(1),
                charges=charges,
            )
        if self.credit is not None:
            return Credit(
                adjustment_id=name,
                valid=valid,
                amount=money(self.credit),
                priority=self.priority or 0,
                charges=charges,
                product_id=product or None,
            )
        return CreditBalance(adjustment_id=name, valid=valid, amount=money(self.credit_balance), product_id=product)

    @classmethod
    def of(cls, one: ContractAdjustment) -> "ContractAdjustmentEntry":
        entry: dict[str, object] = {
            "id": one.adjustment_id,
            "valid_from": one.valid.start,
            "valid_until": one.valid.end,
        }
        match one:
            case PercentageDiscount():
                entry |= {"percentage_discount": one.percent, "billing_periods": one.billing_periods}
            case FixedDiscount():
                entry |= {"fixed_discount": one.amount.amount, "billing_periods": one.billing_periods}
            case Minimum():
                entry |= {"minimum": one.amounts[0].amount, "product": one.product_id}
            case Maximum():
                entry |= {"maximum": one.amounts[0].amount}
            case Commitment():
                entry |= {"commitment": one.amount.amount, "product": one.product_id}
                entry |= {"true_up": one.true_up, "overage_factor": one.overage_factor}
            case Credit():
                entry |= {"credit": one.amount.amount, "product": one.product_id, "priority": one.priority}
            case CreditBalance():
                return cls.model_validate(entry | {"credit_balance": one.amount.amount, "product": one.product_id})
            case _ as never:
                assert_never(never)
        return cls.model_validate(entry | {"charges": one.charges})


def _exactly_one(entry: CatalogModel, *kinds: str) -> None:
    if sum(getattr(entry, kind) is not None for kind in kinds) != 1:
        raise PydanticCustomError("INVALID_VALUE", f"an adjustment has exactly one of {', '.join(kinds)}")


def _only_with(entry: CatalogModel, key: str, *kinds: str) -> None:
    if getattr(entry, key) is not None and all(getattr(entry, kind) is None for kind in kinds):
        raise PydanticCustomError("INVALID_VALUE", f"{key} goes with {', '.join(kinds)} only")


def _needs(entry: CatalogModel, kind: str, key: str) -> None:
    if getattr(entry, kind) is not None and getattr(entry, key) is None:
        raise PydanticCustomError("VALUE_MISSING", f"a {kind} names the {key} of its line")


def _amounts(by_currency: dict[CurrencyCode, Amount]) -> tuple[Money, ...]:
    return tuple(Money(amount, currency(code)) for code, amount in by_currency.items())


def _by_currency(amounts: tuple[Money, ...]) -> dict[str, Amount]:
    return {amount.currency.code: amount.amount for amount in amounts}
