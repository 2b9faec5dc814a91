"""The same share of several amounts: by largest remainder, and never beyond what earlier credits have left."""

from decimal import Decimal

import pytest

from shared.domain.invoicing.credited_share import portions_of
from tests.builders.billing import euros


def shared(share: str, *amounts: str, left: tuple[str, ...] = ()) -> list[str]:
    portions = portions_of(
        [euros(one) for one in amounts], Decimal(share), left=[euros(one) for one in left or amounts]
    )
    return [str(one.amount) for one in portions]


@pytest.mark.parametrize(
    ("share", "amounts", "portions"),
    [
        ("0.5", ("0.05", "0.05", "0.05"), ["0.03", "0.03", "0.02"]),  # 0.075 in all
        ("0.1", ("0.10", "0.19"), ["0.01", "0.02"]),
        ("0.1", ("0.26", "0.26"), ["0.03", "0.02"]),
        ("0.5", ("100.00", "-20.00"), ["50.00", "-10.00"]),
        ("1", ("0.01", "-0.01"), ["0.01", "-0.01"]),
    ],
)
def test_cents_that_are_missing_go_where_most_was_cut_off(
    share: str, amounts: tuple[str, ...], portions: list[str]
) -> None:
    assert shared(share, *amounts) == portions


@pytest.mark.parametrize(
    ("share", "amounts", "left", "portions"),
    [
        ("0.5", ("0.05",), ("0.02",), ["0.02"]),
        ("0.1", ("-0.25",), ("-0.02",), ["-0.02"]),
        ("0.5", ("0.05", "0.05"), ("0.02", "0.03"), ["0.02", "0.03"]),
        ("0.5", ("0.10", "-0.05"), ("0.05", "-0.03"), ["0.05", "-0.03"]),
    ],
    ids=["of a charge", "of a discount", "of one of two", "of the sum"],
)
def test_a_cent_that_an_earlier_share_was_rounded_up_by_is_missing_now(
    share: str, amounts: tuple[str, ...], left: tuple[str, ...], portions: list[str]
) -> None:
    assert shared(share, *amounts, left=left) == portions


def test_a_share_that_fits_into_what_is_left_is_no_cent_more() -> None:
    assert shared("0.4", "0.10", left=("0.05",)) == ["0.04"]


def test_a_share_beyond_what_is_left_stays_as_it_is_and_is_refused_by_whoever_asked() -> None:
    assert shared("0.5", "1.00", left=("0.40",)) == ["0.50"]
