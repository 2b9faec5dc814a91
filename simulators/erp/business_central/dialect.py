"""How Business Central words its refusals: a code, and a message with a CorrelationId in the user's language."""

from uuid import NAMESPACE_URL, uuid5

from simulators.http.exchange import Refusal, Reply, json_reply

OUTSIDE_OF_WINDOW = "Posting Date is not within your range of allowed posting dates."
NOTHING_TO_POST = "There is nothing to post."
TRANSLATIONS = {
    "de-DE": {
        OUTSIDE_OF_WINDOW: "Das Buchungsdatum liegt nicht im Bereich der zugelassenen Buchungsdaten.",
        NOTHING_TO_POST: "Es gibt nichts zu buchen.",
    }
}
BODY_BYTES_MAX = 350 * 1024 * 1024


class BusinessCentralDialect:
    """The error shapes of API v2.0 (port Dialect)."""

    body_bytes_max = BODY_BYTES_MAX

    def __init__(self, language: str = "en-US") -> None:
        self._refused = 0
        self.language = language

    def refused(self, refusal: Refusal) -> Reply:
        self._refused += 1
        correlation_id = uuid5(NAMESPACE_URL, f"correlation:{self._refused}")
        text = TRANSLATIONS.get(self.language, {}).get(refusal.text, refusal.text)
        message = f"{text}  CorrelationId:  {correlation_id}."
        return json_reply(refusal.status, {"error": {"code": refusal.code, "message": message}})

    def malformed(self, text: str) -> Refusal:
        return bad_request(f"Cannot read the payload: {text}")

    def unauthorized(self) -> Refusal:
        return Refusal(401, "Authentication_InvalidCredentials", "The server has rejected the client credentials.")

    def throttled(self, *, times_before: int) -> Refusal:
        del times_before
        return Refusal(429, "Application_TooManyRequests", "Too many requests reached. Actual (6001). Maximum (6000).")

    def server_error(self) -> Refusal:
        return Refusal(500, "Internal_ServerError", "An internal server error occurred.")

    def timed_out(self) -> Refusal:
        return Refusal(408, "Application_OperationTimeout", "The operation exceeded the time it may take.")


def bad_request(text: str) -> Refusal:
    return Refusal(400, "BadRequest", text)


def unknown_reference(field: str, value: str, table: str) -> Refusal:
    """Return the refusal of a value that must name a record of another table and does not."""
    text = f"The field {field} contains a value ({value}) that cannot be found in the related table ({table})."
    return Refusal(400, "Internal_InvalidTableRelation", text)


def not_found(what: str) -> Refusal:
    return Refusal(404, "Internal_RecordNotFound", f"{what} does not exist.")


def business_rule(text: str) -> Refusal:
    return Refusal(400, "Application_DialogException", text)


def field_invalid(text: str) -> Refusal:
    return Refusal(400, "Application_FieldValidationException", text)


def too_long(field: str, width: int) -> Refusal:
    return Refusal(400, "Application_StringExceededLength", f"The length of {field} exceeds {width} characters.")
