"""A client assertion (JWT, ES256) whose private key never leaves KMS."""

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared.adapters.http.connection_secrets import CredentialsUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_COORDINATE_BYTES = 32  # P-256
_SEQUENCE, _INTEGER = 0x30, 0x02  # DER tags


class KmsSigner:
    """Signs with one ECC_NIST_P256 key."""

    def __init__(self, client: "KMSClient", key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def jwt(self, *, certificate_id: str, claims: Mapping[str, object]) -> str:
        """Return a compact JWS that names the certificate under which the ERP knows the key.

        Raises CredentialsUnavailableError when KMS refuses to sign.
        """
        header = {"typ": "JWT", "alg": "ES256", "kid": certificate_id}
        signing_input = f"{_base64url(_json(header))}.{_base64url(_json(claims))}"
        try:
            signature = self._client.sign(
                KeyId=self._key_id,
                Message=signing_input.encode(),  # at most 4096 bytes may go raw; KMS does the hashing
                MessageType="RAW",
                SigningAlgorithm="ECDSA_SHA_256",
            )["Signature"]
        except ClientError as error:
            raise CredentialsUnavailableError(f"signing key: {error.response['Error']['Code']}") from None
        return f"{signing_input}.{_base64url(der_to_raw(signature))}"


def der_to_raw(signature: bytes) -> bytes:
    """Turn KMS's DER sequence of two integers into the fixed r || s that a JWT carries; raises ValueError."""
    if len(signature) < 2 or signature[0] != _SEQUENCE or signature[1] != len(signature) - 2:  # noqa: PLR2004 - tag, length
        raise ValueError("not a DER sequence")
    r, rest = _integer(signature[2:])
    s, rest = _integer(rest)
    if rest:
        raise ValueError("more than two integers")
    return r.to_bytes(_COORDINATE_BYTES, "big") + s.to_bytes(_COORDINATE_BYTES, "big")


def _integer(der: bytes) -> tuple[int, bytes]:
    if len(der) < 2 or der[0] != _INTEGER or len(der) < 2 + der[1]:  # noqa: PLR2004 - tag and length
        raise ValueError("not a DER integer")
    end = 2 + der[1]
    return int.from_bytes(der[2:end], "big"), der[end:]


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
