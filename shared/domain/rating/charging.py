"""Who charges usage: the contracts in whose invoices a window belongs."""

from collections.abc import Iterable, Mapping

from shared.domain.identifiers import PlanId
from shared.domain.master_data.catalog import Contract, Plan
from shared.domain.metering.aggregate import WindowKey
from shared.domain.rating.quantities import is_charged_by


def charging_contracts(
    window: WindowKey, contracts: Iterable[Contract], plans: Mapping[PlanId, Plan]
) -> tuple[Contract, ...]:
    """Return those of a customer's contracts that charge the window; without any it is a fault of each of them."""
    everyone = tuple(contracts)
    return tuple(one for one in everyone if _charges(one, window, plans)) or everyone


def _charges(contract: Contract, window: WindowKey, plans: Mapping[PlanId, Plan]) -> bool:
    return window.window_start in contract.active and any(
        is_charged_by(window, charge, subscription.active)
        for subscription in contract.subscriptions
        for charge in plans[subscription.plan_id].charges_in(contract.currency)
    )
