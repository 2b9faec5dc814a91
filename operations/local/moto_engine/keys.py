"""KMS keys as the template asks for them. Moto's CloudFormation makes every key symmetric, so that none could sign."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import moto.kms.models
from moto.kms.models import Key, kms_backends
from moto.kms.utils import ECDSAPrivateKey, KeySpec, generate_private_key

from operations.local.patching import replaced

_SYMMETRIC = "SYMMETRIC_DEFAULT"


@contextmanager
def keys_of_their_own_kind() -> Iterator[None]:
    with (
        replaced(Key, "create_from_cloudformation_json", classmethod(_create_from_template)),
        replaced(moto.kms.models, "generate_private_key", _private_key),
    ):
        yield


def _create_from_template(
    _key: type[Key],
    /,
    resource_name: str,  # noqa: ARG001 - as moto calls it
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **_others: object,
) -> Key:
    properties = cloudformation_json["Properties"]
    key: Key = kms_backends[account_id][region_name].create_key(
        policy=properties["KeyPolicy"],
        key_usage=properties.get("KeyUsage", "ENCRYPT_DECRYPT"),
        key_spec=properties.get("KeySpec", _SYMMETRIC),
        description=properties.get("Description"),
        tags=[],
    )
    return key


def _private_key(key_spec: str) -> Any:  # noqa: ANN401 - moto's key of any kind
    """Spare symmetric keys the RSA key that moto makes for them and never uses."""
    return ECDSAPrivateKey(KeySpec.ECC_NIST_P256) if key_spec == _SYMMETRIC else generate_private_key(key_spec)
