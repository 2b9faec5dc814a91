"""Fusion's REST resources: one entity, one page of a list, or a whole list, with their failures as values.

The version of the REST framework is named in every call: it decides how conditions are joined ("and" from 2 on) and
how children come (as plain lists until 2).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

from shared.adapters.erp.reply_classes import before_any_write, not_read, why_not_read
from shared.adapters.erp.session import CallResult, ErpSession
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import AuthFailed, LookupFailed, Rejected, Throttled

ROOT: Final = "/fscmRestApi/resources/11.13.18.05/"
PAGE: Final = 100
_FRAMEWORK: Final = {"REST-Framework-Version": "2"}
_MOST_PAGES: Final = 50

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unread:
    """A look-up without an answer; `result` is None where there was one that makes no sense."""

    reason: str
    result: CallResult | None = field(default=None, repr=False)

    @property
    def lookup(self) -> LookupFailed:
        return LookupFailed(self.reason) if self.result is None else not_read(self.result)

    @property
    def before_write(self) -> Throttled | AuthFailed | Rejected:
        """Return what it means for a document that is still to be sent."""
        return Throttled() if self.result is None else before_any_write(self.result)

    @property
    def is_refused(self) -> bool:
        """Tell whether Fusion says that it cannot be asked so."""
        return isinstance(self.result, Reply) and self.result.status == HTTPStatus.BAD_REQUEST

    @property
    def is_missing(self) -> bool:
        return isinstance(self.result, Reply) and self.result.status == HTTPStatus.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[Row, ...]
    more: bool


class FusionResources:
    """Calls below the resources of one connection."""

    def __init__(self, session: ErpSession) -> None:
        self._session = session

    def send(self, method: str, resource: str, body: Mapping[str, object] | None = None) -> CallResult:
        """Send a write once. A resource that begins with a slash is a path of its own."""
        path = resource if resource.startswith("/") else ROOT + resource
        return self._session.call(method, path, body=body, headers=_FRAMEWORK)

    def one(self, resource: str, key: str, *, expand: str = "") -> Row | Unread:
        path = ROOT + f"{resource}/{quote(key, safe='')}" + (f"?{urlencode({'expand': expand})}" if expand else "")
        return self._read(path)

    def page(
        self,
        resource: str,
        conditions: Iterable[str] = (),
        *,
        finder: str = "",
        expand: str = "",
        fields: str = "",
        order: str = "",
        offset: int = 0,
        limit: int = PAGE,
    ) -> Page | Unread:
        """Return a page, with `fields` of its rows alone: they take the place of what is to `expand`."""
        given = {
            "q": " and ".join(conditions),
            "finder": finder,
            "expand": expand,
            "fields": fields,
            "orderBy": order,
        }
        asked = {name: text for name, text in given.items() if text}
        parameters = urlencode({**asked, "onlyData": "true", "limit": limit, "offset": offset}, quote_via=quote)
        answer = self._read(f"{ROOT}{resource}?{parameters}")
        if isinstance(answer, Unread):
            return answer
        rows = answer.get("items")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return Unread("the reply is no list of objects")
        more = answer.get("hasMore") is True
        return Page(tuple(rows), more) if rows or not more else Unread("the reply is an empty page of a longer list")

    def all(
        self, resource: str, conditions: Iterable[str] = (), *, expand: str = "", order: str = ""
    ) -> tuple[Row, ...] | Unread:
        """Return every row; a list beyond all measure is no answer."""
        wanted = tuple(conditions)
        rows: list[Row] = []
        for number in range(_MOST_PAGES):
            page = self.page(resource, wanted, expand=expand, order=order, offset=number * PAGE)
            if isinstance(page, Unread):
                return page
            rows += page.rows
            if not page.more:
                return tuple(rows)
        return Unread(f"{resource} has more than {_MOST_PAGES * PAGE} rows")

    def _read(self, path: str) -> Row | Unread:
        result = self._session.call("GET", path, headers=_FRAMEWORK)
        if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
            return Unread(why_not_read(result), result)
        try:
            return result.json()
        except MalformedReplyError as error:
            return Unread(str(error))


def equals(attribute: str, value: str) -> str:
    """Return a condition on a text."""
    return f"{attribute} = '{_escaped(value)}'"


def begins(attribute: str, value: str) -> str:
    return f"{attribute} like '{_escaped(value)}*'"


def is_number(attribute: str, value: str) -> str:
    """Return a condition on a number, which is written without quotes."""
    return f"{attribute} = {value}"


def is_above(attribute: str, number: int) -> str:
    return f"{attribute} > {number}"


def is_since(attribute: str, instant: datetime) -> str:
    """Return a condition on an instant, as Fusion writes one; an attribute of a child is CHILD.ATTRIBUTE."""
    return f"{attribute} >= '{instant.isoformat(timespec='milliseconds')}'"


def children(row: Mapping[str, Any], name: str) -> list[Row]:
    """Return a row's children, whether they came as a list or as a collection; raises ValueError for part of them."""
    below = row.get(name, [])
    if isinstance(below, Mapping):
        if below.get("hasMore") is True:
            raise ValueError(f"not all of {name}")
        below = below.get("items", [])
    if not isinstance(below, list) or not all(isinstance(one, dict) for one in below):
        raise ValueError(f"{name} is no list")
    return below


def _escaped(value: str) -> str:
    return value.replace("'", "''")
