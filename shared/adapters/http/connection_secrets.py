"""Addresses and credentials of connections, from Secrets Manager, kept for minutes only so that a change takes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared.ports.clock import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEPT_FOR = timedelta(minutes=5)


class CredentialsUnavailableError(Exception):
    """The secret is missing, unreadable for this function, or not what its system needs. Its content is not in here."""


class SecretUnreadableError(CredentialsUnavailableError):
    """There is no secret of this name, or none that this function may read."""


@dataclass(frozen=True, slots=True)
class _Kept:
    fields: Mapping[str, str] = field(repr=False)
    version: str
    until: datetime


class ConnectionSecrets:
    """Secrets by the name of their connection, each a JSON object of texts."""

    def __init__(self, client: "SecretsManagerClient", clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def read(self, connection: str, *needed: str) -> Mapping[str, str]:
        """Return a connection's secret, which has at least the needed fields; raises CredentialsUnavailableError."""
        kept = self._current(connection)
        missing = [name for name in needed if name not in kept.fields]
        if missing:
            raise CredentialsUnavailableError(f"secret {connection} lacks {', '.join(missing)}")
        return kept.fields

    def version(self, connection: str) -> str:
        """Return which version of a connection's secret is read now; raises CredentialsUnavailableError."""
        return self._current(connection).version

    def forget(self, connection: str) -> None:
        """Have the secret read anew: it may have been changed."""
        self._kept.pop(connection, None)

    def forget_all(self) -> None:
        """Have every secret read anew, as `forget` does one."""
        self._kept.clear()

    def _current(self, connection: str) -> _Kept:
        now = self._clock.now()
        kept = self._kept.get(connection)
        if kept is None or kept.until <= now:
            kept = self._kept[connection] = self._fetch(connection, until=now + KEPT_FOR)
        return kept

    def _fetch(self, connection: str, *, until: datetime) -> _Kept:
        try:
            secret = self._client.get_secret_value(SecretId=connection)
            fields = json.loads(secret["SecretString"])
        except ClientError as error:
            raise SecretUnreadableError(f"secret {connection}: {error.response['Error']['Code']}") from None
        except (KeyError, ValueError):
            raise CredentialsUnavailableError(f"secret {connection} is not JSON text") from None
        if not isinstance(fields, dict) or not all(isinstance(field, str) for field in fields.values()):
            raise CredentialsUnavailableError(f"secret {connection} is not a JSON object of texts")
        return _Kept(fields, secret["VersionId"], until)
