"""customers: created with a number of the caller's, which is unique."""

from typing import Any

from simulators.erp.business_central import payload
from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import field_invalid, not_found, unknown_reference
from simulators.erp.business_central.odata import Entity
from simulators.http.exchange import Refusal

FIRST_NUMBER = 10_000
WIDTHS = {
    "number": 20,
    "displayName": 100,
    "type": 20,
    "addressLine1": 100,
    "addressLine2": 50,
    "city": 30,
    "state": 30,
    "country": 10,
    "postalCode": 20,
    "phoneNumber": 30,
    "email": 80,
    "website": 80,
    "salespersonCode": 20,
    "taxRegistrationNumber": 20,
    "currencyCode": 10,
    "blocked": 20,
}


def create_customer(books: CompanyBooks, sent: dict[str, Any]) -> Entity:
    payload.only_known(sent, known={*WIDTHS, "taxLiable", "creditLimit"}, entity="Microsoft.NAV.customer")
    texts = {name: payload.text(sent, name, width=width) for name, width in WIDTHS.items()}
    number = texts["number"] or str(FIRST_NUMBER + len(books.customers))
    if number in books.customers:
        text = f"The record in table Customer already exists. Identification fields and values: No.='{number}'"
        raise Refusal(400, "Internal_EntityWithSameKeyExists", text)
    if not texts["displayName"]:
        raise field_invalid("displayName must be filled in.")
    check_currency(books, texts["currencyCode"])
    customer: Entity = {
        "@odata.etag": "",
        "id": books.new_id(),
        **texts,
        "number": number,
        "type": texts["type"] or "Company",
        "blocked": texts["blocked"] or " ",
        "taxLiable": bool(sent.get("taxLiable", False)),
        "creditLimit": payload.number(sent, "creditLimit"),
    }
    books.changed(customer)
    books.customers[number] = customer
    return customer


def customer_by_id(books: CompanyBooks, customer_id: str) -> Entity:
    for customer in books.customers.values():
        if customer["id"] == customer_id.lower():
            return customer
    raise not_found(f"The customer {customer_id}")


def check_currency(books: CompanyBooks, code: str) -> None:
    """Blank is the local currency; the local currency's own code is in no table, so naming it is refused."""
    if code and not books.has_currency(code):
        raise unknown_reference("Currency Code", code, "Currency")
