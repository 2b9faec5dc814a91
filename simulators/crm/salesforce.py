"""Salesforce's REST API as far as upserts by an external id go: token, PATCH, and the errors in Salesforce's shape.

Followed: 201 for a new record, 204 for one that was there, 300 where several have the id, 400 INVALID_FIELD for a
field that the object lacks, 404 NOT_FOUND for an object or external id field that is not there, 401 INVALID_SESSION_ID,
403 REQUEST_LIMIT_EXCEEDED, errors as a list. Inferred: 200 is not used. Never compared with Salesforce itself.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from simulators.erp.tokens import AccessTokens
from simulators.http.exchange import Call, Operation, Refusal, Reply, json_reply
from simulators.http.faults import NO_FAULTS, FaultInjector, FaultPlan
from simulators.http.front_door import FrontDoor
from simulators.http.web import make_app

BODY_BYTES_MAX = 6 * 1024 * 1024
_FIELDS = {"Customer__c", "Contract__c", "Subscription__c", "Effective_At__c", "Status__c"}


class SalesforceDialect:
    """The error shapes of the REST API (port Dialect)."""

    body_bytes_max = BODY_BYTES_MAX

    def refused(self, refusal: Refusal) -> Reply:
        return json_reply(refusal.status, [{"message": refusal.text, "errorCode": refusal.code}])

    def malformed(self, text: str) -> Refusal:
        return Refusal(400, "JSON_PARSER_ERROR", text)

    def unauthorized(self) -> Refusal:
        return Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def throttled(self, *, times_before: int) -> Refusal:
        del times_before
        return Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")

    def server_error(self) -> Refusal:
        return Refusal(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.")

    def timed_out(self) -> Refusal:
        return Refusal(408, "REQUEST_TIMEOUT", "The request took too long.")


class SalesforceSimulator:
    """One organisation with the object Billing_Amendment__c. `now` is the only clock."""

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        now: Callable[[], datetime],
        faults: FaultPlan = NO_FAULTS,
    ) -> None:
        self.faults = FaultInjector(faults)
        self.doubled: set[str] = set()  # ids that several records have
        self._client = client_id, client_secret
        self._records: dict[str, dict[str, Any]] = {}
        self._told: list[tuple[str, str]] = []
        self._tokens = AccessTokens(lifetime=timedelta(hours=2))
        self._door = FrontDoor(dialect=SalesforceDialect(), credentials=self._tokens, faults=self.faults, now=now)
        self.app = make_app(door=self._door, operations=self._operations(), inspection=[])

    def records(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the records by their external id."""
        with self._door.settled():
            return {name: dict(record) for name, record in self._records.items()}

    def told(self) -> tuple[tuple[str, str], ...]:
        """Return each id and status that was written, in their order."""
        with self._door.settled():
            return tuple(self._told)

    def _operations(self) -> list[Operation]:
        return [
            Operation(name="token", method="POST", path="/services/oauth2/token", handler=self._token, protected=False),
            Operation(
                name="upsert",
                method="PATCH",
                path="/services/data/{version}/sobjects/{object}/{field}/{name}",
                handler=self._upsert,
                writes=True,
            ),
        ]

    def _token(self, call: Call) -> Reply:
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if form.get("grant_type") != "client_credentials":
            return json_reply(400, {"error": "unsupported_grant_type", "error_description": "grant type not supported"})
        if (form.get("client_id"), form.get("client_secret")) != self._client:
            return json_reply(400, {"error": "invalid_client", "error_description": "invalid client credentials"})
        token = self._tokens.issue(client_id=self._client[0], now=call.arrived_at)
        return json_reply(200, {"access_token": token, "token_type": "Bearer", "scope": "api"})

    def _upsert(self, call: Call) -> Reply:
        if (call.path["object"], call.path["field"]) != ("Billing_Amendment__c", "Request_Id__c"):
            raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
        name, body = call.path["name"], call.json_object()
        if name in self.doubled:
            return json_reply(300, [f"/services/data/v62.0/sobjects/Billing_Amendment__c/a0{n}" for n in (1, 2)])
        if unknown := sorted(set(body) - _FIELDS):
            raise Refusal(
                400, "INVALID_FIELD", f"No such column '{unknown[0]}' on sobject of type Billing_Amendment__c"
            )
        is_new = name not in self._records
        self._records[name] = self._records.get(name, {}) | body
        self._told.append((name, str(body.get("Status__c", ""))))
        if is_new:
            return json_reply(201, {"id": f"a0{len(self._records)}", "success": True, "errors": [], "created": True})
        return Reply(status=204)
