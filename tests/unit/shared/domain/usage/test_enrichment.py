"""Who pays for an event is decided by the time it happened."""

from datetime import UTC, datetime, timedelta

from shared.domain.exception_record import ExceptionCode
from shared.domain.master_data.catalog import Catalog, CustomerAccount
from shared.domain.master_data.subjects import subject_accounts
from shared.domain.metering.meter import Aggregation
from shared.domain.usage.accepted import AcceptedUsage, BillableUsage
from shared.domain.usage.enrichment import Enrichment, Unresolved, enrich
from tests.builders.catalog import OCCURRED_AT, accepted, catalog

CONTRACT_STARTS = datetime(2026, 1, 1, 5, tzinfo=UTC)  # midnight in New York
CONTRACT_ENDS = datetime(2027, 1, 1, 5, tzinfo=UTC)


def enriched(usage: AcceptedUsage, of: Catalog | None = None) -> Enrichment:
    known = of or catalog()
    return enrich(
        usage,
        account=account_of(known, usage.event.subject),
        meters={meter.code: meter for meter in known.meters},
        plans={plan.plan_id: plan for plan in known.plans},
    )


def account_of(known: Catalog, subject: str) -> CustomerAccount | None:
    known_by = subject_accounts(known).get(subject)
    who = known_by.at(OCCURRED_AT) if known_by else None
    return who.account if who else None


def code_of(outcome: Enrichment) -> ExceptionCode:
    assert isinstance(outcome, Unresolved)
    return outcome.code


def test_an_event_finds_the_whole_chain_to_who_pays() -> None:
    billable = enriched(accepted(subject="acme-production"))

    assert isinstance(billable, BillableUsage)
    assert (billable.customer_id, billable.contract_id, billable.subscription_id) == ("acme", "c-acme", "s-acme")
    assert (billable.product_id, billable.legal_entity_id) == ("api", "nimbus-us")
    assert billable.aggregation is Aggregation.COUNT


def test_only_dimensions_of_the_meter_are_kept() -> None:
    billable = enriched(accepted(dimensions=(("region", "eu"), ("tier", "gold"))))

    assert isinstance(billable, BillableUsage)
    assert billable.dimensions == (("region", "eu"),)
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
