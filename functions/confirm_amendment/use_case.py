"""Tell the CRM that an amendment is in force, or that it was withdrawn, and keep that it knows."""

from dataclasses import dataclass
from typing import assert_never

from shared.domain.subscriptions.amendment_request import AmendmentRequest, AmendmentState, AskedAmendment
from shared.domain.subscriptions.crm_notice import CrmNotice, CrmRefused, CrmTold, CrmUnavailable
from shared.ports.amendments import AmendmentRequests
from shared.ports.clock import Clock
from shared.ports.crm import Crm

_KNOWN_TO_CRM = {
    AmendmentState.RECORDED: AmendmentState.CONFIRMED,
    AmendmentState.WITHDRAWN: AmendmentState.UNDONE,
}


class CrmUnavailableError(RuntimeError):
    """The CRM did not take the notice, or nobody knows; to be told again."""


class CrmRefusedError(RuntimeError):
    """The CRM will never take the notice."""


class NoSuchRequestError(LookupError):
    """Nobody has asked for this amendment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentConfirmer:
    requests: AmendmentRequests
    crm: Crm
    clock: Clock

    def confirm(self, asked: AskedAmendment) -> AmendmentRequest:
        """Return the request as it stands. Stopped anywhere and done again, the CRM shows the same.

        Raises CrmUnavailableError, CrmRefusedError, NoSuchRequestError.
        """
        request = self.requests.read(asked.request_id)
        if request is None or request.asked != asked or request.amendment is None:
            raise NoSuchRequestError(asked.request_id)
        known = _KNOWN_TO_CRM.get(request.state)
        if known is None:
            return request
        notice = CrmNotice(
            request_id=asked.request_id,
            customer_id=asked.customer_id,
            contract_id=asked.contract_id,
            subscription_id=request.amendment.subscription_id,
            effective_at=request.amendment.effective_at,
            in_force=request.state is AmendmentState.RECORDED,
        )
        match self.crm.tell(notice):
            case CrmTold():
                following = request.moved(known, at=self.clock.now(), note="the CRM knows")
                self.requests.save(following, before=request.state)
                return following
            case CrmRefused(reason):
                raise CrmRefusedError(reason)
            case CrmUnavailable(reason):
                raise CrmUnavailableError(reason)
            case _ as never:
                assert_never(never)
