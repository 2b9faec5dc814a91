"""The accrual value of a period under way: its usage, and the share of what is agreed for the time that has passed."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from shared.domain.identifiers import AdjustmentId, ChargeId, CustomerId, ProductId
from shared.domain.invoicing.draft_preview import DraftPreview, preview_draft
from shared.domain.issue import Severity
from shared.domain.master_data.catalog import Catalog
from shared.domain.rating.adjustments import Commitment, ContractAdjustment, Minimum
from shared.domain.subscriptions.fee_terms import FeeTerms
from shared.domain.time_period import Period
from tests.builders.billing import (
    ACME,
    ALWAYS,
    BASE_FEE,
    GRADUATED_CALLS,
    OCTOBER,
    SINCE_OCTOBER,
    calls,
    catalog,
    contract,
    euros,
    german_vat,
    plan,
)
from tests.builders.exchange_rates import with_books_in_dollars

ELEVENTH = datetime(2026, 10, 10, 22, tzinfo=UTC)  # ten days of 31 have passed in Berlin


def previewed(source: Catalog, *, count: int = 150, as_of: datetime = ELEVENTH) -> DraftPreview:
    used = calls(count, at=datetime(2026, 10, 5, 12, tzinfo=UTC))
    return preview_draft(source, [used], contract().contract_id, as_of=as_of, issued={})


def agreed(*adjustments: ContractAdjustment) -> Catalog:
    return catalog(contracts=[replace(contract(), adjustments=adjustments)])


def test_fees_count_by_the_days_that_have_passed_and_usage_whole() -> None:
    found = previewed(catalog())

    assert (found.draft.net, found.draft.gross) == (euros("111.50"), euros("132.69"))
    assert found.accrual_value == euros("44.44")  # 12.50 of calls, 99.00 x 10 / 31


def test_at_the_end_of_the_period_both_figures_are_one() -> None:
    found = previewed(catalog(), as_of=OCTOBER.end)

    assert found.accrual_value == found.draft.net


def test_what_is_due_once_counts_whole() -> None:
    once = replace(BASE_FEE, fee=FeeTerms(once=True))

    assert previewed(catalog(plans=[plan(once, GRADUATED_CALLS)])).accrual_value == euros("111.50")


def test_a_minimum_counts_by_the_share_of_its_period() -> None:
    least = Minimum(
        adjustment_id=AdjustmentId("floor"), valid=ALWAYS, amounts=(euros("310"),), product_id=ProductId("platform")
    )

    found = previewed(agreed(least))

    assert (found.draft.net, found.accrual_value) == (euros("310.00"), euros("100.00"))


def test_a_commitment_counts_by_the_share_of_its_term_whenever_that_ends() -> None:
    year = Period(SINCE_OCTOBER.start, datetime(2027, 9, 30, 22, tzinfo=UTC))
    committed = Commitment(
        adjustment_id=AdjustmentId("year"),
        valid=year,
        amount=euros("36500"),
        product_id=ProductId("platform"),
        overage_factor=Decimal("1.5"),
        charges=(ChargeId("api-calls"),),
    )

    found = previewed(agreed(committed))

    assert found.draft.net == euros("111.50")  # its true-up comes with the end of its term
    assert found.accrual_value == euros("31.94") + euros("1000.00")  # 10 of 365 days, the calls among them
    beyond = previewed(agreed(replace(committed, amount=euros("10"))))
    assert beyond.accrual_value == euros("44.44") + euros("1.25")  # 2.50 beyond it, at half as much again


def test_a_buyer_far_away_is_taxed_by_the_days_of_whose_contract_it_is() -> None:
    """October is over in Tokyo before it is in Berlin, and November has another rate."""
    november = datetime(2026, 11, 1, tzinfo=UTC)
    tokyo = replace(ACME, customer_id=CustomerId("acme-kk"), time_zone=ZoneInfo("Asia/Tokyo"), known_as=())
    source = catalog(
        contracts=[replace(contract(), bill_to=tokyo.customer_id)],
        tax_rates=[
            german_vat("0.19", valid=Period(ALWAYS.start, november)),
            german_vat("0.16", valid=Period(november, None)),
        ],
    )

    found = previewed(replace(source, customers=(ACME, tokyo)))

    assert [tax.code for tax in found.draft.taxes] == ["DE-19"]


def test_a_name_that_its_erp_has_no_room_for_would_stop_it() -> None:
    found = previewed(replace(catalog(), customers=(replace(ACME, name="A" * 101),)))

    assert [(issue.code, issue.path) for issue in found.stops] == [("TEXT_TOO_LONG", "acme")]


def test_a_missing_exchange_rate_would_stop_it() -> None:
    found = previewed(with_books_in_dollars())

    assert [issue.code for issue in found.stops] == ["EXCHANGE_RATE_MISSING"]
    assert all(issue.severity is Severity.CRITICAL for issue in found.stops)


def test_on_its_first_day_nothing_of_a_fee_has_passed() -> None:
    found = preview_draft(catalog(), [], contract().contract_id, as_of=datetime(2026, 10, 1, 5, tzinfo=UTC), issued={})

    assert (found.draft.net, found.accrual_value) == (euros("99.00"), euros("0.00"))
