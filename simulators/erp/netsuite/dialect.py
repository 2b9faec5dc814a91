"""How NetSuite words its refusals: o:errorDetails with a code and, where one field is to blame, its path."""

from simulators.http.exchange import Refusal, Reply, json_reply

BODY_BYTES_MAX = 104 * 1024 * 1024
ERROR_TYPE = "application/vnd.oracle.resource+json; type=error"
TITLES = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 413: "Payload Too Large", 429: "Too Many Requests"}


class NetSuiteDialect:
    """The error shapes of SuiteTalk REST (port Dialect)."""

    body_bytes_max = BODY_BYTES_MAX

    def refused(self, refusal: Refusal) -> Reply:
        detail = {
            "detail": refusal.text,
            "o:errorCode": refusal.code,
            "o:errorPath": refusal.path,
            "o:errorQueryParam": None,
            "o:errorHeader": None,
            "o:errorUrl": None,
        }
        body = {
            "type": f"https://www.rfc-editor.org/rfc/rfc9110.html#status-{refusal.status}",
            "title": TITLES.get(refusal.status, "Error"),
            "status": refusal.status,
            "o:errorDetails": [detail],
        }
        return json_reply(refusal.status, body, media_type=ERROR_TYPE)

    def malformed(self, text: str) -> Refusal:
        return invalid_content(f"Invalid content in the request body. {text}")

    def unauthorized(self) -> Refusal:
        return Refusal(401, "INVALID_LOGIN", "Invalid login attempt. For more details, see the Login Audit Trail.")

    def throttled(self, *, times_before: int) -> Refusal:
        """Return the refusal with either status that has been seen in the wild, in turn; neither says when to retry."""
        status = 400 if times_before % 2 else 429
        return Refusal(status, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked.")

    def server_error(self) -> Refusal:
        return Refusal(500, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: simulated")

    def timed_out(self) -> Refusal:
        return Refusal(408, "UNEXPECTED_ERROR", "The request took longer than it may.")


def invalid_content(text: str, *, path: str | None = None) -> Refusal:
    return Refusal(400, "INVALID_CONTENT", text, path=path)


def unknown_reference(path: str, value: object) -> Refusal:
    """Return the refusal of a reference to a record that does not exist or may not be used here."""
    return Refusal(400, "INVALID_KEY_OR_REF", f"Invalid reference key {value} for {path}.", path=path)


def business_rule(text: str, *, path: str | None = None) -> Refusal:
    return Refusal(400, "USER_ERROR", text, path=path)


def duplicate(external_id: str) -> Refusal:
    """Return the refusal of a second record with one external id. Status and code of REST are not documented."""
    return Refusal(400, "DUP_RCRD", f"This record already exists: {external_id}.", path="externalId")


def not_found() -> Refusal:
    return Refusal(404, "NONEXISTENT_ID", "The record instance does not exist. Provide a valid record instance ID.")
