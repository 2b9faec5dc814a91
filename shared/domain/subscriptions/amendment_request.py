"""A request to amend a contract, and what became of it: each state once reached, when, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from shared.domain.identifiers import ContractId, CustomerId, TenantId
from shared.domain.subscriptions.amendment import Amendment

AmendmentRequestId = NewType("AmendmentRequestId", str)


class AmendmentState(StrEnum):
    REFUSED = "refused"  # nothing was done
    RECORDED = "recorded"  # the contract has it; the CRM may not know
    CONFIRMED = "confirmed"  # the contract has it and the CRM knows
    WITHDRAWN = "withdrawn"  # the contract has it no more; the CRM may not know
    UNDONE = "undone"  # the contract has it no more and the CRM knows
    STUCK = "stuck"  # it should be withdrawn and cannot be


_FOLLOWING: Mapping[AmendmentState, frozenset[AmendmentState]] = MappingProxyType(
    {
        AmendmentState.RECORDED: frozenset(
            {AmendmentState.CONFIRMED, AmendmentState.WITHDRAWN, AmendmentState.STUCK},
        ),
        AmendmentState.STUCK: frozenset({AmendmentState.WITHDRAWN}),
        AmendmentState.WITHDRAWN: frozenset({AmendmentState.UNDONE}),
    }
)


class AmendmentTransitionError(ValueError):
    """A request does not go from the one state to the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentStep:
    at: datetime
    state: AmendmentState
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAmendment:
    """What somebody asks for. The id is the asker's own (the CRM's order id); `text` tells two requests apart."""

    tenant: TenantId
    request_id: AmendmentRequestId
    customer_id: CustomerId
    contract_id: ContractId
    asked_by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentRequest:
    """What was asked for and every state it reached, the last one last. A refused one may have no amendment."""

    asked: AskedAmendment
    amendment: Amendment | None
    history: tuple[AmendmentStep, ...]

    @property
    def state(self) -> AmendmentState:
        return self.history[-1].state

    def moved(self, state: AmendmentState, *, at: datetime, note: str = "") -> "AmendmentRequest":
        """Return it in its next state; raises AmendmentTransitionError."""
        if state not in _FOLLOWING.get(self.state, frozenset()):
            raise AmendmentTransitionError(f"{self.asked.request_id} is {self.state}, it cannot become {state}")
        return replace(self, history=(*self.history, AmendmentStep(at=at, state=state, note=note)))
