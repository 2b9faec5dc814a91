"""Calls to those who have subscribed: out of the simulator, to servers of this machine alone, and never for long."""

from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import urlencode, urlsplit

from simulators.erp.business_central.dialect import bad_request

LOOPBACK: Final = "127.0.0.1"
PATIENCE_SECONDS: Final = 2.0
MOST_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


def check_address(url: str) -> None:
    """Raise a Refusal for an address that is not on this machine; Business Central itself wants https."""
    try:
        address = urlsplit(url)
        is_here = address.scheme == "http" and address.hostname == LOOPBACK and address.port is not None
    except ValueError:
        is_here = False
    if not is_here:
        raise bad_request(f"notificationUrl: this simulator calls http://{LOOPBACK}:PORT alone.")


def validated(url: str, token: str) -> bool:
    """Tell whether who answers at the address sends the validation token back."""
    answer = post(f"{url}{'&' if urlsplit(url).query else '?'}{urlencode({'validationToken': token})}", b"")
    return answer == Answer(200, token.encode())


def post(url: str, body: bytes) -> Answer | None:
    """Post once, following no redirect; None where nobody answers in time."""
    address = urlsplit(url)
    connection = HTTPConnection(LOOPBACK, address.port, timeout=PATIENCE_SECONDS)
    try:
        target = f"{address.path or '/'}{'?' if address.query else ''}{address.query}"
        connection.request("POST", target, body=body, headers={"Content-Type": "application/json"})
        response = connection.getresponse()
        return Answer(response.status, response.read(MOST_BYTES))
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
