"""An event that ingest would refuse cannot be made, and the refusal names the field and the rule."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from usage_producer import InvalidUsageError, UsageEvent

CALL: dict[str, Any] = {
    "source": "urn:acme:gateway",
    "record_key": "request-7001",
    "subject": "acme",
    "meter": "api_calls",
    "occurred_at": datetime(2026, 3, 15, 10, 7, 31, 250_000, tzinfo=UTC),
}


def wire(**changes: object) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(UsageEvent(**CALL | changes).encoded())
    return event


def test_an_event_is_a_cloud_event_under_the_current_contract() -> None:
    assert wire(quantity=25, unique_key="user-9", dimensions={"region": "eu"}) == {
        "specversion": "1.0",
        "id": UsageEvent(**CALL).id,
        "source": "urn:acme:gateway",
        "type": "usage.recorded",
        "subject": "acme",
        "time": "2026-03-15T10:07:31.250000Z",
        "dataschema": "urn:usage-contract:usage:2",
        "data": {"meter": "api_calls", "quantity": 25, "unique_key": "user-9", "dimensions": {"region": "eu"}},
    }


def test_what_the_event_says_does_not_change_its_id() -> None:
    assert UsageEvent(**CALL, quantity=2).id == UsageEvent(**CALL, quantity=3).id


def test_one_record_makes_one_event_for_each_meter() -> None:
    assert UsageEvent(**CALL).id != UsageEvent(**CALL | {"meter": "egress_bytes"}).id


def test_equal_events_are_equal_bytes() -> None:
    first = UsageEvent(**CALL, quantity=Decimal("2.50"), dimensions={"tier": "gold", "region": "eu"})
    again = UsageEvent(
        **CALL | {"occurred_at": CALL["occurred_at"].astimezone(timezone(timedelta(hours=2)))},
        quantity=Decimal("2.5"),
        dimensions={"region": "eu", "tier": "gold"},
    )

    assert first.encoded() == again.encoded()


def test_a_time_is_sent_in_utc() -> None:
    berlin = datetime(2026, 3, 15, 11, 7, tzinfo=timezone(timedelta(hours=1)))

    assert wire(occurred_at=berlin)["time"] == "2026-03-15T10:07:00.000000Z"


@pytest.mark.parametrize(
    ("quantity", "sent"),
    [
        (0, 0),
        (10**15 - 1, 10**15 - 1),
        (Decimal("0.000000000000000001"), "0.000000000000000001"),
        (Decimal("999999999999999.999999999999999999"), "999999999999999.999999999999999999"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1.10" + "0" * 30), "1.1"),
        (Decimal("-0.00"), "0"),
        (Decimal("0E-1000000"), "0"),
    ],
)
def test_a_quantity_is_sent_exactly(quantity: Decimal | int, sent: object) -> None:
    assert wire(quantity=quantity)["data"]["quantity"] == sent


def test_dimensions_are_the_events_own_copy() -> None:
    mine = {"region": "eu"}
    event = UsageEvent(**CALL, dimensions=mine)

    mine["region"] = "us"

    assert event.dimensions == {"region": "eu"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"source": ""}, "source is empty"),
        ({"source": "urn:\x00:gateway"}, "source has the character U+0000"),
        ({"record_key": ""}, "record_key is empty"),
        ({"record_key": 7001}, "record_key is int, not text"),
        ({"subject": "x" * 257}, "subject has 257 characters, 256 at most"),
        ({"subject": "\ud800"}, "subject has the character U+D800"),
        ({"meter": None}, "meter is NoneType, not text"),
        ({"occurred_at": datetime(2026, 3, 15)}, "occurred_at has no offset"),  # noqa: DTZ001 - that is the fault
        ({"occurred_at": "2026-03-15"}, "occurred_at is str"),
        ({"occurred_at": datetime.max.replace(tzinfo=timezone(-timedelta(hours=1)))}, "occurred_at is outside"),
        ({"quantity": 0.1}, "quantity is float; only an int or a Decimal is exact"),
        ({"quantity": True}, "quantity is bool"),
        ({"quantity": -1}, "quantity is negative"),
        ({"quantity": 10**15}, "quantity is 10^15 or more"),
        ({"quantity": Decimal("NaN")}, "quantity is NaN"),
        ({"quantity": Decimal("Infinity")}, "quantity is Infinity"),
        ({"quantity": Decimal("1E-19")}, "quantity has more than 18 decimals"),
        ({"quantity": Decimal("1E-1000000")}, "quantity has more than 18 decimals"),
        ({"quantity": Decimal("1E+1000000")}, "quantity is 10^15 or more"),
        ({"unique_key": ""}, "unique_key is empty"),
        ({"dimensions": {str(n): "x" for n in range(17)}}, "dimensions has 17 names, 16 at most"),
        ({"dimensions": {"": "eu"}}, "a dimension's name is empty"),
        ({"dimensions": {"region": 3}}, "dimension 'region' is int, not text"),
        ({"dimensions": ["region"]}, "dimensions is list"),
    ],
)
def test_a_breach_of_the_contract_is_refused_in_words(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidUsageError) as refused:
        UsageEvent(**CALL | changes)

    assert str(refused.value).startswith(told)


def test_the_largest_event_there_is_fits_the_contract() -> None:
    widest = "\U0001f6dd" * 256
    event = UsageEvent(
        source=widest,
        record_key="k" * 5000,
        subject=widest,
        meter=widest,
        occurred_at=CALL["occurred_at"],
        unique_key='"' * 256,
        dimensions={f"{n:02}" + "\U0001f6dd" * 254: widest for n in range(16)},
    )

    assert len(event.encoded()) < 64 * 1024
