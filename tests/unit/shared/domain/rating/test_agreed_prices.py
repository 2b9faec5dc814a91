"""A contract's own prices come before those of the price book, on days of its customer, and the line says so."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from shared.domain.identifiers import ChargeId, SubscriptionId
from shared.domain.master_data.catalog import AgreedPrice, Contract
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.rating.charge_models import ChargeModel, Flat, PerUnit
from shared.domain.rating.contract import RatedContract, rate_contract
from shared.domain.time_period import Period
from tests.builders.billing import (
    ACME,
    BASE_FEE,
    BERLIN,
    GRADUATED_CALLS,
    OCTOBER,
    account,
    calls,
    contract,
    plan,
    price,
)

FIRST_OF_OCTOBER_IN_BERLIN = OCTOBER.start
FIRST_OF_NOVEMBER_IN_BERLIN = OCTOBER.end
A_CENT = PerUnit(Decimal("0.01"))


def agreed(
    model: ChargeModel,
    *,
    charge: str = "api-calls",
    since: datetime = FIRST_OF_OCTOBER_IN_BERLIN,
    until: datetime | None = None,
    subscription: str | None = None,
) -> AgreedPrice:
    return AgreedPrice(
        charge_id=ChargeId(charge),
        price=replace(price(model, valid=Period(since, until)), agreed=True),
        subscription_id=SubscriptionId(subscription) if subscription else None,
    )


def with_prices(*prices: AgreedPrice) -> Contract:
    return replace(contract(), prices=prices)


def rated(of: Contract, *windows: WindowUsage) -> RatedContract:
    return rate_contract(
        account=account(of),
        contract=of,
        plans={one.plan_id: one for one in (plan(BASE_FEE, GRADUATED_CALLS),)},
        billing_period=OCTOBER.period,
        windows=windows,
    )


def priced(result: RatedContract) -> dict[str, tuple[Decimal, str]]:
    return {charge.charge_id: (charge.precise_amount, charge.price) for charge in result.charges}


def test_an_agreed_price_takes_the_place_of_the_price_books_and_says_so_on_the_line() -> None:
    assert priced(rated(with_prices(agreed(A_CENT)), calls(150))) == {
        "base-fee": (Decimal(99), "flat 99"),
        "api-calls": (Decimal("1.50"), "agreed price: 0.01 each"),
    }


def test_a_fee_may_have_an_agreed_price() -> None:
    result = rated(with_prices(agreed(Flat(Decimal(79)), charge="base-fee")))

    assert priced(result) == {"base-fee": (Decimal(79), "agreed price: flat 79")}


def test_a_price_of_another_subscription_changes_nothing() -> None:
    assert ACME.time_zone == BERLIN
    result = rated(with_prices(agreed(A_CENT, subscription="s-other")), calls(150))

    assert priced(result)["api-calls"][0] == Decimal("12.50")
    assert priced(rated(with_prices(agreed(A_CENT, subscription="s-acme")), calls(150)))["api-calls"][0] == Decimal(
        "1.50"
    )


def test_once_an_agreed_price_has_ended_the_price_book_holds() -> None:
    ended = agreed(A_CENT, since=datetime(2026, 8, 31, 22, tzinfo=UTC), until=FIRST_OF_OCTOBER_IN_BERLIN)

    assert priced(rated(with_prices(ended), calls(150)))["api-calls"][0] == Decimal("12.50")


def test_a_price_agreed_from_the_next_month_on_changes_nothing_in_this_one() -> None:
    result = rated(with_prices(agreed(A_CENT, since=FIRST_OF_NOVEMBER_IN_BERLIN)), calls(150))

    assert priced(result)["api-calls"][0] == Decimal("12.50")
    assert not result.issues


def test_a_price_that_is_agreed_within_a_month_holds_from_the_next_one_and_says_so() -> None:
    result = rated(with_prices(agreed(A_CENT, since=datetime(2026, 10, 9, 22, tzinfo=UTC))), calls(150))

    assert priced(result)["api-calls"][0] == Decimal("12.50")
    assert [issue.code for issue in result.issues] == ["PRICE_CHANGES_WITHIN_PERIOD"]
