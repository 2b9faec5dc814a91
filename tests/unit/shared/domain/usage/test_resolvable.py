"""What is not read of parked usage could not go on anyway."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import MeterCode
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.customer import ALWAYS
from shared.domain.master_data.subjects import subject_accounts
from shared.domain.time_period import Period
from shared.domain.usage.billable import BillableUsage
from shared.domain.usage.enrichment import enrich
from shared.domain.usage.measurement import meters_by_event
from shared.domain.usage.parked import ParkedGroup
from shared.domain.usage.resolvable import resolvable_times
from tests.builders.catalog import accepted, catalog

INSTANT = timedelta(microseconds=1)
ACME_STARTS, ACME_ENDS = datetime(2026, 1, 1, 5, tzinfo=UTC), datetime(2027, 1, 1, 5, tzinfo=UTC)
CHANDRA_STARTS = datetime(2026, 1, 31, 18, 30, tzinfo=UTC)
LAB_STARTS, LAB_ENDS = datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 5, 1, 4, tzinfo=UTC)
A_LAB = "[acme-production, {subject: lab, valid_from: 2026-03-01, valid_until: 2026-05-01}]"
WITH_A_LAB = {"file": "customers.yaml", "old": "[acme-production]", "new": A_LAB}
A_FILTER = 'aggregation: count, filter: "has(region)"'
WITH_A_FILTER = {"file": "meters.yaml", "old": "aggregation: count", "new": A_FILTER}


def times(code: ExceptionCode, subject: str, meter: str, known: Catalog) -> tuple[Period, ...]:
    return resolvable_times(
        ParkedGroup(code, subject, MeterCode(meter)),
        subject_accounts(known).get(subject),
        meters=known.meters,
        plans={plan.plan_id: plan for plan in known.plans},
    )


def test_of_an_unknown_customer_nothing_is_read_before_somebody_goes_by_the_name() -> None:
    assert times(ExceptionCode.UNKNOWN_CUSTOMER, "lab", "api_calls", catalog()) == ()


def test_of_a_name_with_dates_only_these_are_read() -> None:
    lab = Period(LAB_STARTS, LAB_ENDS)

    assert times(ExceptionCode.UNKNOWN_CUSTOMER, "lab", "api_calls", catalog(**WITH_A_LAB)) == (lab,)


def test_of_an_unknown_meter_all_is_read_once_it_is_there() -> None:
    assert times(ExceptionCode.UNKNOWN_METER, "acme", "gpu_hours", catalog()) == ()
    assert times(ExceptionCode.UNKNOWN_METER, "acme", "api_calls", catalog()) == (ALWAYS,)


def test_without_a_subscription_only_times_with_one_are_read() -> None:
    assert times(ExceptionCode.NO_ACTIVE_SUBSCRIPTION, "chandra", "api_calls", catalog()) == (
        Period(CHANDRA_STARTS, None),
    )


def test_a_filter_may_let_go_what_nobody_pays_for() -> None:
    assert times(ExceptionCode.UNKNOWN_CUSTOMER, "vandelay", "api_calls", catalog(**WITH_A_FILTER)) == (ALWAYS,)


@pytest.mark.parametrize(
    "code",
    [ExceptionCode.UNKNOWN_CUSTOMER, ExceptionCode.UNKNOWN_METER, ExceptionCode.NO_ACTIVE_SUBSCRIPTION],
)
def test_whatever_can_be_billed_is_read(code: ExceptionCode) -> None:
    known = catalog(**WITH_A_LAB)
    subjects, meters = subject_accounts(known), meters_by_event(known.meters)
    plans = {plan.plan_id: plan for plan in known.plans}
    edges = (ACME_STARTS, ACME_ENDS, CHANDRA_STARTS, LAB_STARTS, LAB_ENDS)
    instants = [edge + shift for edge in edges for shift in (-INSTANT, timedelta(0), INSTANT)]
    billed = 0
    for subject, meter, instant in product(("acme", "lab", "chandra", "nobody"), ("api_calls", "gpu_hours"), instants):
        known_by = subjects.get(subject)
        who = known_by.at(instant) if known_by else None
        usage = accepted(subject=subject, meter=meter, occurred_at=instant)
        for outcome in enrich(usage, who=who, meters=meters, plans=plans):
            if isinstance(outcome, BillableUsage):
                billed += 1
                assert any(instant in period for period in times(code, subject, meter, known)), (subject, instant)
    assert billed > 10
