"""Secrets Manager as far as connections need it, in memory: moto takes milliseconds for each of thousands of reads."""

from typing import Any

from botocore.exceptions import ClientError


class SecretStore:
    """Secrets by their names. A change is another version."""

    def __init__(self) -> None:
        self._versions: dict[str, list[str]] = {}

    def create_secret(self, *, Name: str, SecretString: str) -> None:  # noqa: N803 - as AWS calls it
        assert Name not in self._versions
        self._versions[Name] = [SecretString]

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> None:  # noqa: N803
        self._versions[SecretId].append(SecretString)

    def delete_secret(self, *, SecretId: str, ForceDeleteWithoutRecovery: bool) -> None:  # noqa: N803
        assert ForceDeleteWithoutRecovery
        self._versions.pop(SecretId, None)

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:  # noqa: N803
        if SecretId not in self._versions:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")
        versions = self._versions[SecretId]
        return {"SecretString": versions[-1], "VersionId": str(len(versions))}
