"""Who pays for an event is decided by the time it happened."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from operations.catalog.load import load_catalog
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import MeterCode
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.subjects import UsageAccount, subject_accounts
from shared.domain.metering.meter import Aggregation
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.billable import BillableUsage
from shared.domain.usage.enrichment import Enrichment, Unresolved, enrich
from shared.domain.usage.measurement import meters_by_event
from tests.builders.catalog import OCCURRED_AT, accepted, catalog, metering_requests_too
from tests.fakes.catalog_folder import PRICE_BOOK, spoil, write_catalog

CONTRACT_STARTS = datetime(2026, 1, 1, 5, tzinfo=UTC)  # midnight in New York
CONTRACT_ENDS = datetime(2027, 1, 1, 5, tzinfo=UTC)


def enriched(usage: AcceptedUsage, of: Catalog | None = None) -> Enrichment:
    """Return the one outcome that usage of one meter has."""
    (outcome,) = outcomes(usage, of)
    return outcome


def outcomes(usage: AcceptedUsage, of: Catalog | None = None) -> tuple[Enrichment, ...]:
    known = of or catalog()
    return enrich(
        usage,
        who=who_is(known, usage.event.subject),
        meters=meters_by_event(known.meters),
        plans={plan.plan_id: plan for plan in known.plans},
    )


def who_is(known: Catalog, subject: str) -> UsageAccount | None:
    known_by = subject_accounts(known).get(subject)
    return known_by.at(OCCURRED_AT) if known_by else None


def code_of(outcome: Enrichment) -> ExceptionCode:
    assert isinstance(outcome, Unresolved)
    return outcome.code


def test_an_event_finds_the_whole_chain_to_who_pays() -> None:
    billable = enriched(accepted(subject="acme-production"))

    assert isinstance(billable, BillableUsage)
    assert (billable.customer_id, billable.contract_id, billable.subscription_id) == ("acme", "c-acme", "s-acme")
    assert (billable.product_id, billable.legal_entity_id) == ("api", "nimbus-us")
    assert billable.measurement.meter.aggregation is Aggregation.COUNT


def test_only_dimensions_of_the_meter_are_kept() -> None:
    billable = enriched(accepted(dimensions=(("region", "eu"), ("tier", "gold"))))

    assert isinstance(billable, BillableUsage)
    assert billable.measurement.dimensions == (("region", "eu"),)
    assert billable.accepted.event.dimensions == (("region", "eu"), ("tier", "gold"))


def test_a_subject_that_nobody_goes_by_is_an_unknown_customer() -> None:
    assert code_of(enriched(accepted(subject="vandelay"))) is ExceptionCode.UNKNOWN_CUSTOMER


def test_a_meter_that_is_not_in_the_catalogue_is_unknown() -> None:
    assert code_of(enriched(accepted(meter="gpu_hours"))) is ExceptionCode.UNKNOWN_METER


def test_a_contract_holds_from_its_first_instant_up_to_and_without_its_last() -> None:
    moment = timedelta(microseconds=1)

    assert isinstance(enriched(accepted(occurred_at=CONTRACT_STARTS)), BillableUsage)
    assert isinstance(enriched(accepted(occurred_at=CONTRACT_ENDS - moment)), BillableUsage)
    before, after = (
        enriched(accepted(occurred_at=CONTRACT_STARTS - moment)),
        enriched(accepted(occurred_at=CONTRACT_ENDS)),
    )
    assert code_of(before) is code_of(after) is ExceptionCode.NO_ACTIVE_SUBSCRIPTION


def test_a_subscription_that_starts_later_than_its_contract_does_not_pay_before() -> None:
    january = datetime(2026, 1, 20, tzinfo=UTC)

    assert code_of(enriched(accepted(subject="chandra", occurred_at=january))) is ExceptionCode.NO_ACTIVE_SUBSCRIPTION


def test_a_charge_takes_only_the_dimensions_it_names() -> None:
    in_europe = catalog(
        file="price_book.yaml", old="meter: api_calls", new="meter: api_calls\n      match: {region: eu}"
    )

    assert isinstance(enriched(accepted(dimensions=(("region", "eu"),)), in_europe), BillableUsage)
    elsewhere = enriched(accepted(dimensions=(("region", "us"),)), in_europe)
    assert code_of(elsewhere) is ExceptionCode.NO_ACTIVE_SUBSCRIPTION


def test_one_event_feeds_every_meter_that_takes_it() -> None:
    gold = accepted(dimensions=(("bytes", "3072"), ("tier", "gold")))

    calls, premium, traffic = outcomes(gold, metering_requests_too())

    assert isinstance(calls, BillableUsage)
    assert isinstance(traffic, BillableUsage)
    assert isinstance(premium, BillableUsage)
    measured = [one.measurement for one in (calls, premium, traffic)]
    assert {str(one.meter.code): one.quantity for one in measured} == {
        "api_calls": Decimal(25),
        "premium_calls": Decimal(25),
        "traffic": Decimal(3),
    }
    assert len({one.fingerprint[:24] for one in measured}) == 3, "each is counted once, by an identity of its own"
    assert {one.fingerprint[24:] for one in measured} == {gold.fingerprint[24:]}, "of one and the same content"
    assert calls.measurement.fingerprint == gold.fingerprint


def test_a_filter_leaves_an_event_out() -> None:
    silver = accepted(dimensions=(("bytes", "3072"), ("tier", "silver")))

    measured = [
        one.measurement.meter.code
        for one in outcomes(silver, metering_requests_too())
        if isinstance(one, BillableUsage)
    ]

    assert measured == ["api_calls", "traffic"]


def test_an_event_that_every_filter_leaves_out_is_not_measured() -> None:
    only_gold = catalog(file="meters.yaml", old="aggregation: count", new="aggregation: count, filter: tier == 'gold'")

    assert outcomes(accepted(dimensions=(("tier", "silver"),)), only_gold) == ()
    assert outcomes(accepted(subject="vandelay", dimensions=(("tier", "silver"),)), only_gold) == ()


def test_what_one_meter_cannot_measure_waits_for_that_meter_alone() -> None:
    calls, premium, traffic = outcomes(accepted(dimensions=(("tier", "gold"),)), metering_requests_too())

    assert isinstance(calls, BillableUsage)
    assert traffic == Unresolved(
        ExceptionCode.UNMEASURABLE_USAGE, "meter traffic: the event has no attribute bytes", MeterCode("traffic")
    )
    assert isinstance(premium, BillableUsage)


def test_usage_put_back_for_one_meter_is_measured_by_that_meter_alone() -> None:
    put_back = replace(accepted(dimensions=(("bytes", "3072"), ("tier", "gold"))), for_meter=MeterCode("traffic"))

    (traffic,) = outcomes(put_back, metering_requests_too())

    assert isinstance(traffic, BillableUsage)
    assert traffic.measurement.meter.code == "traffic"


def test_usage_put_back_for_a_meter_that_is_gone_waits_for_it() -> None:
    put_back = replace(accepted(), for_meter=MeterCode("traffic"))

    assert outcomes(put_back) == (
        Unresolved(ExceptionCode.UNKNOWN_METER, "there is no meter traffic", MeterCode("traffic")),
    )


def test_a_parent_that_pays_is_billed_by_its_own_contract_and_the_row_says_who_used_it_and_where() -> None:
    below_acme = """- id: chandra
  parents: [{customer: acme, billed_by: parent, valid_from: 2026-03-01}]
  regions: [{region: apac}]
"""
    known = catalog(file="customers.yaml", old="- id: chandra\n", new=below_acme)

    billable = enriched(accepted(subject="chandra"), known)

    assert isinstance(billable, BillableUsage)
    assert (billable.customer_id, billable.contract_id) == ("acme", "c-acme")
    assert (billable.used_by, billable.region) == ("chandra", "apac")


def test_who_pays_is_no_part_of_what_an_event_is_counted_by() -> None:
    """Between two deliveries of an event its payer changed: the ledger sees one event, and counts the first."""
    moved = catalog(
        file="customers.yaml",
        old="- id: chandra",
        new="- id: chandra\n  parents: [{customer: acme, billed_by: parent}]",
    )
    before, after = enriched(accepted(subject="chandra")), enriched(accepted(subject="chandra"), moved)

    assert isinstance(before, BillableUsage)
    assert isinstance(after, BillableUsage)
    assert (before.customer_id, after.customer_id) == ("chandra", "acme")
    assert before.measurement == after.measurement
    assert before.accepted == after.accepted


@pytest.mark.parametrize(
    ("entitlement", "advice"),
    [
        ("{meter: api_calls}", "entitled"),
        ("{meter: api_calls, limit: 100, overage: refused}", "entitled"),
        ("{meter: api_calls, limit: 0, overage: allowed}", "overage"),
        ("{meter: api_calls, limit: 0, overage: refused}", "not_entitled"),
    ],
)
def test_advice_is_told_beside_usage_and_changes_nothing_of_it(entitlement: str, advice: str) -> None:
    plain = enriched(accepted())
    entitled = enriched(
        accepted(),
        catalog(file="price_book.yaml", old="  charges:\n", new=f"  entitlements: [{entitlement}]\n  charges:\n"),
    )

    assert isinstance(plain, BillableUsage)
    assert isinstance(entitled, BillableUsage)
    assert entitled.entitlement == advice
    assert replace(entitled, entitlement=plain.entitlement) == plain


@cache
def of_money() -> Catalog:
    """Return the catalogue with a meter of money in place of API calls, and a price that passes the money on."""
    with TemporaryDirectory() as directory:
        folder = write_catalog(Path(directory))
        graduated = PRICE_BOOK[PRICE_BOOK.index("          graduated") :]
        spoil(folder, file="price_book.yaml", old=graduated, new="          dynamic: 1.2\n")
        spoil(
            folder,
            file="meters.yaml",
            old="aggregation: count, dimensions: [region]",
            new="aggregation: sum, quantity: amount, dimensions: [currency]",
        )
        loaded = load_catalog(folder)
    assert isinstance(loaded, Catalog), loaded
    return loaded


def test_money_is_charged_by_a_contract_in_its_currency() -> None:
    billable = enriched(accepted(dimensions=(("amount", "9.019"), ("currency", "USD"))), of_money())

    assert isinstance(billable, BillableUsage)
    assert billable.measurement.quantity == Decimal("9.019")


@pytest.mark.parametrize(
    ("dimensions", "reason"),
    [
        ((("amount", "9.019"), ("currency", "EUR")), "charges for api_calls in EUR at"),
        ((("amount", "9.019"),), "charges for api_calls at"),
    ],
)
def test_money_in_another_currency_or_in_none_waits(dimensions: tuple[tuple[str, str], ...], reason: str) -> None:
    outcome = enriched(accepted(dimensions=dimensions), of_money())

    assert code_of(outcome) is ExceptionCode.NO_ACTIVE_SUBSCRIPTION
    assert isinstance(outcome, Unresolved)
    assert reason in outcome.reason


def test_money_with_too_many_digits_waits_and_is_not_rounded() -> None:
    outcome = enriched(accepted(dimensions=(("amount", "1.1234567890123456789"), ("currency", "USD"))), of_money())

    assert code_of(outcome) is ExceptionCode.UNMEASURABLE_USAGE
