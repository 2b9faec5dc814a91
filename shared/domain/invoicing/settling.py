"""All lines of one billing period, and what they leave to the billing periods after it.

A contract with a commitment, a credit or a balance is a settlement group: what a billing period comes to depends on the
ones before it. The state that is carried over is what their invoices have billed, line by line, and nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import assert_never
from zoneinfo import ZoneInfo

from shared.domain.invoicing.invoice import InvoiceLine
from shared.domain.invoicing.lines import Products, adjustment_line, dues_of, line_of, products_with
from shared.domain.master_data.catalog import Contract
from shared.domain.money import Money
from shared.domain.rating.adjustments import (
    Commitment,
    ContractAdjustment,
    Credit,
    CreditBalance,
    FixedDiscount,
    Maximum,
    Minimum,
    PercentageDiscount,
)
from shared.domain.rating.adjustments.commitment import COUNTED_KINDS
from shared.domain.rating.contract import RatedContract
from shared.domain.rating.settlement import Carried, settle
from shared.domain.time_period import Period

NOTHING_CARRIED: Carried = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledBy:
    """By what the lines of a contract's billing periods are settled."""

    contract: Contract
    products: Products
    zone: ZoneInfo

    def lines(
        self,
        rated: RatedContract,
        billing_period: Period,
        *,
        carried: Carried = NOTHING_CARRIED,
        fees: Iterable[InvoiceLine] = (),
    ) -> tuple[InvoiceLine, ...]:
        """Return the line of each rated charge and of each price adjustment.

        `fees` are those that are billed already: they count, and have no line here.
        """
        own = (
            *(line_of(charge, self.products, self.contract.currency) for charge in rated.charges),
            *(adjustment_line(one, self.products) for one in rated.adjustments),
        )
        if not self.contract.adjustments:
            return own
        fees = tuple(fees)
        by_time = {charge.name: charge.by_time for charge in rated.charges if charge.by_time}
        dues = dues_of(sorted([*fees, *own], key=_tie_goes_first))
        if by_time:
            dues = tuple(replace(due, by_time=by_time.get(due.name, ())) for due in dues)
        settled = settle(self.contract, dues, billing_period, zone=self.zone, carried=carried)
        products = products_with(self.products, (*fees, *own))
        return (*own, *(adjustment_line(one, products) for one in settled))

    def carry(self, carried: Carried, lines: Iterable[InvoiceLine]) -> Carried:
        """Return what is carried on after lines of one billing period, or after more of them."""
        after = dict(carried)
        for line in lines:
            for one in self.contract.adjustments:
                counted = _counted(line, one)
                if counted is not None:
                    before = after.get(one.adjustment_id, Money.zero(self.contract.currency))
                    after[one.adjustment_id] = before + counted
        return {name: amount for name, amount in after.items() if amount.amount}


def _tie_goes_first(line: InvoiceLine) -> tuple[bool, bool, str]:
    """Order fees before usage and their adjustments last: alike whether fees are rated with usage or billed already."""
    return line.applied is not None, line.meter is not None, line.line_id


def _counted(line: InvoiceLine, by: ContractAdjustment) -> Money | None:
    """Return what a line spends of a commitment, or draws from a credit or balance; None if it has no part in it."""
    match by:
        case Commitment():
            is_its = line.service_period.start in by.valid and (not by.charges or line.charge_id in by.charges)
            return line.amount if is_its and (line.applied is None or line.applied.kind in COUNTED_KINDS) else None
        case Credit() | CreditBalance():
            made_by = line.applied
            is_drawn = made_by is not None and not made_by.of_charge and made_by.adjustment_id == by.adjustment_id
            return -line.amount if is_drawn else None
        case PercentageDiscount() | FixedDiscount() | Minimum() | Maximum():
            return None
        case _ as never:
            assert_never(never)
