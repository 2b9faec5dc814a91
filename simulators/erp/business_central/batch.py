"""$batch: up to 100 requests in one, in their order; with `Isolation: snapshot` all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from starlette.routing import compile_path

from simulators.erp.business_central.companies import API, Companies
from simulators.erp.business_central.dialect import BusinessCentralDialect, bad_request, not_found
from simulators.erp.business_central.snapshot import restore, snapshot
from simulators.http import exact_json
from simulators.http.exact_json import MalformedJsonError
from simulators.http.exchange import Call, Operation, Refusal, Reply, json_reply

REQUESTS_MAX: Final = 100
FIRST_REFUSAL: Final = 400


@dataclass(frozen=True, slots=True)
class BatchApi:
    """Sends each request of a batch to the operation that would have answered it alone."""

    companies: Companies
    dialect: BusinessCentralDialect
    operations: Sequence[Operation]

    def operation(self) -> Operation:
        return Operation(name="batch", method="POST", path=API + "/$batch", handler=self._answer, writes=True)

    def _answer(self, call: Call) -> Reply:
        requests = call.json_object().get("requests")
        if not isinstance(requests, list) or not 0 < len(requests) <= REQUESTS_MAX:
            raise bad_request(f"A batch has 1 to {REQUESTS_MAX} requests.")
        is_one = call.headers.get("isolation", "").lower() == "snapshot"
        goes_on = "continue-on-error" in call.headers.get("prefer", "")
        before = snapshot(self.companies.books.values()) if is_one else None
        answers: list[dict[str, Any]] = []
        for request in requests:
            reply = self._one(call, request)
            answers.append(_shown(request, reply))
            if reply.status >= FIRST_REFUSAL:
                if before is not None:
                    restore(before)
                if before is not None or not goes_on:
                    break
        return json_reply(200, {"responses": answers})

    def _one(self, call: Call, request: dict[str, Any]) -> Reply:
        try:
            operation, path, query = self._operation(call, request)
            headers = {str(name).lower(): str(value) for name, value in request.get("headers", {}).items()}
            body = exact_json.dumps(request["body"]) if "body" in request else b""
            inner = replace(call, method=operation.method, path=path, query=query, headers=headers, body=body)
            return operation.handler(inner)
        except MalformedJsonError as error:
            return self.dialect.refused(self.dialect.malformed(str(error)))
        except Refusal as refusal:
            return self.dialect.refused(refusal)

    def _operation(self, call: Call, request: dict[str, Any]) -> tuple[Operation, dict[str, str], dict[str, str]]:
        url = urlsplit(str(request.get("url", "")))
        place = {name: call.path[name] for name in ("tenant", "environment")}
        address = f"{API.format(**place)}/{url.path.lstrip('/')}"
        for operation in self.operations:
            pattern, _, _ = compile_path(operation.path)
            found = pattern.match(address)
            if found and operation.method == str(request.get("method", "")).upper():
                return operation, found.groupdict(), dict(parse_qsl(url.query))
        raise not_found(f"The resource {url.path}")


def _shown(request: dict[str, Any], reply: Reply) -> dict[str, Any]:
    answer: dict[str, Any] = {"id": request.get("id"), "status": reply.status, "headers": dict(reply.headers)}
    return answer | ({"body": exact_json.loads(reply.body)} if reply.body else {})
