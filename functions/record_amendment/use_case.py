"""Check a requested amendment against its contract as it is now, and record it, or refuse it with every reason."""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shared.domain.identifiers import PlanId
from shared.domain.master_data.amendment_checks import why_not
from shared.domain.master_data.catalog import Contract, CustomerAccount
from shared.domain.subscriptions.amendment import Amendment, Downgrade, Upgrade
from shared.domain.subscriptions.amendment_request import (
    AmendmentRequest,
    AmendmentState,
    AmendmentStep,
    AskedAmendment,
)
from shared.ports.amendments import AmendmentRequests
from shared.ports.clock import Clock
from shared.ports.master_data import MasterData


class RequestIdTakenError(ValueError):
    """The id is that of another request, of which nothing is changed."""


class NothingPublishedError(LookupError):
    """There is no catalogue yet, so there is no contract to amend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentRecorder:
    requests: AmendmentRequests
    master_data: MasterData
    clock: Clock

    def record(self, asked: AskedAmendment, amendment_in: Callable[[ZoneInfo], Amendment]) -> AmendmentRequest:
        """Return the request as it stands. Asked again it is the one that is known, whatever became of it.

        `amendment_in` reads the days of the amendment in the customer's zone. Raises RequestIdTakenError,
        NothingPublishedError, and MasterDataMovedError to be tried again.
        """
        known = self.requests.read(asked.request_id)
        if known is not None:
            if known.asked != asked:
                raise RequestIdTakenError(f"{asked.request_id} is another request of {known.asked.contract_id}")
            return known
        # Before anything is looked at: what is written rests on nothing having moved since.
        standing = self.requests.standing()
        if standing is None:
            raise NothingPublishedError
        self.master_data.version()
        account = self.master_data.account(asked.customer_id)
        contract = _contract(account, asked)
        if account is None or contract is None:
            reason = f"{asked.customer_id} has no contract {asked.contract_id}"
            return self._refuse(asked, None, reason)
        zone = account.customer.time_zone
        amendment = amendment_in(zone)
        reasons = why_not(contract, amendment, zone=zone, plans=self.master_data.plans(_plan_ids(contract, amendment)))
        if reasons:
            return self._refuse(asked, amendment, "; ".join(reasons))
        request = self._request(asked, amendment, AmendmentState.RECORDED, f"under catalogue {standing.version}")
        self.requests.record(request, standing)
        return request

    def _refuse(self, asked: AskedAmendment, amendment: Amendment | None, reason: str) -> AmendmentRequest:
        request = self._request(asked, amendment, AmendmentState.REFUSED, reason)
        self.requests.refuse(request)
        return request

    def _request(
        self, asked: AskedAmendment, amendment: Amendment | None, state: AmendmentState, note: str
    ) -> AmendmentRequest:
        step = AmendmentStep(at=self.clock.now(), state=state, note=note)
        return AmendmentRequest(asked=asked, amendment=amendment, history=(step,))


def _contract(account: CustomerAccount | None, asked: AskedAmendment) -> Contract | None:
    contracts = account.contracts if account else ()
    return next((one for one in contracts if one.contract_id == asked.contract_id), None)


def _plan_ids(contract: Contract, amendment: Amendment) -> set[PlanId]:
    known = {one.plan_id for one in contract.subscriptions}
    match amendment.change:
        case Upgrade(plan_id) | Downgrade(plan_id):
            return known | {plan_id}
        case _:
            return known
