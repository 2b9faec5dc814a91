"""A product asks whether its customer may go on; the answer says on what grounds, and how old they are."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from functions.check_entitlement.use_case import (
    EntitlementChecker,
    NothingPublishedError,
    UnknownEntitlementError,
    UnknownSubjectError,
)
from shared.adapters.catalog_versions import RememberedCatalogVersions
from shared.domain.entitlement.decision import Decision, Reason
from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.freshness import Freshness, VersionInUse
from shared.domain.metering.aggregate import CountState, WindowKey, WindowUsage
from shared.domain.metering.reading import UsageSoFar
from shared.domain.subscriptions.anniversary import BillingCycle
from shared.domain.time_period import Period
from tests.builders.catalog import FIRST_VERSION, catalog
from tests.fakes.in_memory_master_data import InMemoryMasterData

NOW = datetime(2026, 3, 15, 10, tzinfo=UTC)
A_HUNDRED = "{meter: api_calls, limit: 100, overage: refused}"


@dataclass
class UsageOf:
    """Running usage of one customer, and what was asked of it."""

    calls: int
    asked: list[tuple[str, tuple[str, ...], Period]] = field(default_factory=list)

    def of(self, customer_id: CustomerId, subjects: tuple[str, ...], period: Period) -> UsageSoFar:
        self.asked.append((customer_id, subjects, period))
        key = WindowKey(customer_id, MeterCode("api_calls"), period.start, ())
        windows = (WindowUsage(key, self.calls, CountState(self.calls)),)
        return UsageSoFar(windows=windows, as_of=NOW, complete_until=NOW - timedelta(seconds=5))


class StandingClock:
    def now(self) -> datetime:
        return NOW


class Check:
    """The use case over one published catalogue."""

    def __init__(self, known: Catalog | None, *, calls: int = 0) -> None:
        master_data = InMemoryMasterData()
        if known is not None:
            master_data.write(FIRST_VERSION, known)
            master_data.publish(FIRST_VERSION)
        self.usage = UsageOf(calls)
        freshness = Freshness.of(unasked_seconds=10, at_most_seconds=300)
        self.checker = EntitlementChecker(
            versions=RememberedCatalogVersions(master_data, StandingClock(), freshness),
            master_data=master_data,
            usage=self.usage,
            clock=StandingClock(),
        )


def growth_with(entitlement: str) -> Catalog:
    return catalog(file="price_book.yaml", old="  charges:\n", new=f"  entitlements: [{entitlement}]\n  charges:\n")


def test_within_the_limit_the_answer_tells_what_remains_and_as_of_when() -> None:
    check = Check(growth_with(A_HUNDRED), calls=60)

    answer = check.checker.check("acme-production", "api_calls")

    assert (answer.advice.decision, answer.advice.remaining) == (Decision.ENTITLED, Decimal(40))
    assert (answer.customer_id, answer.period.name) == ("acme", "2026-03")
    assert answer.master_data == VersionInUse(version=FIRST_VERSION, age=timedelta(0))
    assert answer.usage is not None
    assert answer.usage.as_of == NOW


def test_the_usage_is_that_of_the_customers_month_under_all_its_names() -> None:
    check = Check(growth_with(A_HUNDRED))

    check.checker.check("acme-production", "api_calls")

    [(customer, subjects, month)] = check.usage.asked
    assert (customer, subjects) == ("acme", ("acme", "acme-production"))
    assert month.start == datetime(2026, 3, 1, 5, tzinfo=UTC)  # midnight in New York


def test_a_limit_holds_in_the_billing_period_of_the_contract_that_has_it() -> None:
    known = growth_with(A_HUNDRED)
    acme, *others = known.contracts
    quarterly = replace(acme, billing=BillingCycle(anchor_day=15, every_months=3))
    check = Check(replace(known, contracts=(quarterly, *others)))

    answer = check.checker.check("acme", "api_calls")

    assert answer.period.name == "2026-01-15"
    [(_, _, quarter)] = check.usage.asked
    assert quarter == Period(datetime(2026, 1, 15, 5, tzinfo=UTC), datetime(2026, 4, 15, 4, tzinfo=UTC))


def test_at_the_limit_the_answer_is_no() -> None:
    answer = Check(growth_with(A_HUNDRED), calls=100).checker.check("acme", "api_calls")

    assert (answer.advice.decision, answer.advice.reason) == (Decision.NOT_ENTITLED, Reason.LIMIT_REACHED)


def test_without_a_limit_no_usage_is_read() -> None:
    check = Check(catalog(), calls=1_000_000)

    answer = check.checker.check("acme", "api_calls")

    assert (answer.advice.reason, answer.usage, check.usage.asked) == (Reason.UNLIMITED, None, [])


def test_a_feature_that_another_plan_has_is_known_and_not_given() -> None:
    lite = "\n- {id: lite, name: Lite, charges: [], entitlements: [{feature: audit_log}]}\n"
    known = catalog(file="price_book.yaml", old="- id: growth", new=f"{lite}- id: growth")

    assert Check(known).checker.check("acme", "audit_log").advice.reason is Reason.NOT_IN_PLAN


def test_a_child_draws_on_the_limit_of_the_parent_that_pays() -> None:
    known = catalog(
        file="customers.yaml",
        old="- id: chandra",
        new="- id: chandra\n  parents: [{customer: acme, billed_by: parent}]",
    )
    check = Check(known)

    assert check.checker.check("chandra", "api_calls").customer_id == "acme"


def test_what_nobody_knows_is_told_apart_from_what_is_refused() -> None:
    check = Check(catalog())

    with pytest.raises(UnknownSubjectError):
        check.checker.check("vandelay", "api_calls")
    with pytest.raises(UnknownEntitlementError):
        check.checker.check("acme", "gpu_hours")


def test_before_anything_is_published_there_is_no_answer() -> None:
    with pytest.raises(NothingPublishedError):
        Check(None).checker.check("acme", "api_calls")
