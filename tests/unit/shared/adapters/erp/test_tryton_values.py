"""Tryton's JSON: what is written is what is read, to the digit and the microsecond."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from shared.adapters.erp.tryton import values
from shared.adapters.http.exact_json import MalformedReplyError


def test_amounts_dates_and_times_go_there_and_back() -> None:
    told = {
        "amount": Decimal("1200.50"),
        "day": date(2026, 10, 31),
        "at": datetime(2026, 11, 21, 19, 10, 37, 256512, UTC),
        "lines": [["create", [{"quantity": 1, "note": None}]]],
    }

    assert values.read(values.as_json(told)) == told
    assert json.loads(values.as_json(told))["amount"] == {"__class__": "Decimal", "decimal": "1200.50"}


def test_times_are_told_in_utc() -> None:
    in_berlin = datetime(2026, 11, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))

    assert values.read(values.as_json(in_berlin)) == datetime(2026, 10, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", [b"<html>", b'{"__class__": "Decimal", "decimal": "x"}', b'{"__class__": "date"}', b'[{"__class__": "date"']
)
def test_what_is_none_of_tryton_s_json_is_malformed(text: bytes) -> None:
    with pytest.raises(MalformedReplyError):
        values.read(text)
