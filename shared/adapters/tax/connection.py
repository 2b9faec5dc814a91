"""Calls to one tax engine: a POST with its credentials, and what a failure means before its own error code is read."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TypeAlias, assert_never

from shared.adapters.http.connection_secrets import ConnectionSecrets, CredentialsUnavailableError
from shared.adapters.http.exact_json import write_json
from shared.adapters.http.transport import HttpTransport, NoAnswer, NotSent, NotTrusted, Reply, Request
from shared.domain.tax.outcome import TaxAuthFailed, TaxUnavailable, TaxUncertain

Failure: TypeAlias = TaxUnavailable | TaxUncertain | TaxAuthFailed
CallResult: TypeAlias = Reply | Failure


class TaxConnection:
    """`authorization` makes the header of the connection's secret, which has the `needed` fields beside base_url."""

    def __init__(
        self,
        name: str,
        *,
        secrets: ConnectionSecrets,
        needed: tuple[str, ...],
        authorization: Callable[[Mapping[str, str]], str],
        transport: HttpTransport,
    ) -> None:
        self._name = name
        self._secrets = secrets
        self._needed = ("base_url", *needed)
        self._authorization = authorization
        self._transport = transport

    def post(self, path: str, body: Mapping[str, object]) -> CallResult:
        """Return the reply where the engine has decided something, a success or a refusal; else what went wrong."""
        try:
            secret = self._secrets.read(self._name, *self._needed)
        except CredentialsUnavailableError as error:
            return TaxAuthFailed(str(error))
        headers = {
            "Authorization": self._authorization(secret),
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        url = secret["base_url"].rstrip("/") + path
        match self._transport.exchange(Request("POST", url, headers, write_json(body).encode())):
            case Reply() as reply:
                return self._classified(reply)
            case NotTrusted(reason=reason):
                return TaxAuthFailed(reason)
            case NotSent(reason=reason):
                return TaxUnavailable(reason)
            case NoAnswer(reason=reason):
                return TaxUncertain(reason)
            case _ as never:
                assert_never(never)

    def _classified(self, reply: Reply) -> CallResult:
        match reply.status:
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                return TaxAuthFailed(f"{self._name} does not take our credentials: status {reply.status}")
            case HTTPStatus.TOO_MANY_REQUESTS:
                return TaxUnavailable("it has too many requests", reply.retry_after_seconds)
            case HTTPStatus.REQUEST_TIMEOUT:
                return TaxUncertain(f"status {reply.status}")
            case status if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR or reply.succeeded:
                return reply
            case status:
                return TaxUncertain(f"status {status}")


def not_quoted(failure: Failure) -> TaxUnavailable | TaxAuthFailed:
    """Return what a failed quotation means: nothing is recorded by one, so there is nothing to be uncertain about."""
    return TaxUnavailable(failure.reason) if isinstance(failure, TaxUncertain) else failure
