"""How Fusion words its refusals: o:errorDetails in JSON, at most 1,000 characters, or a line of plain text.

The names AR_... of receivables are documented. No document says which codes a repeated number and a closed period
have: AR-SIM-... are of this simulator's making, so that nobody builds on them.
"""

from http import HTTPStatus

from simulators.http.exchange import Refusal, Reply, json_reply

BODY_BYTES_MAX = 340 * 1024 * 1024  # a ZIP of 250 MB in base64
ERROR_TEXT_MAX = 1_000
ERROR_TYPE = "application/vnd.oracle.adf.error+json"
MAINTENANCE = (
    b"<html><body><h1>Service Unavailable</h1>The application is down for scheduled maintenance.</body></html>"
)
PLAIN_TEXT = b"JBO-26061: Error while opening JDBC connection."


class FusionDialect:
    """The error shapes of Fusion's REST resources (port Dialect)."""

    body_bytes_max = BODY_BYTES_MAX

    def refused(self, refusal: Refusal) -> Reply:
        text = refusal.text[:ERROR_TEXT_MAX]
        if not refusal.code:
            return Reply(status=refusal.status, body=text.encode(), media_type="text/plain")
        path = {} if refusal.path is None else {"o:errorPath": refusal.path}
        body = {
            "title": HTTPStatus(refusal.status).phrase,
            "status": str(refusal.status),
            "detail": text,
            "o:errorCode": refusal.code,
            "o:errorDetails": [{"detail": text, "o:errorCode": refusal.code, **path}],
        }
        return json_reply(refusal.status, body, media_type=ERROR_TYPE)

    def malformed(self, text: str) -> Refusal:
        return Refusal(400, "27520", f"The request payload contains invalid JSON: {text}")

    def unauthorized(self) -> Refusal:
        return Refusal(401, "", "Unauthorized")

    def throttled(self, *, times_before: int) -> Refusal:
        del times_before
        return Refusal(429, "", "Too Many Requests")

    def server_error(self) -> Refusal:
        return Refusal(500, "29000", "Unexpected exception caught: java.lang.NullPointerException")

    def timed_out(self) -> Refusal:
        return Refusal(504, "", "The request ran for more than 300 seconds.")


def maintenance() -> Reply:
    return Reply(status=503, body=MAINTENANCE, media_type="text/html")


def plain_text_error() -> Reply:
    return Reply(status=400, body=PLAIN_TEXT, media_type="text/plain")


def bad_request(text: str, *, path: str | None = None) -> Refusal:
    return Refusal(400, "27000", text, path=path)


def not_found(what: str) -> Refusal:
    return Refusal(404, "27404", f"{what} does not exist.")


def receivables_error(code: str, text: str, *, path: str | None = None) -> Refusal:
    return Refusal(400, code, text, path=path)


def too_long(name: str, width: int) -> Refusal:
    return Refusal(400, "27024", f"The value of {name} has more than {width} characters.", path=f"/{name}")
