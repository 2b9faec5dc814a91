"""Authorised calls to one ERP connection: a bearer token kept while it lasts, renewed once when it is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import TypeAlias, assert_never

from shared.adapters.http.connection_secrets import (
    ConnectionSecrets,
    CredentialsUnavailableError,
    SecretUnreadableError,
)
from shared.adapters.http.exact_json import MalformedReplyError, write_json
from shared.adapters.http.transport import (
    CredentialsHeld,
    Exchange,
    HeldBack,
    NoAnswer,
    NotSent,
    NotTrusted,
    Reply,
    Request,
    Transport,
)
from shared.domain.posting.outcome import AuthFailed, NoCredentials, Throttled
from shared.ports.clock import Clock

ERP_TAG = "erp-connection"
_RENEW_BEFORE_EXPIRY = timedelta(seconds=60)
_DEFAULT_LIFE_SECONDS = 600  # for a token whose reply does not say
_LONGEST_LIFE_SECONDS = 24 * 60 * 60  # an instant where seconds are wanted would be beyond any calendar

# Tells how to ask for a token with the connection's secret; may raise CredentialsUnavailableError.
TokenRequest: TypeAlias = Callable[[Mapping[str, str]], Request]
CallResult: TypeAlias = Exchange | AuthFailed | Throttled


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    renew_at: datetime
    secret_version: str  # that it was got with: with another, whoever it stands for may have been shut out


class ErpSession:
    """One connection. Throttled and AuthFailed mean that the call itself was not processed."""

    def __init__(
        self,
        connection: str,
        *,
        credentials: ConnectionSecrets,
        needed: tuple[str, ...],
        token_request: TokenRequest,
        transport: Transport,
        clock: Clock,
        refused: Callable[[str], str] = str,
        tag: str = ERP_TAG,
    ) -> None:
        """Make a session. `refused` hears that the system has refused the credentials, and says what is to be done.

        `tag` is the one that lets functions read the secret.
        """
        self._connection = connection
        self._credentials = credentials
        self._needed = needed
        self._token_request = token_request
        self._transport = transport
        self._clock = clock
        self._refused = refused
        self._tag = tag
        self._token: _Token | None = None

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        content: bytes = b"",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> CallResult:
        """Send one request to a path under the connection's base address.

        `body` goes as JSON; `content` goes as it is, and its type is among the headers.
        """
        if body is not None:
            content, headers = write_json(body).encode(), {"Content-Type": "application/json", **headers}
        result = self._call_once(method, path, content, headers)
        if _is_unauthorized(result):
            self._token = None
            result = self._call_once(method, path, content, headers)
        if _is_unauthorized(result):
            return AuthFailed(self._refused(f"{self._connection} refuses the token it has just given"))
        return result

    def _call_once(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> CallResult:
        try:
            version = self._credentials.version(self._connection)
            secret = self._credentials.read(self._connection, *self._needed)
            token = self._current_token(secret, version)
        except CredentialsUnavailableError as error:
            return no_credentials(error, self._tag)
        if not isinstance(token, _Token):
            return token
        all_headers = {"Authorization": f"Bearer {token.value}", "Accept": "application/json", **headers}
        return self._transport.exchange(Request(method, secret["base_url"].rstrip("/") + path, all_headers, content))

    def _current_token(self, secret: Mapping[str, str], version: str) -> _Token | AuthFailed | Throttled:
        now = self._clock.now()
        if self._token is not None and self._token.secret_version == version and now < self._token.renew_at:
            return self._token
        self._token = None
        match self._transport.exchange(self._token_request(secret)):
            case Reply(status=HTTPStatus.OK) as reply:
                token = _token(reply, now, version)
            case Reply(status=status) if status in {
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.UNAUTHORIZED,
                HTTPStatus.FORBIDDEN,
            }:
                return AuthFailed(self._refused(f"{self._connection} gives no token: status {status}"))
            case Reply() as reply:
                return Throttled(reply.retry_after_seconds, f"status {reply.status} for a token")
            case NotSent() as not_sent:
                return _not_sent(not_sent)
            case NoAnswer(reason=reason):
                return Throttled(reason=f"{reason} for a token")
            case _ as never:
                assert_never(never)
        self._token = token if isinstance(token, _Token) else None
        return token


def no_credentials(error: CredentialsUnavailableError, tag: str = ERP_TAG) -> NoCredentials:
    """Return what is to be done about a connection's secret."""
    # Whether one is missing or may not be read, the same two things let it be read.
    mend = f": there has to be a secret of this name, tagged {tag}=true"
    return NoCredentials(f"{error}{mend if isinstance(error, SecretUnreadableError) else ''}")


def _not_sent(why: NotSent) -> AuthFailed | Throttled:
    if isinstance(why, CredentialsHeld | NotTrusted):
        return AuthFailed(why.reason)
    reason = why.reason if isinstance(why, HeldBack) else f"{why.reason} for a token"
    return Throttled(why.retry_after_seconds, reason)


def _token(reply: Reply, now: datetime, version: str) -> _Token | AuthFailed:
    try:
        fields = reply.json()
        value, life = fields["access_token"], int(fields.get("expires_in", _DEFAULT_LIFE_SECONDS))
    except (MalformedReplyError, KeyError, TypeError, ValueError):
        return AuthFailed("the token reply has no token")
    if not isinstance(value, str):
        return AuthFailed("the token reply has no token")
    lasts = timedelta(seconds=min(max(life, 0), _LONGEST_LIFE_SECONDS))
    return _Token(value, now + lasts - _RENEW_BEFORE_EXPIRY, version)


def _is_unauthorized(result: CallResult) -> bool:
    return isinstance(result, Reply) and result.status == HTTPStatus.UNAUTHORIZED
