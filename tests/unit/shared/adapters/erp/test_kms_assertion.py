"""From KMS's DER signature to the one a JWT carries."""

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.erp.kms_assertion import der_to_raw

HALVES = st.integers(min_value=1, max_value=2**256 - 1)


@given(HALVES, HALVES)
def test_both_halves_have_their_full_width(r: int, s: int) -> None:
    assert der_to_raw(encode_dss_signature(r, s)) == r.to_bytes(32, "big") + s.to_bytes(32, "big")


@pytest.mark.parametrize("der", [b"", b"\x30", b"\x30\x01\x02", b"\x31\x00", encode_dss_signature(1, 2) + b"\x00"])
def test_anything_else_is_refused(der: bytes) -> None:
    with pytest.raises(ValueError, match=r"DER|integers"):
        der_to_raw(der)
