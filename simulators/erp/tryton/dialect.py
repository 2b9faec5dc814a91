"""How Tryton refuses: over REST a message without any code, else a page of its web server; over JSON-RPC with 200."""

from http import HTTPStatus

from simulators.erp.tryton import values
from simulators.http.exchange import Refusal, Reply

BODY_BYTES_MAX = 2 * 1024 * 1024
MESSAGE = "message"  # the code of what a person would see; what has none is a page


class TrytonDialect:
    """The shapes of REST (port Dialect)."""

    body_bytes_max = BODY_BYTES_MAX

    def refused(self, refusal: Refusal) -> Reply:
        if not refusal.code:
            return _page(refusal)
        body = {"status": refusal.status, "message": refusal.text, "description": ""}
        return Reply(status=refusal.status, body=values.dumps(body))

    def malformed(self, text: str) -> Refusal:
        del text
        return Refusal(400, "", "Unable to read JSON request")

    def unauthorized(self) -> Refusal:
        return Refusal(401, "", "The server could not verify that you are authorized to access the URL requested.")

    def throttled(self, *, times_before: int) -> Refusal:
        """Return what is left after Tryton's own attempts to get a lock; it says nothing of when to come again."""
        del times_before
        return Refusal(503, "", 'could not obtain lock on row in relation "ir_sequence_strict"')

    def server_error(self) -> Refusal:
        return Refusal(500, "", "The server encountered an internal error.")

    def timed_out(self) -> Refusal:
        return Refusal(408, "", "The server closed the network connection.")


class RpcDialect(TrytonDialect):
    """JSON-RPC answers what a person would see with status 200."""

    def refused(self, refusal: Refusal) -> Reply:
        if not refusal.code:
            return _page(refusal)
        return Reply(status=200, body=values.dumps({"id": 1, "error": ["UserError", [refusal.text, "", None]]}))


def message(text: str) -> Refusal:
    return Refusal(400, MESSAGE, text)


def not_found() -> Refusal:
    return Refusal(404, "", "The requested URL was not found on the server.")


def forbidden() -> Refusal:
    return Refusal(403, "", "You don't have the permission to access the requested resource.")


def _page(refusal: Refusal) -> Reply:
    title = f"{refusal.status} {HTTPStatus(refusal.status).phrase}"
    body = f"<!doctype html>\n<html lang=en>\n<title>{title}</title>\n<h1>{title}</h1>\n<p>{refusal.text}</p>\n"
    return Reply(status=refusal.status, body=body.encode(), media_type="text/html; charset=utf-8")
