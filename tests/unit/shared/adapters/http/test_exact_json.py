"""Amounts keep their digits on the wire."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.http.exact_json import MalformedReplyError, read_object, write_json


def test_a_decimal_is_written_digit_by_digit() -> None:
    assert write_json({"amount": Decimal("1200.50"), "tiny": Decimal("1E-8")}) == '{"amount":1200.50,"tiny":0.00000001}'


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_what_is_written_is_read_back_exactly(amount: Decimal) -> None:
    assert read_object(write_json({"amount": amount}).encode())["amount"] == amount


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), Decimal("Infinity"), b"x", object()])
def test_floats_and_what_is_no_number_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        write_json({"amount": value})


@pytest.mark.parametrize("text", [b"", b"<html>", b"[1]", b'{"a": NaN}', b'{"a": 1', b"\xff\xfe", b"[" * 100_000])
def test_anything_but_an_object_is_malformed(text: bytes) -> None:
    with pytest.raises(MalformedReplyError):
        read_object(text)
