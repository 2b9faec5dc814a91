"""NetSuite hands out tokens for a client assertion that its certificate proves, and for no other."""

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from simulators.erp.netsuite.client_assertion import AssertionRefusedError, TrustedKey, check_assertion
from tests.contract.simulators.callers import NetSuite, encoded

NOW = datetime(2026, 4, 2, 6, tzinfo=UTC)
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed_with_rsa(algorithm: str, scheme: padding.AsymmetricPadding) -> str:
    claims = {
        "iss": "integration-1",
        "scope": "rest_webservices",
        "aud": "https://erp.test/token",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
    }
    header = {"typ": "JWT", "alg": algorithm, "kid": "cert-1"}
    signed = b".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    return (signed + b"." + encoded(RSA_KEY.sign(signed, scheme, SHA256()))).decode()


def trusted_rsa_key() -> TrustedKey:
    pem = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return TrustedKey("integration-1", "cert-1", pem)


def test_a_well_signed_assertion_gets_a_token_for_an_hour(netsuite: NetSuite) -> None:
    answer = netsuite.sign_in().json()

    netsuite.token = answer["access_token"]
    assert answer["expires_in"] == "3600"
    assert netsuite.query("SELECT id FROM customer").status_code == 200
    netsuite.clock.pass_(minutes=60)
    assert netsuite.query("SELECT id FROM customer").status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody-else"},
        {"scope": ["restlets"]},
        {"aud": "https://elsewhere.test/token"},
        {"exp": 1_775_109_600},  # the present instant
        {"iat": 1_775_116_800, "exp": 1_775_116_900},  # two hours ahead
        {"iat": 1_775_106_000, "exp": 1_775_109_700},  # longer than an hour
        {"exp": "soon"},
        {"iat": -1},
    ],
)
def test_an_assertion_that_says_something_else_is_refused(netsuite: NetSuite, claims: dict[str, object]) -> None:
    answer = netsuite.sign_in(netsuite.assertion(claims))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


@pytest.mark.parametrize("header", [{"kid": "cert-2"}, {"alg": "RS256"}, {"alg": "none"}, {"alg": "ES384"}])
def test_another_certificate_or_algorithm_is_refused(netsuite: NetSuite, header: dict[str, object]) -> None:
    assert netsuite.sign_in(netsuite.assertion(header=header)).status_code == 400


def test_a_signature_by_another_key_is_refused(netsuite: NetSuite) -> None:
    netsuite.key = ec.generate_private_key(ec.SECP256R1())

    assert netsuite.sign_in().status_code == 400


def test_a_der_signature_is_refused_for_a_jwt_holds_r_and_s_side_by_side(netsuite: NetSuite) -> None:
    signed = netsuite.assertion().rpartition(".")[0]
    der = netsuite.key.sign(signed.encode(), ec.ECDSA(SHA256()))

    answer = netsuite.sign_in(f"{signed}.{encoded(der).decode()}")

    assert "DER" in answer.json()["error_description"]


@pytest.mark.parametrize("assertion", ["", "a.b", "!.!.!", "e30.W10.e30"])
def test_what_is_no_jwt_is_refused(netsuite: NetSuite, assertion: str) -> None:
    assert netsuite.sign_in(assertion).status_code == 400


def test_the_old_way_of_signing_with_rsa_is_refused_and_the_new_one_is_not() -> None:
    pss = padding.PSS(mgf=padding.MGF1(SHA256()), salt_length=32)
    check_assertion(signed_with_rsa("PS256", pss), key=trusted_rsa_key(), audience="https://erp.test/token", now=NOW)

    with pytest.raises(AssertionRefusedError, match="RS256"):
        check_assertion(
            signed_with_rsa("RS256", padding.PKCS1v15()),
            key=trusted_rsa_key(),
            audience="https://erp.test/token",
            now=NOW,
        )
