"""The addresses of SuiteTalk REST that this simulator serves beside its records: tokens, queries, limits and jobs."""

from dataclasses import dataclass
from typing import Final

from simulators.erp.netsuite.books import AccountBooks
from simulators.erp.netsuite.client_assertion import TrustedKey
from simulators.erp.netsuite.dialect import NetSuiteDialect, invalid_content
from simulators.erp.netsuite.jobs import JobQueue
from simulators.erp.netsuite.jobs_api import JobsApi
from simulators.erp.netsuite.query_tables import tables_of
from simulators.erp.netsuite.record_api import RecordApi
from simulators.erp.netsuite.suiteql import select
from simulators.erp.netsuite.token_endpoint import answer_token_request
from simulators.erp.tokens import AccessTokens
from simulators.http.exact_json import MalformedJsonError
from simulators.http.exchange import Call, Handler, Operation, Refusal, Reply, json_reply
from simulators.http.limits import CallLimits

SERVICES: Final = "/services/rest"
TOKEN: Final = SERVICES + "/auth/oauth2/v1/token"
RECORD: Final = SERVICES + "/record/v1"
SUITEQL: Final = SERVICES + "/query/v1/suiteql"
JOB: Final = SERVICES + "/async/v1/job/{job}"
PAGE_SIZE_MAX: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSuiteApi:
    """Handlers over the books of one account."""

    books: AccountBooks
    key: TrustedKey
    tokens: AccessTokens
    queue: JobQueue
    limits: CallLimits
    is_administrator: bool

    def operations(self) -> list[Operation]:
        jobs = JobsApi(self.queue, NetSuiteDialect(), SERVICES)
        token = Operation(name="token", method="POST", path=TOKEN, handler=self._token, protected=False)
        reads: dict[str, tuple[str, str, Handler]] = {
            "query": ("POST", SUITEQL, self._query),
            "get_limits": ("GET", SERVICES + "/system/v1/governanceLimits", self._governance_limits),
            "get_job": ("GET", JOB, jobs.get_job),
            "get_tasks": ("GET", JOB + "/task", jobs.get_tasks),
            "get_task": ("GET", JOB + "/task/{task}", jobs.get_task),
            "get_result": ("GET", JOB + "/task/{task}/result", jobs.get_result),
        }
        others = [
            Operation(name=name, method=method, path=path, handler=handler)
            for name, (method, path, handler) in reads.items()
        ]
        return [token, *others, *RecordApi(books=self.books, jobs=jobs, root=RECORD).operations()]

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

    def _governance_limits(self, call: Call) -> Reply:
        del call
        if not self.is_administrator:
            raise Refusal(403, "INSUFFICIENT_PERMISSION", "Only an administrator may see these limits.")
        return json_reply(200, {"accountConcurrencyLimit": self.limits.at_once, "links": []})


def _page(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdecimal():
        raise invalid_content(f"{name} must be a number.")
    return int(text)
