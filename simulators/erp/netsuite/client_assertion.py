"""Checks a client assertion: a JWT signed with ES256 or PS256 (or their longer siblings), never RS256."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from simulators.http import exact_json

HASHES: Mapping[str, type[HashAlgorithm]] = {"256": SHA256, "384": SHA384, "512": SHA512}
CURVES = {"ES256": 32, "ES384": 48, "ES512": 66}  # bytes of one half of the signature
SCOPE = "rest_webservices"
LIFETIME_MAX = timedelta(minutes=60)
CLOCK_SKEW_MAX = timedelta(minutes=1)
PARTS = 3
NUMBER_MAX = 10**11


class AssertionRefusedError(Exception):
    """The assertion does not prove who the caller is."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """Whose public key (PEM) was uploaded, and the id that NetSuite gave the certificate."""

    client_id: str
    certificate_id: str
    public_key_pem: str


def check_assertion(assertion: str, *, key: TrustedKey, audience: str, now: datetime) -> None:
    """Raise AssertionRefusedError unless signature, header and claims are as NetSuite wants them."""
    parts = assertion.split(".")
    if len(parts) != PARTS:
        raise AssertionRefusedError("the client assertion is no JWT")
    header, claims = _object(parts[0]), _object(parts[1])
    if header.get("kid") != key.certificate_id:
        raise AssertionRefusedError("kid is not a certificate of this integration")
    _check_signature(
        f"{parts[0]}.{parts[1]}".encode(), _decoded(parts[2]), algorithm=str(header.get("alg")), pem=key.public_key_pem
    )
    _check_claims(claims, key=key, audience=audience, now=now)


def _check_signature(signed: bytes, signature: bytes, *, algorithm: str, pem: str) -> None:
    public_key = load_pem_public_key(pem.encode())
    family, digest = algorithm[:2], HASHES.get(algorithm[2:])
    try:
        if family == "ES" and digest and isinstance(public_key, ec.EllipticCurvePublicKey):
            public_key.verify(_der(signature, half=CURVES[algorithm]), signed, ec.ECDSA(digest()))
        elif family == "PS" and digest and isinstance(public_key, rsa.RSAPublicKey):
            scheme = padding.PSS(mgf=padding.MGF1(digest()), salt_length=digest().digest_size)
            public_key.verify(signature, signed, scheme, digest())
        else:
            raise AssertionRefusedError(f"algorithm {algorithm} is not accepted for this key")
    except InvalidSignature as error:
        raise AssertionRefusedError("the signature does not fit the uploaded key") from error


def _check_claims(claims: Mapping[str, Any], *, key: TrustedKey, audience: str, now: datetime) -> None:
    if claims.get("iss") != key.client_id:
        raise AssertionRefusedError("iss is not the client id")
    if claims.get("aud") != audience:
        raise AssertionRefusedError("aud is not the address of this endpoint")
    scope = claims.get("scope")
    if SCOPE not in (scope if isinstance(scope, list) else [scope]):
        raise AssertionRefusedError(f"scope must name {SCOPE}")
    issued_at, expires_at = _instant(claims, "iat"), _instant(claims, "exp")
    if expires_at - issued_at > LIFETIME_MAX:
        raise AssertionRefusedError("exp is more than 60 minutes after iat")
    if not issued_at - CLOCK_SKEW_MAX <= now < expires_at:
        raise AssertionRefusedError("the assertion is expired or from the future")


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if not isinstance(value, int) or not 0 <= value < NUMBER_MAX:
        raise AssertionRefusedError(f"{name} must be seconds since 1970")
    return datetime.fromtimestamp(value, UTC)


def _der(signature: bytes, *, half: int) -> bytes:
    """Turn a JWT's fixed-width signature into the DER form that the library checks."""
    if len(signature) != 2 * half:
        raise AssertionRefusedError("the signature must be r and s side by side, not DER")
    r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
    return encode_dss_signature(r, s)


def _object(part: str) -> dict[str, Any]:
    try:
        value = exact_json.loads(_decoded(part))
    except exact_json.MalformedJsonError as error:
        raise AssertionRefusedError("the client assertion is no JWT") from error
    if not isinstance(value, dict):
        raise AssertionRefusedError("the client assertion is no JWT")
    return value


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise AssertionRefusedError("the client assertion is no JWT") from error
