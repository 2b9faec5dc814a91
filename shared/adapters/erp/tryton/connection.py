"""Calls to one database of one Tryton: REST with a user's key, JSON-RPC with that user's password."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast
from urllib.parse import urlencode

from shared.adapters.erp.reply_classes import before_any_write, why_not_read
from shared.adapters.erp.session import CallResult, no_credentials
from shared.adapters.erp.site import ErpSite
from shared.adapters.erp.tryton import values
from shared.adapters.http.connection_secrets import CredentialsUnavailableError
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply, Request, Transport
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.outcome import AuthFailed, LookupFailed, Rejected, Throttled

SECRET_FIELDS: Final = ("base_url", "key", "user", "password")

Row: TypeAlias = Mapping[str, Any]
Domain: TypeAlias = Sequence[object]
NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
# What comes of reading a record that is not as Tryton has them.
UNREADABLE: Final = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError)
_MOST_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Unread:
    """A look-up without an answer: in words, and what it means for a document that was not sent yet."""

    reason: str
    for_document: Throttled | AuthFailed | Rejected

    @property
    def failed(self) -> LookupFailed:
        return LookupFailed(self.reason)


class TrytonConnection:
    """One company's view of one database. Texts are asked for in English: errors have no codes."""

    def __init__(self, entity: LegalEntity, site: ErpSite) -> None:
        self._connection = entity.erp.connection
        self._credentials = site.credentials
        self._transport, self._refused = site.line_of(entity)
        # An id of the company's own; none has 0, so that a mapping that names no id is refused like an unknown one.
        self.company = int(entity.erp.company) if entity.erp.company.isdecimal() else 0

    def rest(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        fields: Sequence[str] = (),
        query: Mapping[str, object] = NOTHING,
    ) -> CallResult:
        """Call the REST interface; `fields` are those that the reply shall have of the record."""
        asked = [*(("f", field) for field in fields), *((name, str(value)) for name, value in query.items())]
        address = f"/rest/model/{path}" + (f"?{urlencode(asked)}" if asked else "")
        content = b"" if body is None else values.as_json(body)
        result = self._once(method, address, content)
        if _is_unauthorized(result):
            # 401 says that nothing was processed; the key may have been changed since the secret was read.
            self._credentials.forget(self._connection)
            result = self._once(method, address, content)
        if _is_unauthorized(result):
            return AuthFailed(self._refused(f"{self._connection} refuses the key"))
        return result

    def _once(self, method: str, address: str, content: bytes) -> CallResult:
        try:
            secret = self._credentials.read(self._connection, *SECRET_FIELDS)
        except CredentialsUnavailableError as error:
            return no_credentials(error)
        headers = {
            "Authorization": f"Bearer {secret['key']}",
            "Accept": "application/json",
            "Accept-Language": "en",
            "X-Tryton-Context": values.in_url({"company": self.company}),
            **({"Content-Type": "application/json"} if content else {}),
        }
        return self._transport.exchange(Request(method, _base(secret) + address, headers, content))

    def rows(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        order: Domain = (),
        limit: int = _MOST_ROWS,
    ) -> list[Row] | Unread:
        """Search a model; the first `limit` rows."""
        query: dict[str, object] = {"d": values.in_url(list(domain)), "s": limit}
        if order:
            query["o"] = values.in_url(list(order))
        found = _read(self.rest("GET", model, fields=fields, query=query))
        if isinstance(found, list) and all(_is_record(row) for row in found):
            return found
        return found if isinstance(found, Unread) else Unread("the reply is no list of records", Throttled())

    def record(self, model: str, record: str, fields: Sequence[str]) -> Row | Unread:
        found = _read(self.rest("GET", f"{model}/{record}", fields=fields))
        if _is_record(found):
            return cast("Row", found)
        return found if isinstance(found, Unread) else Unread("the reply is no record", Throttled())

    def signed_in(self) -> "RpcSession | Unread":
        """Open a session for what REST does not offer."""
        try:
            secret = self._credentials.read(self._connection, *SECRET_FIELDS)
        except CredentialsUnavailableError as error:
            none = no_credentials(error)
            return Unread(none.text, none)
        session = RpcSession(self._transport, f"{_base(secret)}/rpc/", "", {})
        login = session.answer("common.db.login", secret["user"], {"password": secret["password"]})
        match login:
            case Unread(for_document=AuthFailed()):
                reason = self._refused(f"{self._connection} refuses the password")
                return Unread(reason, AuthFailed(reason))
            case Unread():
                return login
            case [int(user), str(token), *_]:
                authorization = base64.b64encode(f"{secret['user']}:{user}:{token}".encode()).decode("ascii")
                known = {"company": self.company, "language": "en"}
                return replace(session, authorization=f"Session {authorization}", context=known)
            case _:
                return Unread("the reply to the login is none", Throttled())


@dataclass(frozen=True, slots=True)
class RpcSession:
    """A user who has signed in, as in Tryton's own client."""

    transport: Transport
    address: str
    authorization: str = field(repr=False)
    context: Mapping[str, object]

    def call(self, method: str, *arguments: object, context: Mapping[str, object] = NOTHING) -> Any:  # noqa: ANN401
        """Call a method; what Tryton refuses is `Unread`, in its words."""
        return self.answer(method, *arguments, {**self.context, **context})

    def answer(self, method: str, *arguments: object) -> Any:  # noqa: ANN401
        headers = {"Content-Type": "application/json"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        body = values.as_json({"id": 1, "method": method, "params": list(arguments)})
        match _read(self.transport.exchange(Request("POST", self.address, headers, body))):
            case Unread() as unread:
                return unread
            case {"error": error}:
                return Unread(str(error), Throttled())
            case {"result": found}:
                return found
            case _:
                return Unread("the reply is none of JSON-RPC", Throttled())


def record_of(reply: Reply) -> Row | None:
    """Return the record that a write was answered with; None where the answer is none."""
    try:
        found = values.read(reply.body)
    except MalformedReplyError:
        return None
    return found if _is_record(found) else None


def _is_record(found: object) -> bool:
    return isinstance(found, dict) and isinstance(found.get("id"), int)


def _base(secret: Mapping[str, str]) -> str:
    return secret["base_url"].rstrip("/")


def _read(result: CallResult) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what a reply says, or `Unread`; only a reply with status 200 and JSON in it says anything."""
    if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
        refused = AuthFailed("status 401") if _is_unauthorized(result) else None
        return Unread(why_not_read(result), refused or before_any_write(result))
    try:
        return values.read(result.body)
    except MalformedReplyError as error:
        return Unread(str(error), Throttled())


def _is_unauthorized(result: CallResult) -> bool:
    return isinstance(result, Reply) and result.status == HTTPStatus.UNAUTHORIZED
