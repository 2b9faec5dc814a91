"""A customer's key in an ERP: readable where it can be, never shared, never too long."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.erp.customer_key import customer_key
from shared.domain.identifiers import CustomerId


@pytest.mark.parametrize(("customer_id", "key"), [("acme", "ACME"), ("acme-2", "ACME-2"), ("42", "42")])
def test_a_short_plain_id_stays_readable(customer_id: str, key: str) -> None:
    assert customer_key(CustomerId(customer_id)) == key


@pytest.mark.parametrize("customer_id", ["Acme", "acme_2", "acme corp", "a" * 21, "münchen", "o'neil"])
def test_any_other_id_is_hashed(customer_id: str) -> None:
    assert re.fullmatch(r"H_[A-Z2-7]{16}", customer_key(CustomerId(customer_id)))


@given(st.lists(st.text(min_size=1, max_size=30), unique=True, max_size=50))
def test_two_customers_never_share_a_key(customer_ids: list[str]) -> None:
    keys = {customer_key(CustomerId(each)) for each in customer_ids}

    assert len(keys) == len(customer_ids)
    assert all(re.fullmatch(r"[A-Z0-9_-]{1,20}", key) for key in keys)
