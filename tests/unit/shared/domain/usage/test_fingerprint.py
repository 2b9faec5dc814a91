"""Identity and content: what makes a repeat, what makes a contradiction."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import content_hash, fingerprint, identity_hash, plain_quantity
from tests.fakes.usage import an_event


def test_a_fingerprint_is_12_bytes_of_identity_and_4_of_content() -> None:
    event = an_event()

    assert fingerprint(event) == (identity_hash(event.source, event.event_id) + content_hash(event)).hex()
    assert len(fingerprint(event)) == 32


def test_a_fingerprint_never_changes_between_releases() -> None:
    assert fingerprint(an_event(dimensions=(("region", "eu"),))) == "63e6ba85dad7ebb0bf203d4b2d1d987f"


def test_one_quantity_written_in_many_ways_is_one_content() -> None:
    assert {content_hash(an_event(quantity=text)) for text in ("10", "10.0", "1e1", "10.000")} == {
        content_hash(an_event(quantity="10"))
    }


@pytest.mark.parametrize(
    "other",
    [
        an_event(subject="globex"),
        an_event(meter="logins"),
        an_event(quantity="26"),
        an_event(unique_key="user-17"),
        an_event(unique_key=""),
        an_event(dimensions=(("region", "eu"),)),
        replace(an_event(), occurred_at=an_event().occurred_at + timedelta(microseconds=1)),
    ],
)
def test_any_other_content_is_a_contradiction(other: UsageEvent) -> None:
    assert content_hash(other) != content_hash(an_event())
    assert fingerprint(other)[:24] == fingerprint(an_event())[:24]


@pytest.mark.parametrize(
    ("quantity", "plain"),
    [("1e3", "1000"), ("0.00", "0"), ("-0", "0"), ("1.500", "1.5"), ("0.000000000000000001", "0.000000000000000001")],
)
def test_a_plain_quantity_has_no_exponent_and_no_idle_zeros(quantity: str, plain: str) -> None:
    assert plain_quantity(Decimal(quantity)) == plain
