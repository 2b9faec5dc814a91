"""What a preview of a draft says: of which period it is, what would stop it or have it approved, why there is none."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.domain.identifiers import AdjustmentId, ChargeId, ContractId, InvoiceId, ProductId
from shared.domain.invoicing.draft_preview import DraftPreview, NotPreviewedError, preview_draft
from shared.domain.master_data.approval_policy import ApprovalPolicy, Deviation
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.tax_setup import TaxEngineName
from shared.domain.money import Money
from shared.domain.rating.adjustments import Commitment, PercentageDiscount
from shared.domain.time_period import Period
from tests.builders.billing import (
    ALWAYS,
    OCTOBER,
    SINCE_OCTOBER,
    TENANT,
    calls,
    catalog,
    contract,
    euros,
    nimbus,
    subscription,
)

ELEVENTH = datetime(2026, 10, 10, 22, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 10, tzinfo=UTC)
DANA = "dana@nimbus.example"


def previewed(
    source: Catalog | None = None,
    *,
    as_of: datetime = ELEVENTH,
    period: str = "",
    issued: Mapping[str, Money] | None = None,
    of: str = "c-acme",
) -> DraftPreview:
    used = calls(150, at=datetime(2026, 10, 5, 12, tzinfo=UTC))
    known = {InvoiceId(name): gross for name, gross in (issued or {}).items()}
    return preview_draft(source or catalog(), [used], ContractId(of), as_of=as_of, period=period, issued=known)


def judged_by(policy: ApprovalPolicy) -> Catalog:
    return catalog(entity=nimbus(approval=policy))


def test_it_is_of_the_period_that_the_instant_is_in_or_of_an_earlier_one_by_name() -> None:
    now, before = previewed(as_of=DECEMBER), previewed(as_of=DECEMBER, period="2026-10")

    assert (now.draft.billing_period.name, now.draft.net) == ("2026-12", euros("99.00"))
    assert (before.draft.billing_period.name, before.draft.net) == ("2026-10", euros("111.50"))
    assert (before.as_of, before.accrual_value) == (DECEMBER, euros("111.50"))
    assert (before.draft.tenant, before.draft.prepared_by, before.draft.catalog_version) == (TENANT, "preview", "")


@pytest.mark.parametrize(
    ("of", "period", "as_of", "why"),
    [
        ("c-nobody", "", ELEVENTH, "the catalogue has no contract c-nobody"),
        (
            "c-acme",
            "2026-11",
            ELEVENTH,
            "c-acme has no billing period 2026-11 that has begun by 2026-10-10T22:00:00.000000Z",
        ),
        (
            "c-acme",
            "",
            SINCE_OCTOBER.start,
            "c-acme has no billing period at all that has begun by 2026-09-30T22:00:00.000000Z",
        ),
    ],
)
def test_what_cannot_be_previewed_is_told(of: str, period: str, as_of: datetime, why: str) -> None:
    with pytest.raises(NotPreviewedError) as refused:
        previewed(of=of, period=period, as_of=as_of)

    assert str(refused.value) == why


def test_what_would_stop_it_is_on_its_draft_too() -> None:
    capped = replace(contract(), invoice_limit=euros("100"))

    found = previewed(catalog(contracts=[capped]))

    assert [issue.code for issue in found.stops] == ["INVOICE_OVER_LIMIT"]
    assert found.draft.issues == found.stops
    assert previewed().stops == ()


def test_what_an_outside_engine_taxes_is_previewed_without_tax() -> None:
    entity = nimbus()
    outside = replace(entity, tax=replace(entity.tax, engine=TaxEngineName.AVATAX))

    found = previewed(catalog(entity=outside))

    assert (found.is_taxed, found.draft.tax) == (False, euros("0.00"))
    assert (previewed().is_taxed, previewed().draft.tax) == (True, euros("21.19"))


def test_why_it_would_wait_for_a_person_is_told() -> None:
    from_a_hundred = ApprovalPolicy(thresholds=(euros("100"),), approver=DANA)

    assert [issue.message for issue in previewed(judged_by(from_a_hundred)).approval] == [
        "132.69 EUR reaches the threshold of 100 EUR"
    ]
    assert previewed().approval == ()


@pytest.mark.parametrize(
    ("issued", "waits"),
    [
        ({}, True),
        ({"c-acme/2026-10": "132.69"}, True),
        ({"c-globex/2026-10": "1.00"}, True),
        ({"c-acme/2026-09": "1.00"}, False),
        ({"c-second/2026-10": "1.00"}, False),
    ],
    ids=["nothing", "its own", "another customer's", "an earlier one", "another contract's"],
)
def test_a_customers_first_invoice_is_known_by_those_that_are_issued(issued: dict[str, str], *, waits: bool) -> None:
    source = judged_by(ApprovalPolicy(thresholds=None, approver=DANA, first_invoice=True))
    both = replace(source, contracts=(contract(), contract(subscription(name="s-two"), contract_id="c-second")))

    found = previewed(both, issued={name: euros(gross) for name, gross in issued.items()})

    assert [issue.code for issue in found.approval] == (["FIRST_INVOICE"] if waits else [])


@pytest.mark.parametrize(("of_last", "waits"), [(2, False), (3, True)])
def test_it_is_held_against_the_last_invoices_of_its_contract(of_last: int, *, waits: bool) -> None:
    """December's 117.81 is what November was and three times less than October and September were."""
    deviation = Deviation(factor=Decimal(2), of_last=of_last, at_least=of_last)
    source = judged_by(ApprovalPolicy(thresholds=None, approver=DANA, deviation=deviation))
    since_august = contract(active=Period(SINCE_OCTOBER.start - timedelta(days=60), None))
    issued = {
        "c-acme/2026-11": euros("117.81"),
        "c-acme/2026-10": euros("117.81"),
        "c-acme/2026-09": euros("1000.00"),
    }

    found = previewed(replace(source, contracts=(since_august,)), as_of=DECEMBER, issued=issued)

    assert bool(found.approval) is waits


def committed(valid: Period, *, true_up: bool = True) -> Catalog:
    deal = Commitment(
        adjustment_id=AdjustmentId("deal"),
        valid=valid,
        amount=euros("310"),
        product_id=ProductId("platform"),
        true_up=true_up,
    )
    return catalog(contracts=[replace(contract(), adjustments=(deal,))])


def test_a_commitment_that_ends_with_the_period_is_worth_its_share_until_then_and_all_of_it_then() -> None:
    october = committed(OCTOBER.period)

    assert previewed(october).accrual_value == euros("100.00")
    assert previewed(october, as_of=OCTOBER.end).accrual_value == euros("310.00")


def test_the_days_of_a_commitment_are_those_of_the_customers_calendar() -> None:
    """At 21:30 UTC the 10th of October is not over in Berlin: nine days have passed."""
    before_midnight = ELEVENTH - timedelta(minutes=30)

    assert previewed(committed(OCTOBER.period), as_of=before_midnight).accrual_value == euros("90.00")


def test_what_earlier_months_have_spent_counts_towards_the_share_of_a_commitment() -> None:
    """By the 11th of November 41 days of 100 EUR have passed, and October's calls are 12.50 of them."""
    year = Commitment(
        adjustment_id=AdjustmentId("deal"),
        valid=Period(SINCE_OCTOBER.start, datetime(2027, 9, 30, 22, tzinfo=UTC)),
        amount=euros("36500"),
        product_id=ProductId("platform"),
        charges=(ChargeId("api-calls"),),
    )
    source = catalog(contracts=[replace(contract(), adjustments=(year,))])

    found = previewed(source, as_of=datetime(2026, 11, 10, 23, tzinfo=UTC))

    assert found.accrual_value == euros("33.00") + euros("4100.00") - euros("12.50")


def test_a_commitment_without_a_true_up_or_that_has_not_begun_is_worth_nothing_yet() -> None:
    without = previewed(committed(OCTOBER.period, true_up=False))
    later = previewed(committed(Period(ELEVENTH, OCTOBER.end)))

    assert (without.accrual_value, later.accrual_value) == (euros("44.44"), euros("44.44"))


def test_a_contract_that_has_ended_is_worth_no_more_than_at_its_end() -> None:
    ended = contract(active=Period(SINCE_OCTOBER.start, ELEVENTH))

    assert previewed(catalog(contracts=[ended]), as_of=OCTOBER.end).accrual_value == euros("44.44")


def test_other_contracts_of_the_catalogue_go_on_as_they_are() -> None:
    """Usage that only they charge is not missing a charge by the accrual value either."""
    launch = PercentageDiscount(adjustment_id=AdjustmentId("launch"), valid=ALWAYS, percent=Decimal(10))
    second = replace(
        contract(subscription(name="s-two"), contract_id="c-second"),
        adjustments=(launch,),
    )

    assert previewed(catalog(contracts=[contract(), second])).accrual_value == euros("44.44")
