"""How Anrok words its refusals: conflicts by name, bad requests as a JSON text, too many requests as plain text."""

from simulators.http.exchange import Refusal, Reply, json_reply

BODY_BYTES_MAX = 16 * 1024 * 1024
RETRY_AFTER_SECONDS = 1


class AnrokDialect:
    """The error shapes of API 1.1 (port Dialect). The body of a 401 and of a 5xx is inferred."""

    body_bytes_max = BODY_BYTES_MAX

    def refused(self, refusal: Refusal) -> Reply:
        match refusal.status:
            case 409:
                return json_reply(409, {"type": refusal.code})
            case 429:
                headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
                return Reply(status=429, body=refusal.text.encode(), media_type="text/plain", headers=headers)
            case status:
                return json_reply(status, refusal.text)

    def malformed(self, text: str) -> Refusal:
        return bad_request(f"Request body: {text}")

    def unauthorized(self) -> Refusal:
        return Refusal(401, "", "The API key is not valid.")

    def throttled(self, *, times_before: int) -> Refusal:
        del times_before
        return Refusal(429, "", "You've exceeded your API limit of 10 per second")

    def server_error(self) -> Refusal:
        return Refusal(500, "", "Internal server error")

    def timed_out(self) -> Refusal:
        return Refusal(408, "", "Request timeout")


def conflict(name: str) -> Refusal:
    return Refusal(409, name, name)


def bad_request(text: str) -> Refusal:
    return Refusal(400, "", text)
