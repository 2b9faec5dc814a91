"""Customers: parties of Tryton, ours by their code, which Tryton keeps unique."""

from dataclasses import dataclass
from typing import Any, Final

from shared.adapters.erp.customer_key import customer_key
from shared.adapters.erp.reply_classes import before_any_write
from shared.adapters.erp.tryton.connection import UNREADABLE, Row, TrytonConnection, Unread, record_of
from shared.adapters.erp.tryton.errors import after_failure
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import CustomerId
from shared.domain.posting.document import PostingParty
from shared.domain.posting.outcome import AuthFailed, LookupFailed, Rejected, RejectionCode, Throttled
from shared.domain.posting.readings import CustomerReading

_MODEL: Final = "party.party"
_FIELDS: Final = ("code", "name", "active", "addresses", "identifiers.code", "email", "addresses.country.code")
# Tryton's search leaves out what is archived, unless the domain speaks of it; a code stays taken all the same.
_IN_USE_OR_NOT: Final = ("active", "in", (True, False))
_NOT_UNIQUE: Final = "The code on party must be unique"


@dataclass(frozen=True, slots=True)
class Customer:
    """A party as a document names it: with the address that the invoice goes to."""

    party: int
    address: int


def known_customer(connection: TrytonConnection, customer_id: CustomerId) -> Customer | Unread | Rejected | None:
    """Return a customer by its code; None where Tryton does not have it, not even archived."""
    domain = [_IN_USE_OR_NOT, ["code", "=", customer_key(customer_id)]]
    found = connection.rows(_MODEL, domain, ["code", "active", "addresses"])
    if isinstance(found, Unread):
        return found
    return _customer(found[0], customer_id) if found else None


def ensured_customer(connection: TrytonConnection, party: PostingParty) -> Customer | Rejected | Throttled | AuthFailed:
    """Return the customer; create it where a look-up does not find it."""
    found = known_customer(connection, party.customer_id)
    if isinstance(found, Unread):
        return found.for_document
    if found is not None:
        return found
    country = _country(connection, party)
    result = connection.rest("POST", _MODEL, body=_fields(party, country), fields=["addresses"])
    if isinstance(result, Reply) and result.succeeded:
        made = record_of(result)
        return Throttled() if made is None else _customer(made, party.customer_id)  # it is there: found the next time
    outcome = after_failure(result)
    if not isinstance(outcome, Rejected):
        return before_any_write(result)
    return Throttled() if _NOT_UNIQUE in outcome.text else outcome  # somebody else was faster: found the next time


def readings(connection: TrytonConnection, party: PostingParty) -> tuple[CustomerReading, ...] | LookupFailed:
    """Return the parties with our code, its tax id or its name, also those no longer in use."""
    alike: list[object] = [
        "OR",
        ["code", "=", customer_key(party.customer_id)],
        ["name", "ilike", _literal(party.name)],
    ]
    if party.tax_id:
        alike.append(["identifiers.code", "=", party.tax_id])
    found = connection.rows(_MODEL, [_IN_USE_OR_NOT, alike], _FIELDS)
    if isinstance(found, Unread):
        return found.failed
    try:
        return tuple(_reading(row, party) for row in found)
    except UNREADABLE as error:
        return LookupFailed(f"the parties cannot be read: {type(error).__name__}")


def _fields(party: PostingParty, country: int | None) -> dict[str, object]:
    address = {"country": country} if country else {}
    mail = [{"type": "email", "value": party.email}] if party.email else []
    # Without a type: Tryton asks the tax offices about a number of a type that it knows, and warns until they answer.
    tax_ids = [{"code": party.tax_id}] if party.tax_id else []
    return {
        "name": party.name,
        "code": customer_key(party.customer_id),
        "addresses": [["create", [address]]],
        "contact_mechanisms": [["create", mail]] if mail else [],
        "identifiers": [["create", tax_ids]] if tax_ids else [],
    }


def _country(connection: TrytonConnection, party: PostingParty) -> int | None:
    """Return the country where Tryton has it: its table is empty until somebody loads it, and nothing depends on it."""
    found = connection.rows("country.country", [["code", "=", party.country]], ["code"])
    return int(found[0]["id"]) if not isinstance(found, Unread) and found else None


def _customer(row: Row, customer_id: CustomerId) -> Customer | Rejected:
    if row.get("active") is False:
        key = customer_key(customer_id)
        text = f"the party {key} of customer {customer_id} is archived in Tryton: set it to active there"
        return Rejected.of(RejectionCode.CUSTOMER_BLOCKED, text)
    addresses = row.get("addresses")
    if not isinstance(addresses, list) or not addresses or not isinstance(addresses[0], int):
        text = f"the party of customer {customer_id} has no address to send an invoice to"
        return Rejected.of(RejectionCode.NO_ADDRESS, text)
    return Customer(int(row["id"]), addresses[0])


def _reading(row: Row, party: PostingParty) -> CustomerReading:
    tax_ids = [str(one.get("code")) for one in row.get("identifiers") or () if isinstance(one, dict)]
    return CustomerReading(
        key=str(row.get("code") or row["id"]),
        name=str(row.get("name") or ""),
        country=_country_code(row),
        tax_id=party.tax_id if party.tax_id in tax_ids else next(iter(tax_ids), ""),
        email=str(row.get("email") or ""),
        linked=row.get("code") == customer_key(party.customer_id),
        blocked=row.get("active") is False,
    )


def _country_code(row: Row) -> str:
    for address in row.get("addresses") or ():
        country: Any = address.get("country") if isinstance(address, dict) else None
        if isinstance(country, dict):
            return str(country.get("code") or "")
    return ""


def _literal(text: str) -> str:
    """Return a text that a pattern of Tryton's matches as it is, upper and lower case alike."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
