"""Customer accounts with their bill-to sites: looked up by a finder, made by people.

Oracle documents the look-up (receivablesCustomerAccountSiteActivities). How an integration creates an account differs
by customer; here a hub organisation with an account and a site, and only where the setup lets it.
"""

from typing import Any

from simulators.erp.oracle_fusion import payload
from simulators.erp.oracle_fusion.books import UnitBooks
from simulators.erp.oracle_fusion.dialect import bad_request
from simulators.erp.oracle_fusion.query import Entity
from simulators.http.exchange import Refusal

FINDER = "CustomerAccountSiteActivitiesFinder"
VARIABLES = {"AccountNumber": "AccountNumber", "CustomerName": "CustomerName", "BillToSiteNumber": "BillToSiteNumber"}
WIDTHS = {"PartyNumber": 30, "OrganizationName": 360, "TaxpayerIdentificationNumber": 20, "BusinessUnit": 240}


def add_customer(books: UnitBooks, *, number: str, name: str, tax_number: str = "") -> Entity:
    """Set an account up with one site; both have the same number."""
    customer: Entity = {
        "BillToSiteUseId": books.numbers.next(),
        "BillToSiteNumber": number,
        "BillToSiteAddress": "",
        "AccountNumber": number,
        "AccountId": books.numbers.next(),
        "CustomerName": name,
        "CustomerId": books.numbers.next(),
        "TaxRegistrationNumber": tax_number or None,
        "CreationDate": books.timestamp(),
    }
    books.changed(customer)
    books.customers[number] = customer
    return customer


def create_customer(books: UnitBooks, sent: dict[str, Any]) -> Entity:
    if not books.options.customers_by_rest:
        raise Refusal(403, "", "You don't have the privilege to create customers.")
    payload.only_known(sent, known=WIDTHS, resource="hubOrganizations")
    texts = {name: payload.text(sent, name, width=width) for name, width in WIDTHS.items()}
    if not texts["PartyNumber"] or not texts["OrganizationName"]:
        raise bad_request("OrganizationName and PartyNumber are required.")
    if texts["PartyNumber"] in books.customers:
        raise bad_request(f"The party number {texts['PartyNumber']} already exists.")
    tax_number = texts["TaxpayerIdentificationNumber"]
    return add_customer(books, number=texts["PartyNumber"], name=texts["OrganizationName"], tax_number=tax_number)


def found_by(books: UnitBooks, variables: dict[str, str]) -> list[Entity]:
    unknown = sorted(set(variables) - set(VARIABLES))
    if unknown or not variables:
        raise bad_request(f"The finder {FINDER} has no variable {', '.join(unknown) or 'given'}.")
    return [
        customer
        for customer in books.customers.values()
        if all(customer[VARIABLES[name]] == value for name, value in variables.items())
    ]
