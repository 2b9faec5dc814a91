"""Customers in NetSuite: one record for each pair of subsidiary and currency that a customer of ours is invoiced in."""

from http import HTTPStatus
from typing import Final

from shared.adapters.erp.customer_key import customer_key
from shared.adapters.erp.netsuite.errors import after_failed_call, before_the_document, is_absent
from shared.adapters.erp.netsuite.queries import Row, Unread, all_rows, text
from shared.adapters.erp.session import ErpSession
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import CustomerId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.document import PostingParty
from shared.domain.posting.outcome import AuthFailed, Duplicate, LookupFailed, Rejected, Throttled
from shared.domain.posting.readings import CustomerReading

# A name that NetSuite does not know is only a warning by default: a mistyped amount would be left out.
STRICT: Final = {"X-NetSuite-PropertyNameValidation": "Error"}
_CUSTOMER = "/record/v1/customer"


def customer_external_id(party: PostingParty, currency: str, entity: LegalEntity) -> str:
    return external_id_of(party.customer_id, currency, entity)


def external_id_of(customer_id: CustomerId, currency: str, entity: LegalEntity) -> str:
    """Return our key of the customer record that a document in this currency can name: "ACME_2_EUR"."""
    return f"{_key(customer_id, entity)}{currency}"


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


def readings(
    session: ErpSession, party: PostingParty, entity: LegalEntity
) -> tuple[CustomerReading, ...] | LookupFailed:
    """Return the subsidiary's customers with our key, the tax id or the name, also inactive ones.

    The records that one customer of ours has in several currencies are one reading.
    """
    key = _key(party.customer_id, entity)
    alike = [f"externalid LIKE {text(key + '%')}", f"UPPER(companyname) = {text(party.name.upper())}"]
    if party.tax_id:
        alike.append(f"vatregnumber = {text(party.tax_id)}")
    found = all_rows(
        session,
        "SELECT id, externalid, companyname, email, vatregnumber, isinactive FROM customer"  # noqa: S608 - quoted
        f" WHERE subsidiary = {text(entity.erp.company)} AND ({' OR '.join(alike)}) ORDER BY id",
    )
    if isinstance(found, Unread):
        return found.failed
    all_of_them = [_reading(row, key) for row in found]
    linked = sorted((one for one in all_of_them if one.linked), key=lambda one: one.key)
    return (*linked[:1], *(one for one in all_of_them if not one.linked and _is_alike(one, party)))


def _is_alike(one: CustomerReading, party: PostingParty) -> bool:
    """Leave out what only looks like our key to LIKE, to which an underscore is any character."""
    return one.name.upper() == party.name.upper() or bool(party.tax_id and one.tax_id == party.tax_id)


def _reading(row: Row, key: str) -> CustomerReading:
    external_id = str(row.get("externalid", ""))
    return CustomerReading(
        key=external_id or str(row.get("id", "")),
        name=str(row.get("companyname", "")),
        tax_id=str(row.get("vatregnumber", "")),
        email=str(row.get("email", "")),
        linked=external_id.startswith(key),
        blocked=row.get("isinactive") == "T",
    )


def _key(customer_id: CustomerId, entity: LegalEntity) -> str:
    return f"{customer_key(customer_id)}_{entity.erp.company}_"


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
