"""What is replayed: usage that arrived in a period, narrowed by what it says or by why it was refused."""

from collections.abc import Collection
from dataclasses import dataclass

from shared.domain.archive.delivery import JudgedDelivery
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId
from shared.domain.master_data.subjects import SubjectAccounts
from shared.domain.time_period import Period
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.telemetry import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFilter:
    """None takes everything. What asks about an event's content leaves out events that still cannot be read.

    `customer` used it or pays for it, `contract` is a version in short ("usage:2"), `reason` is the code under which
    ingest refused the delivery, open or resolved.
    """

    occurred: Period | None = None
    customer: CustomerId | None = None
    contract: str | None = None
    reason: ExceptionCode | None = None

    def takes(
        self, judged: JudgedDelivery, refused_for: Collection[ExceptionCode], subject: SubjectAccounts | None
    ) -> bool:
        """Tell whether a delivery is one to replay; `subject` is whom the event's subject stands for."""
        verdict = judged.verdict
        if self.reason is not None and self.reason not in refused_for:
            return False
        if self.contract is not None and not _is_in(verdict, self.contract):
            return False
        if self.occurred is None and self.customer is None:
            return True
        return isinstance(verdict, UsageEvent) and self._takes_event(verdict, subject)

    def _takes_event(self, event: UsageEvent, subject: SubjectAccounts | None) -> bool:
        if self.occurred is not None and event.occurred_at not in self.occurred:
            return False
        if self.customer is None:
            return True
        who = subject.at(event.occurred_at) if subject else None
        return who is not None and self.customer in (who.used_by, who.account.customer.customer_id)


def _is_in(verdict: object, contract: str) -> bool:
    return isinstance(verdict, UsageEvent | Telemetry | Rejected) and verdict.contract == contract


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """`arrived` has an end. `dry_run` counts what would be done, and does nothing."""

    replay_id: str
    arrived: Period
    narrowed: ReplayFilter
    dry_run: bool = False
