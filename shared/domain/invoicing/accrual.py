"""What a billing period is worth by an instant within it, for whoever closes books before it is billed.

The policy: as if the contract ended at the instant. Usage counts as far as it is known. Recurring fees count for the
local days that have passed, whatever their own terms say of parts; fees that are due once count whole. Minimums and
maximums count for the same share of the period. Of a commitment, what is missing to the share of its term that has
passed.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from shared.domain.identifiers import AdjustmentId
from shared.domain.master_data.catalog import Catalog, Charge, Contract, Plan
from shared.domain.money import Money
from shared.domain.rating.adjustments import Commitment, ContractAdjustment
from shared.domain.subscriptions.proration import Proration, share_of
from shared.domain.time_period import Period


def accruing(catalog: Catalog, contract: Contract, at: datetime, zone: ZoneInfo) -> Catalog:
    """Return the catalogue by which the contract's billing period at an instant is rated to its accrual value."""
    end = at if contract.active.end is None else min(at, contract.active.end)
    accrued = replace(
        contract,
        active=Period(contract.active.start, end),
        adjustments=tuple(one for term in contract.adjustments for one in _accrued(term, at, zone)),
    )
    contracts = tuple(accrued if one is contract else one for one in catalog.contracts)
    return replace(catalog, contracts=contracts, plans=tuple(map(_by_days, catalog.plans)))


def _by_days(plan: Plan) -> Plan:
    return replace(plan, charges=tuple(map(_charge_by_days, plan.charges)))


def _charge_by_days(charge: Charge) -> Charge:
    if charge.meter is not None or charge.fee.once:
        return charge
    return replace(charge, fee=replace(charge.fee, proration=Proration.DAYS))


def _accrued(term: ContractAdjustment, at: datetime, zone: ZoneInfo) -> Iterator[ContractAdjustment]:
    """Yield a commitment as two: what is beyond all of it, and what is missing to the share that has passed."""
    if not isinstance(term, Commitment) or not term.true_up:
        yield term
        return
    yield replace(term, true_up=False)
    if at <= term.valid.start:
        return  # nothing of it has passed
    assert term.valid.end is not None, "a commitment's term ends"
    passed = Period(term.valid.start, min(at, term.valid.end))
    share = share_of(passed, term.valid, Proration.DAYS, zone)
    yield replace(
        term,
        adjustment_id=AdjustmentId(f"{term.adjustment_id}:accrued"),
        valid=passed,
        amount=Money(share.of(term.amount.amount), term.amount.currency).rounded() if share else term.amount,
        overage_factor=Decimal(1),
    )
