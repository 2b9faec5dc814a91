"""How AvaTax words its refusals: an error with a code, and details that say whose fault it is."""

from simulators.http.exchange import Refusal, Reply, json_reply

BODY_BYTES_MAX = 16 * 1024 * 1024
RETRY_AFTER_SECONDS = 7


class AvaTaxDialect:
    """The error shapes of REST v2 (port Dialect). That a 429 comes with Retry-After is inferred."""

    body_bytes_max = BODY_BYTES_MAX

    def refused(self, refusal: Refusal) -> Reply:
        detail = {
            "code": refusal.code,
            "message": refusal.text,
            "description": refusal.text,
            "faultCode": "Client" if refusal.status < 500 else "Server",  # noqa: PLR2004 - the class of failures
            "helpLink": f"http://developer.avalara.com/avatax/errors/{refusal.code}",
            "severity": "Error",
        }
        error = {"code": refusal.code, "message": refusal.text, "target": "Unknown", "details": [detail]}
        reply = json_reply(refusal.status, {"error": error})
        if refusal.status != 429:  # noqa: PLR2004 - too many requests
            return reply
        return Reply(status=429, body=reply.body, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})

    def malformed(self, text: str) -> Refusal:
        return Refusal(400, "JsonFormatError", f"The request body did not contain valid JSON: {text}")

    def unauthorized(self) -> Refusal:
        return Refusal(401, "AuthenticationException", "Authentication failed.")

    def throttled(self, *, times_before: int) -> Refusal:
        del times_before
        return Refusal(429, "TooManyRequests", "Too many requests.")

    def server_error(self) -> Refusal:
        return Refusal(500, "ServerUnreachable", "One of the servers is unreachable.")

    def timed_out(self) -> Refusal:
        return Refusal(408, "TimeoutRequested", "The request took too long.")


def refuse(code: str, text: str, *, status: int = 400) -> Refusal:
    return Refusal(status, code, text)
