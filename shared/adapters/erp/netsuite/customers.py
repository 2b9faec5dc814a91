"""Customers in NetSuite: one record for each pair of subsidiary and currency that a customer of ours is invoiced in."""

from http import HTTPStatus
from typing import Final

from shared.adapters.erp.customer_key import customer_key
from shared.adapters.erp.netsuite.errors import after_failed_call, before_the_document, is_absent
from shared.adapters.erp.session import ErpSession
from shared.adapters.http.transport import Reply
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.document import PostingParty
from shared.domain.posting.outcome import AuthFailed, Duplicate, Rejected, Throttled

# A name that NetSuite does not know is only a warning by default: a mistyped amount would be left out.
STRICT: Final = {"X-NetSuite-PropertyNameValidation": "Error"}
_CUSTOMER = "/record/v1/customer"


def customer_external_id(party: PostingParty, currency: str, entity: LegalEntity) -> str:
    """Return our key of the customer record that a document in this currency can name: "ACME_2_EUR"."""
    return f"{customer_key(party.customer_id)}_{entity.erp.company}_{currency}"


def ensure_customer(
    session: ErpSession, party: PostingParty, currency: str, entity: LegalEntity
) -> Throttled | AuthFailed | Rejected | None:
    """Have the customer record there, before any document that names it; return what keeps it from being there."""
    found = session.call("GET", f"{_CUSTOMER}/eid:{customer_external_id(party, currency, entity)}")
    if isinstance(found, Reply) and found.status == HTTPStatus.OK:
        return None
    if not isinstance(found, Reply) or not is_absent(found):
        return before_the_document(found)
    result = session.call("POST", _CUSTOMER, body=_fields(party, currency, entity), headers=STRICT)
    if isinstance(result, Reply) and result.succeeded:
        return None
    if isinstance(after_failed_call(result), Duplicate):
        return None  # somebody else was faster
    return before_the_document(result)


def _fields(party: PostingParty, currency: str, entity: LegalEntity) -> dict[str, object]:
    optional = {"email": party.email, "vatRegNumber": party.tax_id}
    given = {name: text for name, text in optional.items() if text}
    return {
        "externalId": customer_external_id(party, currency, entity),
        "isPerson": False,
        "companyName": party.name,
        "subsidiary": {"id": entity.erp.company},
        "currency": {"id": entity.erp.currencies[currency]},
        **given,
    }
