"""The prices of a contract in contracts.yaml: they come before those of the price book."""

from zoneinfo import ZoneInfo

from pydantic import Field

from shared.contracts.catalog.price_models import PriceModelEntry, entry_of
from shared.contracts.catalog.price_phases import PhaseEntry
from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.values import Boundary, CurrencyCode, Id, Text
from shared.domain.identifiers import ChargeId, SubscriptionId
from shared.domain.master_data.catalog import AgreedPrice, Price
from shared.domain.money import currency
from shared.domain.time_period import Period


class AgreedPriceEntry(PriceModelEntry):
    """One charge model of one charge, for the contract's time and in its currency unless it says otherwise."""

    charge: Id
    subscription: Id | None = None  # all that have the charge
    currency: CurrencyCode | None = None
    valid_from: Boundary | None = None
    valid_until: Boundary | None = None
    match: dict[Text, Text] = Field(default_factory=dict)  # by dimension that the charge is priced by
    after: PhaseEntry | None = None  # from the start

    def to_domain(
        self, *, path: str, contract: Period, currency_code: str, zone: ZoneInfo, faults: Faults
    ) -> AgreedPrice | None:
        valid = faults.period(path, self.valid_from or contract.start, self.valid_until or contract.end, zone)
        if valid is None:
            return None
        code = self.currency or currency_code
        match = tuple(sorted(self.match.items()))
        return AgreedPrice(
            charge_id=ChargeId(self.charge),
            subscription_id=None if self.subscription is None else SubscriptionId(self.subscription),
            price=Price(
                currency=currency(code),
                valid=valid,
                model=self.model(),
                agreed=True,
                match=match,
                phase=self.after.to_domain() if self.after else None,
            ),
        )

    @classmethod
    def of(cls, agreed: AgreedPrice) -> "AgreedPriceEntry":
        price = agreed.price
        what = {"charge": agreed.charge_id, "subscription": agreed.subscription_id, "currency": price.currency.code}
        which = {"match": dict(price.match), "after": PhaseEntry.of_phase(price.phase)}
        when = {"valid_from": price.valid.start, "valid_until": price.valid.end}
        return cls.model_validate({**what, **which, **when, **entry_of(price.model)})
