"""How SAP words its refusals: an OData V2 error with a transaction id, and a soap:Fault where SOAP is spoken."""

from simulators.erp.sap_s4hana.soap import fault_xml
from simulators.http.exchange import Refusal, Reply, json_reply

BODY_BYTES_MAX = 10 * 1024 * 1024
UNAUTHORIZED_PAGE = b"<html><head><title>Logon failed</title></head><body><h1>401 Unauthorized</h1></body></html>"
THROTTLED = (429, 503)


class _Dialect:
    body_bytes_max = BODY_BYTES_MAX

    def unauthorized(self) -> Refusal:
        return Refusal(401, "LOGON", "Logon failed")

    def throttled(self, *, times_before: int) -> Refusal:
        del times_before
        return Refusal(429, "TOO_MANY_REQUESTS", "Too many requests")

    def server_error(self) -> Refusal:
        return Refusal(500, "SY/530", "An internal server error occurred")

    def timed_out(self) -> Refusal:
        return Refusal(408, "TIMEOUT", "The request took too long")


class ODataDialect(_Dialect):
    """The error shape of OData V2 services (port Dialect)."""

    def __init__(self) -> None:
        self._refused = 0

    def refused(self, refusal: Refusal) -> Reply:
        if refusal.status == 401:  # noqa: PLR2004 - unauthorized
            return _unauthorized()
        self._refused += 1
        inner = {
            "transactionid": f"{self._refused:032X}",
            "errordetails": [{"code": refusal.code, "message": refusal.text, "severity": "error"}],
        }
        message = {"lang": "en", "value": refusal.text}
        return json_reply(refusal.status, {"error": {"code": refusal.code, "message": message, "innererror": inner}})

    def malformed(self, text: str) -> Refusal:
        return bad_request(f"Malformed payload: {text}")


class SoapDialect(_Dialect):
    """Faults of the SOAP runtime (port Dialect): every one of them comes with status 500."""

    def refused(self, refusal: Refusal) -> Reply:
        if refusal.status == 401:  # noqa: PLR2004 - unauthorized
            return _unauthorized()
        if refusal.status in THROTTLED:
            return Reply(status=refusal.status, body=refusal.text.encode(), media_type="text/plain")
        status = 408 if refusal.code == "TIMEOUT" else 500
        return Reply(status=status, body=fault_xml(refusal.code, refusal.text), media_type="text/xml")

    def malformed(self, text: str) -> Refusal:
        return soap_fault(text)


def bad_request(text: str) -> Refusal:
    return Refusal(400, "/IWBEP/CM_MGW_RT/021", text)


def business_error(code: str, text: str) -> Refusal:
    """Return the refusal of an OData call by the application, with its own message class and number."""
    return Refusal(400, code, text)


def soap_fault(text: str) -> Refusal:
    return Refusal(500, "soap-env:Client", text)


def _unauthorized() -> Reply:
    headers = {"www-authenticate": 'Basic realm="SAP NetWeaver Application Server [U2C/100]"'}
    return Reply(status=401, body=UNAUTHORIZED_PAGE, media_type="text/html", headers=headers)
