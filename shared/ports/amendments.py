"""Requests to amend contracts, and the amendments recorded beside the published catalogue."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from shared.domain.identifiers import CustomerId
from shared.domain.master_data.recorded_amendments import MasterDataStanding, RecordedAmendment
from shared.domain.subscriptions.amendment_request import AmendmentRequest, AmendmentRequestId, AmendmentState


class MasterDataMovedError(RuntimeError):
    """Master data or the request changed since it was looked at; nothing was written. Look again."""


class AmendmentRequests(Protocol):
    """Every write is whole or not at all, and raises MasterDataMovedError when what it rests on has changed."""

    def read(self, request_id: AmendmentRequestId) -> AmendmentRequest | None: ...

    def standing(self) -> MasterDataStanding | None:
        """Return what master data is now; None while nothing was published."""

    def refuse(self, request: AmendmentRequest) -> None:
        """Keep a new request that was refused."""

    def record(self, request: AmendmentRequest, standing: MasterDataStanding) -> None:
        """Keep a new request and have its contract amended, for every reader of master data from now on."""

    def withdraw(self, request: AmendmentRequest, before: AmendmentState, standing: MasterDataStanding) -> None:
        """Keep the state of a request and have its contract as if it had never been, from now on."""

    def save(self, request: AmendmentRequest, before: AmendmentState) -> None:
        """Keep the next state of a request."""


class RecordedAmendments(Protocol):
    def every(self) -> tuple[int, Mapping[CustomerId, Sequence[RecordedAmendment]]]:
        """Return how many changes were recorded, and all amendments that stand after them, by customer."""
