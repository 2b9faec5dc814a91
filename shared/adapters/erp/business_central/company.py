"""Calls below one company of a Business Central environment, and lists of what it holds."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from shared.adapters.erp.business_central.errors import after_refusal, has_failed_itself
from shared.adapters.erp.reply_classes import after_failed_write, before_any_write, not_read
from shared.adapters.erp.session import CallResult, ErpSession
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.outcome import AuthFailed, LookupFailed, Rejected, Submission, Throttled, Uncertain

Row: TypeAlias = dict[str, Any]
_PAGE: Final = 1_000
_MOST_ROWS: Final = 100_000
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class Company:
    """One company. Paths are below its address and may have a query; `filtered` writes one."""

    def __init__(self, session: ErpSession, entity: LegalEntity) -> None:
        self.session = session
        self.entity = entity
        self.address = f"/companies({quote(entity.erp.company)})"

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> CallResult:
        return self.session.call(method, f"{self.address}/{path}", body=body, headers=headers)

    def all_rows(self, collection: str, *names: str) -> list[Row] | LookupFailed:
        """Return every entity of a list with the properties that are named, page by page."""
        found: list[Row] = []
        while len(found) < _MOST_ROWS:
            page = self.rows(
                f"{collection}?$select={','.join(names)}&$orderby={names[0]}&$top={_PAGE}&$skip={len(found)}"
            )
            if isinstance(page, LookupFailed):
                return page
            found += page
            if len(page) < _PAGE:
                return found
        return LookupFailed(f"there are more than {_MOST_ROWS} {collection}")

    def rows(self, path: str) -> list[Row] | LookupFailed:
        """Return the entities of a list: all of them, or as many as are asked for."""
        found = self.entity_at(path)
        if isinstance(found, LookupFailed):
            return found
        rows = found.get("value")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return LookupFailed("the reply is no list of objects")
        if "@odata.nextLink" in found and "$top=" not in path:
            return LookupFailed("the reply is a part of the list")
        return rows

    def entity_at(self, path: str) -> Row | LookupFailed:
        result = self.call("GET", path)
        if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
            return not_read(result)
        try:
            return result.json()
        except MalformedReplyError as error:
            return LookupFailed(str(error))


def filtered(collection: str, condition: str, **options: str) -> str:
    """Return a path that asks for a part of a list: `expand` and others are OData's options without their $."""
    asked = "".join(f"&${name}={quote(value, safe='(),')}" for name, value in options.items() if value)
    return f"{collection}?$filter={quote(condition)}{asked}"


def text(value: str) -> str:
    """Return a text as OData writes it."""
    return "'" + value.replace("'", "''") + "'"


def after_failure(result: CallResult) -> Submission:
    """Return what a write without success has come to: by the status, then by Business Central's code."""
    outcome = after_failed_write(result)
    if outcome is not None or not isinstance(result, Reply):
        return outcome or Uncertain("no reply")
    return after_refusal(result)


def before_the_document(result: CallResult) -> Throttled | AuthFailed | Rejected:
    """Return what a failed reading or preparing call means for the document, which was not sent yet."""
    if isinstance(result, Reply) and has_failed_itself(result):
        return Throttled(result.retry_after_seconds)
    return before_any_write(result)
