"""Answer from master data that may be some seconds old, and from usage as the ledger has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from shared.domain.entitlement.answer import EntitlementAnswer
from shared.domain.entitlement.decision import Advice, Right, advise, right_at
from shared.domain.entitlement.usage_so_far import used_of
from shared.domain.identifiers import MeterCode, PlanId
from shared.domain.invoicing.billing_calendar import billing_period_at
from shared.domain.master_data.catalog import CustomerAccount, Plan
from shared.domain.metering.reading import UsageSoFar
from shared.domain.time_period import BillingPeriod, billing_period_containing
from shared.ports.catalog_versions import CatalogVersions
from shared.ports.clock import Clock
from shared.ports.master_data import MasterData
from shared.ports.running_usage import RunningUsage


class NothingPublishedError(LookupError):
    """There is no master data yet to answer from."""


class UnknownSubjectError(LookupError):
    """The name is nobody's at present."""


class UnknownEntitlementError(LookupError):
    """No meter and no plan's feature has the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementChecker:
    versions: CatalogVersions
    master_data: MasterData
    usage: RunningUsage
    clock: Clock

    def check(self, subject: str, name: str) -> EntitlementAnswer:
        """Answer for the present instant, and change nothing.

        Raises UnknownSubjectError and UnknownEntitlementError. Whatever else it raises: the answer is not known.
        """
        in_use, now = self.versions.recent(), self.clock.now()
        if in_use.version is None:
            raise NothingPublishedError
        account = self._account(subject, now)
        right = right_at(now, name, account=account, plans=self._plans_of(account))
        if isinstance(right, Advice) and not self._is_known(name):
            raise UnknownEntitlementError(name)
        period = _period(right, now, account.customer.time_zone)
        advice, usage = self._advise(right, name, account, period)
        return EntitlementAnswer(
            advice=advice,
            customer_id=account.customer.customer_id,
            period=period,
            master_data=in_use,
            usage=usage,
        )

    def _advise(
        self, right: Right | Advice, name: str, account: CustomerAccount, period: BillingPeriod
    ) -> tuple[Advice, UsageSoFar | None]:
        if isinstance(right, Advice):
            return right, None
        if right.limit is None:
            return advise(right, Decimal(0)), None
        usage = self.usage.of(account.customer.customer_id, account.subjects, period.period)
        return advise(right, used_of(MeterCode(name), usage.windows)), usage

    def _account(self, subject: str, now: datetime) -> CustomerAccount:
        known = self.master_data.accounts_by_subject({subject}).get(subject)
        who = known.at(now) if known else None
        if who is None:
            raise UnknownSubjectError(subject)
        return who.account

    def _plans_of(self, account: CustomerAccount) -> Mapping[PlanId, Plan]:
        return self.master_data.plans({one.plan_id for contract in account.contracts for one in contract.subscriptions})

    def _is_known(self, name: str) -> bool:
        return MeterCode(name) in self.master_data.meters() or name in self.master_data.features()


def _period(right: Right | Advice, now: datetime, zone: ZoneInfo) -> BillingPeriod:
    """Return the billing period in which a limit holds; without a limit it is the calendar month."""
    if isinstance(right, Right) and right.contract is not None:
        return billing_period_at(right.contract, now, zone)
    return billing_period_containing(now, zone)
