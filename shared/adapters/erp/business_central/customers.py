"""Customers of a company, ours by their number, which is unique."""

from shared.adapters.erp.business_central.company import (
    Company,
    Row,
    after_failure,
    before_the_document,
    filtered,
    text,
)
from shared.adapters.erp.business_central.documents import customer_fields
from shared.adapters.erp.customer_key import customer_key
from shared.adapters.http.transport import Reply
from shared.domain.posting.document import PostingParty
from shared.domain.posting.outcome import AuthFailed, Duplicate, LookupFailed, Rejected, Throttled
from shared.domain.posting.readings import CustomerReading


def ensure_customer(company: Company, party: PostingParty) -> Throttled | AuthFailed | Rejected | None:
    """Have the customer there, before any document that names it; return what keeps it from being there."""
    number = customer_key(party.customer_id)
    found = company.rows(filtered("customers", f"number eq {text(number)}"))
    if found and not isinstance(found, LookupFailed):
        return None
    # Also after a look-up without an answer: the number is unique, and the reply tells what is wrong.
    result = company.call("POST", "customers", body=customer_fields(party, number))
    if isinstance(result, Reply) and result.succeeded:
        return None
    refusal = after_failure(result)
    match refusal:
        case Duplicate():
            return None  # somebody else was faster
        case Rejected():
            return refusal
        case _:
            return before_the_document(result)


def readings(company: Company, party: PostingParty) -> tuple[CustomerReading, ...] | LookupFailed:
    """Return the customers with our number, the tax id or the name: one look-up each, for OData has no "or" here."""
    number = customer_key(party.customer_id)
    wanted = {"number": number, "taxRegistrationNumber": party.tax_id, "displayName": party.name}
    by_number: dict[str, CustomerReading] = {}
    for name, value in wanted.items():
        found = company.rows(filtered("customers", f"{name} eq {text(value)}")) if value else []
        if isinstance(found, LookupFailed):
            return found
        by_number |= {str(row.get("number")): _reading(row, number) for row in found}
    return tuple(by_number.values())


def _reading(row: Row, number: str) -> CustomerReading:
    return CustomerReading(
        key=str(row.get("number", "")),
        name=str(row.get("displayName", "")),
        country=str(row.get("country", "")),
        tax_id=str(row.get("taxRegistrationNumber", "")),
        email=str(row.get("email", "")),
        linked=row.get("number") == number,
        blocked=str(row.get("blocked", "")).strip() in {"Invoice", "All"},
    )
