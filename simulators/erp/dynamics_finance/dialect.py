"""How Dynamics 365 Finance words its refusals: prose in an inner error, and 500 where a business rule says no."""

from simulators.http.exchange import Refusal, Reply, json_reply
from simulators.http.front_door import RETRY_AFTER_SECONDS

BODY_BYTES_MAX = 256 * 1024 * 1024
VALIDATION = "Microsoft.Dynamics.Platform.Integration.Services.OData.ODataArgumentException"
BUSINESS = "System.InvalidOperationException"
NO_ROUTE = "no route"  # said before the service is reached, so in no error of the service's own
TOO_MANY_REQUESTS = 429
UNAUTHORIZED = 401


class DynamicsFinanceDialect:
    """The error shapes of the OData service (port Dialect)."""

    body_bytes_max = BODY_BYTES_MAX

    def refused(self, refusal: Refusal) -> Reply:
        if refusal.status == UNAUTHORIZED:
            return Reply(status=UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
        busy = refusal.status == TOO_MANY_REQUESTS
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if busy else {}
        body = {"Message": refusal.text} if refusal.code == NO_ROUTE else error_body(refusal)
        answer = json_reply(refusal.status, body)
        return Reply(status=answer.status, body=answer.body, headers=headers)

    def malformed(self, text: str) -> Refusal:
        return bad_request(f"The payload cannot be read: {text}")

    def unauthorized(self) -> Refusal:
        return Refusal(UNAUTHORIZED, "", "")

    def throttled(self, *, times_before: int) -> Refusal:
        del times_before
        return Refusal(TOO_MANY_REQUESTS, "", "This request was refused because the server is short of resources.")

    def server_error(self) -> Refusal:
        return Refusal(500, "System.TimeoutException", "The transaction was rolled back.")

    def timed_out(self) -> Refusal:
        return Refusal(408, "", "The request took too long.")


def error_body(refusal: Refusal) -> dict[str, object]:
    inner = {"message": refusal.text, "type": refusal.code, "stacktrace": ""}
    return {"error": {"code": "", "message": "An error has occurred.", "innererror": inner}}


def bad_request(text: str) -> Refusal:
    """Return the refusal of a request that names something this interface does not have."""
    return Refusal(400, VALIDATION, text)


def not_found(what: str) -> Refusal:
    return Refusal(404, VALIDATION, f"No resource found for {what}.")


def no_route(address: str) -> Refusal:
    """Return the refusal of an address that leads to no part of the service."""
    text = f"No HTTP resource was found that matches the request URI '{address}'."
    return Refusal(404, NO_ROUTE, f"{text} No route data was found for this request.")


def unknown_value(entity: str, field: str, value: str) -> Refusal:
    """Return the refusal of a value that must name a record of another table and does not."""
    return write_failed(
        entity, f"The value '{value}' in field '{field}' is not found in the related table.", status=400
    )


def already_exists(entity: str, key: str) -> Refusal:
    return write_failed(entity, f"Cannot create a record in {entity}. {key}. The record already exists.", status=400)


def write_failed(entity: str, text: str, *, status: int = 500) -> Refusal:
    """Return the refusal of a rule of the business, which comes as a failure of the server."""
    return Refusal(status, BUSINESS, f"Write failed for table row of type '{entity}'. Infolog: Error: {text}")
