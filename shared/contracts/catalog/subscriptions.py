"""The subscriptions and amendments of a contract in contracts.yaml: what was agreed, and how it changed since."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Self, assert_never
from zoneinfo import ZoneInfo

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.values import Amount, Boundary, CatalogModel, Id, instant_of
from shared.domain.identifiers import PlanId, SubscriptionId
from shared.domain.master_data.catalog import Subscription
from shared.domain.master_data.customer import Dated
from shared.domain.master_data.faults import CatalogFaultCode
from shared.domain.subscriptions.amendment import (
    Amendment,
    Cancellation,
    Change,
    Downgrade,
    Pause,
    QuantityChange,
    Renewal,
    Resumption,
    Upgrade,
)
from shared.domain.subscriptions.amendments import Refused, WhyRefused, amended
from shared.domain.time_period import Period

_CODE_OF_REFUSAL = {
    WhyRefused.UNKNOWN_SUBSCRIPTION: CatalogFaultCode.UNKNOWN_REFERENCE,
    WhyRefused.OUT_OF_TIME: CatalogFaultCode.AMENDMENT_OUT_OF_TIME,
    WhyRefused.CONTRADICTION: CatalogFaultCode.AMENDMENTS_CONTRADICT,
}


class SubscriptionEntry(CatalogModel):
    id: Id
    plan: Id
    valid_from: Boundary | None = None  # that of the contract
    valid_until: Boundary | None = None
    quantity: Amount | None = None  # seats; one
    trial_until: Boundary | None = None  # the first day that owes fees

    def to_domain(self, *, path: str, contract: Period, zone: ZoneInfo, faults: Faults) -> Subscription | None:
        start = contract.start if self.valid_from is None else self.valid_from
        end = contract.end if self.valid_until is None else self.valid_until
        active = faults.period(path, start, end, zone)
        if active is None:
            return None
        trial = None if self.trial_until is None else instant_of(self.trial_until, zone)
        if trial is not None and not (active.start < trial and (active.end is None or trial <= active.end)):
            message = f"a trial until {self.trial_until} does not end within {active}"
            faults.add(CatalogFaultCode.PERIODS_CONTRADICT, f"{path}.trial_until", message)
            return None
        return Subscription(
            subscription_id=SubscriptionId(self.id),
            plan_id=PlanId(self.plan),
            active=active,
            quantities=() if self.quantity is None else (Dated(self.quantity, Period(active.start, None)),),
            trial_until=trial,
        )

    @classmethod
    def of(cls, agreed: Subscription) -> "SubscriptionEntry":
        """Return the entry of a subscription as it was agreed, before any amendment."""
        return cls(
            id=agreed.subscription_id,
            plan=agreed.plan_id,
            valid_from=agreed.active.start,
            valid_until=agreed.active.end,
            quantity=agreed.quantities[0].value if agreed.quantities else None,
            trial_until=agreed.trial_until,
        )


class ChangeWord(StrEnum):
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    QUANTITY = "quantity"
    RENEWAL = "renewal"
    PAUSE = "pause"
    RESUMPTION = "resumption"
    CANCELLATION = "cancellation"


class AmendmentEntry(CatalogModel):
    """One change of one subscription. `plan`, `quantity` and `until` go with the changes that need them."""

    subscription: Id
    effective: Boundary  # a cancellation: the first day that is out
    change: ChangeWord
    plan: Id | None = None  # of an upgrade or a downgrade
    quantity: Amount | None = None
    until: Boundary | None = None  # of a renewal; without one it has no end

    @model_validator(mode="after")
    def _has_what_its_change_needs(self) -> Self:
        changes_plan = self.change in {ChangeWord.UPGRADE, ChangeWord.DOWNGRADE}
        if changes_plan != (self.plan is not None):
            raise PydanticCustomError("INVALID_VALUE", "upgrade and downgrade name a plan, no other change does")
        if (self.change is ChangeWord.QUANTITY) != (self.quantity is not None):
            raise PydanticCustomError("INVALID_VALUE", "a change of quantity names it, no other change does")
        if self.until is not None and self.change is not ChangeWord.RENEWAL:
            raise PydanticCustomError("INVALID_VALUE", "only a renewal has an until")
        return self

    def to_domain(self, *, zone: ZoneInfo) -> Amendment:
        return Amendment(
            subscription_id=SubscriptionId(self.subscription),
            effective_at=instant_of(self.effective, zone),
            change=self._change(zone),
        )

    def _change(self, zone: ZoneInfo) -> Change:  # noqa: PLR0911 - one for each change
        match self.change:
            case ChangeWord.UPGRADE:
                return Upgrade(PlanId(self.plan or ""))
            case ChangeWord.DOWNGRADE:
                return Downgrade(PlanId(self.plan or ""))
            case ChangeWord.QUANTITY:
                return QuantityChange(self.quantity or Amount(0))
            case ChangeWord.RENEWAL:
                return Renewal(None if self.until is None else instant_of(self.until, zone))
            case ChangeWord.PAUSE:
                return Pause()
            case ChangeWord.RESUMPTION:
                return Resumption()
            case ChangeWord.CANCELLATION:
                return Cancellation()
            case _ as never:
                assert_never(never)

    @classmethod
    def of(cls, amendment: Amendment) -> "AmendmentEntry":
        what = {"subscription": amendment.subscription_id, "effective": amendment.effective_at}
        return cls.model_validate({**what, **_words(amendment.change)})


def _words(change: Change) -> dict[str, object]:  # noqa: PLR0911 - one for each change
    match change:
        case Upgrade(plan_id):
            return {"change": ChangeWord.UPGRADE, "plan": plan_id}
        case Downgrade(plan_id):
            return {"change": ChangeWord.DOWNGRADE, "plan": plan_id}
        case QuantityChange(quantity):
            return {"change": ChangeWord.QUANTITY, "quantity": quantity}
        case Renewal(until):
            return {"change": ChangeWord.RENEWAL, "until": until}
        case Pause():
            return {"change": ChangeWord.PAUSE}
        case Resumption():
            return {"change": ChangeWord.RESUMPTION}
        case Cancellation():
            return {"change": ChangeWord.CANCELLATION}
        case _ as never:
            assert_never(never)


def in_force(
    agreed: Sequence[Subscription],
    amendments: Sequence[Amendment],
    *,
    path: str,
    contract: Period,
    zone: ZoneInfo,
    faults: Faults,
) -> tuple[Subscription, ...] | None:
    """Return the subscriptions after all amendments, or name every fault of these and return None."""
    outcome = amended(agreed, amendments, contract=contract, zone=zone)
    if not isinstance(outcome, Refused):
        return outcome
    for refusal in outcome.refusals:
        faults.add(_CODE_OF_REFUSAL[refusal.why], f"{path}.amendments[{refusal.position}]", refusal.message)
    return None
