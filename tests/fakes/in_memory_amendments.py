"""Requests to amend contracts in memory, beside the master data that they change."""

from dataclasses import replace

from shared.domain.master_data.recorded_amendments import MasterDataStanding, RecordedAmendment
from shared.domain.subscriptions.amendment_request import AmendmentRequest, AmendmentRequestId, AmendmentState
from shared.ports.amendments import MasterDataMovedError
from tests.fakes.in_memory_master_data import InMemoryMasterData


class InMemoryAmendments:
    """Port AmendmentRequests."""

    def __init__(self, master_data: InMemoryMasterData) -> None:
        self._master_data = master_data
        self._requests: dict[AmendmentRequestId, AmendmentRequest] = {}

    def read(self, request_id: AmendmentRequestId) -> AmendmentRequest | None:
        return self._requests.get(request_id)

    def standing(self) -> MasterDataStanding | None:
        version = self._master_data.current()
        return None if version is None else MasterDataStanding(version=version, changes=self._master_data.changes)

    def refuse(self, request: AmendmentRequest) -> None:
        self._keep(request, None)

    def record(self, request: AmendmentRequest, standing: MasterDataStanding) -> None:
        assert request.amendment is not None
        self._check(standing)
        self._keep(request, None)
        self._master_data.changes += 1
        added = RecordedAmendment(
            request_id=request.asked.request_id,
            contract_id=request.asked.contract_id,
            amendment=request.amendment,
            since=self._master_data.changes,
        )
        self._master_data.recorded.setdefault(request.asked.customer_id, []).append(added)

    def withdraw(self, request: AmendmentRequest, before: AmendmentState, standing: MasterDataStanding) -> None:
        self._check(standing)
        self._keep(request, before)
        self._master_data.changes += 1
        rows = self._master_data.recorded[request.asked.customer_id]
        rows[:] = [
            replace(row, until=self._master_data.changes) if row.request_id == request.asked.request_id else row
            for row in rows
        ]

    def save(self, request: AmendmentRequest, before: AmendmentState) -> None:
        self._keep(request, before)

    def _check(self, standing: MasterDataStanding) -> None:
        if self.standing() != standing:
            raise MasterDataMovedError

    def _keep(self, request: AmendmentRequest, before: AmendmentState | None) -> None:
        known = self._requests.get(request.asked.request_id)
        if (known.state if known else None) != before:
            raise MasterDataMovedError
        self._requests[request.asked.request_id] = request
