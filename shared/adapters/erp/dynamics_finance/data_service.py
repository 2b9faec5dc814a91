"""Calls to the OData service in one company: rows read in pages, rows created alone or all at once, rows deleted.

No row is read at the address of its key: 404 there may be the word of a gateway, or of a key that no address carries.
An empty list is the ERP's own word.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeAlias
from urllib.parse import quote, urlsplit

from shared.adapters.erp.dynamics_finance.changeset import HEADERS, changeset, failure_in
from shared.adapters.erp.dynamics_finance.errors import after_failure
from shared.adapters.erp.reply_classes import not_read
from shared.adapters.erp.session import CallResult, ErpSession
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import LookupFailed, Submission, Uncertain

Row: TypeAlias = dict[str, Any]
MAX_PAGES: Final = 100  # of up to 10,000 rows
_EVERY_COMPANY: Final = "cross-company=true"  # without it, only the rows of the user's default company are there
# In the key of an address, these are found where they are encoded twice only; encoded once (%2F) they answer 404. In a
# filter once is enough. Reported: "D365 F&O, OData, Slashes, Pluses, and Double Encoding" at essrocks.io.
_ENCODED_TWICE: Final = str.maketrans({"/": "%2F", "\\": "%5C", "+": "%2B"})


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def refs_of(rows: Iterable[Row], ref_of: Callable[[Row], str]) -> list[str] | LookupFailed:
    """Return the keys of rows, each once; what has none was not read."""
    try:
        return list(dict.fromkeys(map(ref_of, rows)))
    except (KeyError, TypeError, ValueError):
        return LookupFailed("a row names no key")


class DataService:
    def __init__(self, session: ErpSession, company: str) -> None:
        self._session = session
        self.company = company.lower()  # as it is in every row

    def rows(
        self,
        entity_set: str,
        condition: str,
        *,
        fields: Sequence[str],
        order: str = "",
        top: int | None = None,
    ) -> list[Row] | LookupFailed:
        """Return some fields of all rows that a condition selects; no company is in it unless it says so.

        Whole rows have hundreds of fields: a page of them would be more than a reply may be long.
        """
        options = f"?{_EVERY_COMPANY}&$select={','.join(fields)}"
        options += f"&$filter={quote(condition, safe='')}" if condition else ""
        options += f"&$orderby={quote(order)}" if order else ""
        path: str | None = f"/data/{entity_set}{options}" + (f"&$top={top}" if top else "")
        rows: list[Row] = []
        for _ in range(MAX_PAGES):
            page = self._page(path)
            if isinstance(page, LookupFailed):
                return page
            more, path = page
            rows += more
            if path is None:
                return rows
        return LookupFailed(f"more than {MAX_PAGES} pages of {entity_set}")

    def company_rows(
        self,
        entity_set: str,
        condition: str,
        *,
        fields: Sequence[str],
        order: str = "",
        top: int | None = None,
    ) -> list[Row] | LookupFailed:
        """Return some fields of the rows of this company that a condition selects."""
        wanted = f"dataAreaId eq {literal(self.company)}" + (f" and ({condition})" if condition else "")
        return self.rows(entity_set, wanted, fields=fields, order=order, top=top)

    def create(self, entity_set: str, fields: Mapping[str, object]) -> Row | Submission:
        """Create one row and return it as the ERP has it, or what came of it instead."""
        result = self._session.call("POST", f"/data/{entity_set}", body={"dataAreaId": self.company, **fields})
        if not isinstance(result, Reply) or not result.succeeded:
            return after_failure(result)
        try:
            return result.json()
        except MalformedReplyError:
            return Uncertain(f"the reply to a new row of {entity_set} cannot be read")

    def create_all(self, entity_set: str, rows: Sequence[Mapping[str, object]]) -> Submission | None:
        """Create rows, all or none; None when they are there."""
        body = changeset(entity_set, [{"dataAreaId": self.company, **row} for row in rows])
        result = self._session.call("POST", "/data/$batch", content=body, headers=HEADERS)
        if not isinstance(result, Reply) or not result.succeeded:
            return after_failure(result)
        try:
            failure = failure_in(result, created=len(rows))
        except ValueError as error:
            return Uncertain(str(error))
        return None if failure is None else after_failure(failure)

    def delete(self, address: str, *, etag: str) -> CallResult:
        """Delete the very version of a row that was read."""
        path = f"/data/{quote(address.translate(_ENCODED_TWICE))}?{_EVERY_COMPANY}"
        return self._session.call("DELETE", path, headers={"If-Match": etag})

    def act(self, action: str, fields: Mapping[str, object]) -> CallResult:
        path = f"/data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities.{action}"
        return self._session.call("POST", path, body=fields)

    def _page(self, path: str | None) -> tuple[list[Row], str | None] | LookupFailed:
        result = self._session.call("GET", path or "")
        if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
            return not_read(result)
        try:
            page = result.json()
            rows, following = page["value"], page.get("@odata.nextLink")
        except (MalformedReplyError, KeyError):
            return LookupFailed("the reply is no list")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return LookupFailed("the reply is no list of objects")
        return rows, _path_of(following) if isinstance(following, str) else None


def _path_of(link: str) -> str:
    """Return a link to the next page as a path: the environment's address is the connection's, whatever it says."""
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"
