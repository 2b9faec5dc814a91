"""Simulated time goes on until everything is billed, and looks at every day on which a bill run may be due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from operations.u2c.timeline import anchor_days, default_until, draft_graces, steps
from shared.domain.master_data.catalog import Catalog
from shared.domain.subscriptions.anniversary import BillingCycle
from tests.builders.catalog import catalog

DAY = timedelta(days=1)
TENTH_OF_MARCH = datetime(2026, 3, 10, tzinfo=UTC)
QUARTERLY_FROM_THE_31ST = BillingCycle(anchor_day=31, every_months=3)


def acme_billed(cycle: BillingCycle) -> Catalog:
    known = catalog()
    acme, *others = known.contracts
    return replace(known, contracts=(replace(acme, billing=cycle), *others))


def test_a_run_goes_on_until_the_period_of_the_last_event_is_billed() -> None:
    last = {"acme": TENTH_OF_MARCH}

    assert default_until(last, catalog(), DAY) == datetime(2026, 4, 4, tzinfo=UTC)
    # In New York the period of 31 January ends with 29 April.
    assert default_until(last, acme_billed(QUARTERLY_FROM_THE_31ST), DAY) == datetime(2026, 5, 3, tzinfo=UTC)


def test_a_run_waits_for_the_grace_of_drafts() -> None:
    known = catalog()
    acme, *others = known.contracts
    patient = replace(known, contracts=(replace(acme, draft_grace=timedelta(hours=228)), *others))

    assert default_until({"acme": TENTH_OF_MARCH}, patient, DAY) == datetime(2026, 4, 13, tzinfo=UTC)
    days = steps(
        start=datetime(2026, 4, 5, tzinfo=UTC),
        until=datetime(2026, 4, 20, tzinfo=UTC),
        arrivals=[],
        anchors=anchor_days(patient),
        graces=draft_graces(patient),
    )
    # Ten days after the days on which March may end.
    assert [f"{day:%m-%d}" for day in days] == ["04-11", "04-12", "04-13", "04-14", "04-15", "04-20"]


def test_a_run_leaps_over_days_on_which_nothing_can_be_due() -> None:
    anchors = anchor_days(acme_billed(BillingCycle(anchor_day=31)))
    days = steps(start=TENTH_OF_MARCH - 6 * DAY, until=TENTH_OF_MARCH + 50 * DAY, arrivals=[], anchors=anchors)

    assert [f"{day:%m-%d}" for day in days] == [
        *("03-05", "03-31", "04-01", "04-02", "04-03", "04-04", "04-05", "04-29")
    ]
