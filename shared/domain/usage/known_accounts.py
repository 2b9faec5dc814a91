"""The accounts that a long read has met so far, each asked for once."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.domain.identifiers import CustomerId
from shared.domain.master_data.catalog import CustomerAccount
from shared.domain.master_data.subjects import SubjectAccounts
from shared.domain.time_period import billing_period_containing
from shared.domain.usage.event import UsageEvent

_ZONE_OF_NOBODY = ZoneInfo("UTC")


class KnownAccounts:
    """Accounts by the subjects producers use. Subjects that nobody goes by are remembered, too."""

    def __init__(
        self,
        by_subject: Callable[[Collection[str]], Mapping[str, SubjectAccounts]],
        by_id: Callable[[CustomerId], CustomerAccount | None],
    ) -> None:
        self._by_subject = by_subject
        self._by_id = by_id
        self._asked: set[str] = set()
        self._zones: dict[CustomerId, ZoneInfo] = {}
        self._subjects: dict[str, SubjectAccounts] = {}

    def learn(self, subjects: Iterable[str]) -> None:
        unknown = set(subjects) - self._asked
        if unknown:
            self._subjects.update(self._by_subject(unknown))
            self._asked |= unknown

    def billed_for(self, event: UsageEvent) -> CustomerId | None:
        """Return who is billed for an event of a subject that was learned; None when it is nobody's."""
        subject = self._subjects.get(event.subject)
        who = subject.at(event.occurred_at) if subject else None
        return who.account.customer.customer_id if who else None

    def period_name(self, customer_id: CustomerId, instant: datetime) -> str:
        """Return the name of the customer's calendar month that holds the instant; in UTC for a customer now gone."""
        if customer_id not in self._zones:
            account = self._by_id(customer_id)
            self._zones[customer_id] = account.customer.time_zone if account else _ZONE_OF_NOBODY
        return billing_period_containing(instant, self._zones[customer_id]).name
