"""The addresses of SuiteTalk REST that this simulator serves, and what each does with the books."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from simulators.erp.netsuite.books import AccountBooks, Record, RecordStore
from simulators.erp.netsuite.client_assertion import TrustedKey
from simulators.erp.netsuite.credit_memos import create_credit_memo
from simulators.erp.netsuite.customers import create_customer
from simulators.erp.netsuite.dialect import invalid_content, not_found
from simulators.erp.netsuite.invoices import create_invoice
from simulators.erp.netsuite.query_tables import tables_of
from simulators.erp.netsuite.sales_orders import upsert_sales_order
from simulators.erp.netsuite.suiteql import select
from simulators.erp.netsuite.token_endpoint import answer_token_request
from simulators.erp.tokens import AccessTokens
from simulators.http.exact_json import MalformedJsonError
from simulators.http.exchange import Call, Handler, Operation, Refusal, Reply, json_reply

SERVICES = "/services/rest"
TOKEN = SERVICES + "/auth/oauth2/v1/token"
RECORD = SERVICES + "/record/v1"
SUITEQL = SERVICES + "/query/v1/suiteql"
PAGE_SIZE_MAX = 1_000

Create: TypeAlias = Callable[[AccountBooks, Call], tuple[Record, list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSuiteApi:
    """Handlers over the books of one account."""

    books: AccountBooks
    key: TrustedKey
    tokens: AccessTokens

    def operations(self) -> list[Operation]:
        token = Operation(name="token", method="POST", path=TOKEN, handler=self._token, protected=False)
        reads: dict[str, tuple[str, str, Handler]] = {
            "query": ("POST", SUITEQL, self._query),
            "get_customer": ("GET", RECORD + "/customer/{key}", self._get_customer),
            "get_invoice": ("GET", RECORD + "/invoice/{key}", partial(self._get_document, self.books.invoices)),
            "get_credit_memo": (
                "GET",
                RECORD + "/creditMemo/{key}",
                partial(self._get_document, self.books.credit_memos),
            ),
            "get_sales_order": (
                "GET",
                RECORD + "/salesOrder/{key}",
                partial(self._get_document, self.books.sales_orders),
            ),
            "get_accounting_period": ("GET", RECORD + "/accountingPeriod/{key}", self._get_accounting_period),
        }
        writes: dict[str, tuple[str, str, Handler]] = {
            "create_customer": ("POST", RECORD + "/customer", self._create_customer),
            "create_invoice": ("POST", RECORD + "/invoice", partial(self._create_document, create_invoice)),
            "upsert_sales_order": ("PUT", RECORD + "/salesOrder/{key}", self._upsert_sales_order),
            "create_credit_memo": ("POST", RECORD + "/creditMemo", partial(self._create_document, create_credit_memo)),
        }
        return [token, *_operations(reads, writes=False), *_operations(writes, writes=True)]

    def _token(self, call: Call) -> Reply:
        return answer_token_request(call, key=self.key, tokens=self.tokens)

    def _query(self, call: Call) -> Reply:
        if call.headers.get("prefer", "").lower() != "transient":
            raise Refusal(400, "INVALID_HEADER", "The header Prefer: transient is required.")
        query = call.json_object().get("q")
        if not isinstance(query, str):
            raise MalformedJsonError("q must hold the query")
        rows = select(query, tables_of(self.books))
        limit, offset = _page(call, "limit", PAGE_SIZE_MAX), _page(call, "offset", 0)
        if limit > PAGE_SIZE_MAX:
            raise invalid_content(f"A page has at most {PAGE_SIZE_MAX} rows.")
        page = rows[offset : offset + limit]
        body = {
            "links": [],
            "count": len(page),
            "hasMore": offset + limit < len(rows),
            "items": [{"links": [], **row} for row in page],
            "offset": offset,
            "totalResults": len(rows),
        }
        return json_reply(200, body)

    def _create_customer(self, call: Call) -> Reply:
        _only_synchronous(call)
        return _created(call, *create_customer(self.books, call))

    def _create_document(self, create: Create, call: Call) -> Reply:
        _only_synchronous(call)
        return _created(call, *create(self.books, call))

    def _upsert_sales_order(self, call: Call) -> Reply:
        _only_synchronous(call)
        order, warnings = upsert_sales_order(self.books, call)
        return _created(call, order, warnings, under=call.address.rpartition("/")[0])

    def _get_customer(self, call: Call) -> Reply:
        return _shown(call, self.books.customers.get(call.path["key"]))

    def _get_document(self, records: RecordStore, call: Call) -> Reply:
        document = records.get(call.path["key"])
        sublist: Record = {"links": []}
        if call.query.get("expandSubResources", "").lower() == "true":
            sublist = {"items": document["_items"], "totalResults": len(document["_items"])}
        return _shown(call, document | {"item": sublist})

    def _get_accounting_period(self, call: Call) -> Reply:
        period = self.books.periods.get(call.path["key"])
        if period is None:
            raise not_found()
        record: Record = {
            "id": period.period_id,
            "periodName": period.name,
            "startDate": period.start.isoformat(),
            "endDate": period.end.isoformat(),
            "closed": period.closed,
            "allLocked": period.closed,
            "arLocked": period.closed or period.ar_locked,
            "isQuarter": period.is_quarter,
            "isYear": period.is_year,
            "isPosting": period.is_base,
            "isAdjust": False,
            "isInactive": False,
        }
        return _shown(call, record)


def _operations(entries: dict[str, tuple[str, str, Handler]], *, writes: bool) -> list[Operation]:
    return [
        Operation(name=name, method=method, path=path, handler=handler, writes=writes)
        for name, (method, path, handler) in entries.items()
    ]


def _only_synchronous(call: Call) -> None:
    if "respond-async" in call.headers.get("prefer", ""):
        raise Refusal(501, "NOT_SIMULATED", "This simulator has no asynchronous jobs.", path="Prefer")


def _page(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdecimal():
        raise invalid_content(f"{name} must be a number.")
    return int(text)


def _created(call: Call, record: Record, warnings: list[str], *, under: str = "") -> Reply:
    """Answer 204 without a body: the id is in Location only, by default under the address that was called."""
    headers = {"Location": f"{under or call.address}/{record['id']}"}
    if warnings:
        headers["Warning"] = f'199 - "Unknown property names: {", ".join(warnings)}"'
    return Reply(status=204, headers=headers)


def _shown(call: Call, record: Record) -> Reply:
    visible = {name: value for name, value in record.items() if not name.startswith("_")}
    return json_reply(200, {"links": [{"rel": "self", "href": call.address}], **visible})
