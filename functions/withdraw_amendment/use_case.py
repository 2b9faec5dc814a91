"""Take a recorded amendment back, where no other one needs it, and tell a person either way."""

from dataclasses import dataclass

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.master_data.recorded_amendments import reasons, without
from shared.domain.subscriptions.amendment import Amendment
from shared.domain.subscriptions.amendment_request import AmendmentRequest, AmendmentState, AskedAmendment
from shared.domain.subscriptions.amendments import Refused
from shared.ports.amendments import AmendmentRequests
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.master_data import MasterData

_TO_BE_WITHDRAWN = {AmendmentState.RECORDED, AmendmentState.STUCK}
_REPORTED_AS = {
    AmendmentState.WITHDRAWN: ExceptionCode.AMENDMENT_WITHDRAWN,
    AmendmentState.UNDONE: ExceptionCode.AMENDMENT_WITHDRAWN,
    AmendmentState.STUCK: ExceptionCode.AMENDMENT_NOT_UNDONE,
}


class NothingToWithdrawError(LookupError):
    """Nothing of this request was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentWithdrawer:
    requests: AmendmentRequests
    master_data: MasterData
    exceptions: ExceptionReporter
    clock: Clock

    def withdraw(self, asked: AskedAmendment, why: str) -> AmendmentRequest:
        """Return the request as it stands: withdrawn, stuck, or what it was where that is an end.

        Raises NothingToWithdrawError, and MasterDataMovedError to be tried again.
        """
        request = self.requests.read(asked.request_id)
        if request is None or request.asked != asked:
            raise NothingToWithdrawError(asked.request_id)
        if request.state in _TO_BE_WITHDRAWN and request.amendment is not None:
            request = self._withdrawn(request, request.amendment, why)
        # Also when it was withdrawn before: the run that did so may have ended before it could report.
        if request.state in _REPORTED_AS:
            self.exceptions.report([_report(request)])
        return request

    def _withdrawn(self, request: AmendmentRequest, amendment: Amendment, why: str) -> AmendmentRequest:
        standing = self.requests.standing()
        assert standing is not None, "an amendment is recorded beside a published catalogue"
        needed_by = self._needed_by(request.asked, amendment)
        if not needed_by:
            withdrawn = request.moved(AmendmentState.WITHDRAWN, at=self.clock.now(), note=why)
            self.requests.withdraw(withdrawn, request.state, standing)
            return withdrawn
        if request.state is AmendmentState.STUCK:
            return request
        note = f"{why}; without it: {'; '.join(needed_by)}"
        stuck = request.moved(AmendmentState.STUCK, at=self.clock.now(), note=note)
        self.requests.save(stuck, before=request.state)
        return stuck

    def _needed_by(self, asked: AskedAmendment, amendment: Amendment) -> tuple[str, ...]:
        self.master_data.version()
        account = self.master_data.account(asked.customer_id)
        contracts = account.contracts if account else ()
        contract = next((one for one in contracts if one.contract_id == asked.contract_id), None)
        if account is None or contract is None:
            return ()
        outcome = without(contract, amendment, account.customer.time_zone)
        return reasons(outcome) if isinstance(outcome, Refused) else ()


def _report(request: AmendmentRequest) -> ExceptionRecord:
    asked = request.asked
    code = _REPORTED_AS[request.state]
    last = next(step for step in request.history if step.state in {AmendmentState.WITHDRAWN, AmendmentState.STUCK})
    return ExceptionRecord(
        exception_id=exception_id(code, asked.request_id),
        tenant=asked.tenant,
        code=code,
        subject=asked.request_id,
        message=f"the amendment of {asked.contract_id} did not come to its end: {last.note}",
        raised_at=last.at,
        detail={"customer": asked.customer_id, "contract": asked.contract_id, "asked_by": asked.asked_by},
    )
