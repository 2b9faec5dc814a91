"""A_BusinessPartner: created in one deep call with role, address, tax number and the company codes of the customer.

The key of another system (BusinessPartnerIDByExtSystem) is not unique, and is kept in upper case.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from simulators.erp.company import AccountRole
from simulators.erp.sap_s4hana.books import CompanyBooks
from simulators.erp.sap_s4hana.dialect import bad_request, business_error
from simulators.erp.sap_s4hana.odata import Entity

TYPE = "API_BUSINESS_PARTNER.A_BusinessPartnerType"
FIRST_NUMBER = 10_100_001
ORGANIZATION = "2"
CUSTOMER_ROLE = "FLCU00"  # a customer of financial accounting
WIDTHS: Mapping[str, Mapping[str, int]] = {
    "BusinessPartner": {
        "BusinessPartnerCategory": 1,
        "BusinessPartnerGrouping": 4,
        "BusinessPartnerIDByExtSystem": 20,
        "OrganizationBPName1": 40,
        "OrganizationBPName2": 40,
        "CorrespondenceLanguage": 2,
        "SearchTerm1": 20,
    },
    "to_BusinessPartnerRole": {"BusinessPartnerRole": 6},
    "to_BusinessPartnerAddress": {
        "Country": 3,
        "Language": 2,
        "CityName": 40,
        "PostalCode": 10,
        "StreetName": 60,
    },
    "to_EmailAddress": {"EmailAddress": 241},
    "to_BusinessPartnerTax": {"BPTaxType": 4, "BPTaxNumber": 20},
    "to_Customer": {},
    "to_CustomerCompany": {"CompanyCode": 4, "ReconciliationAccount": 10, "PaymentTerms": 4},
}
PARTS: Mapping[str, frozenset[str]] = {
    "BusinessPartner": frozenset(
        {"to_BusinessPartnerRole", "to_BusinessPartnerAddress", "to_BusinessPartnerTax", "to_Customer"}
    ),
    "to_BusinessPartnerAddress": frozenset({"to_EmailAddress"}),
    "to_Customer": frozenset({"to_CustomerCompany"}),
}


class BusinessPartners:
    """All business partners of the tenant, whichever company codes they are customers of."""

    def __init__(self, books_of: Mapping[str, CompanyBooks]) -> None:
        self._books_of = books_of
        self._partners: list[Entity] = []

    def rows(self) -> list[Entity]:
        return self._partners

    def tax_numbers(self) -> Iterator[Entity]:
        return (number for each in self._partners for number in each["_to_BusinessPartnerTax"])

    def give_key(self, number: str, key: str) -> None:
        """Let somebody enter the key of another system at a partner, which others may have too."""
        (partner,) = [each for each in self._partners if each["BusinessPartner"] == number]
        partner["BusinessPartnerIDByExtSystem"] = key.upper()

    def create(self, sent: dict[str, Any]) -> Entity:
        """Add a partner, or refuse all of it."""
        _check(sent, "BusinessPartner")
        if sent.get("BusinessPartnerCategory") != ORGANIZATION:
            raise business_error("R11/103", "This simulator knows organizations (category 2) only")
        if not sent.get("BusinessPartnerGrouping"):
            raise business_error("R11/124", "Enter a business partner grouping")
        if not sent.get("OrganizationBPName1"):
            raise business_error("R11/401", "Enter a name for the organization")
        number = str(FIRST_NUMBER + len(self._partners))
        accounts = self._accounts(sent)
        roles = {part.get("BusinessPartnerRole") for part in _parts(sent, "to_BusinessPartnerRole")}
        if accounts and CUSTOMER_ROLE not in roles:
            raise business_error("CVI_API/032", f"Company data of a customer needs the role {CUSTOMER_ROLE}")
        partner = self._partner(sent, number, is_customer=CUSTOMER_ROLE in roles)
        self._partners.append(partner)
        for company, account in accounts.items():
            self._books_of[company].customers[number] = account
        return partner

    def _accounts(self, sent: dict[str, Any]) -> dict[str, str]:
        """Return the reconciliation account of each company code."""
        found: dict[str, str] = {}
        for part in _parts(sent.get("to_Customer") or {}, "to_CustomerCompany"):
            books = self._books_of.get(part.get("CompanyCode", ""))
            if books is None:
                raise business_error("F2/165", f"Company code {part.get('CompanyCode')} does not exist")
            account = books.account(part.get("ReconciliationAccount", ""))
            if account is None or books.setup.chart()[account] is not AccountRole.RECEIVABLE:
                raise business_error("F2/043", f"{part.get('ReconciliationAccount')} is no reconciliation account")
            found[books.setup.company] = account
        return found

    def _partner(self, sent: dict[str, Any], number: str, *, is_customer: bool) -> Entity:
        addresses = _parts(sent, "to_BusinessPartnerAddress")
        if not addresses or not addresses[0].get("Country"):
            raise business_error("AM/230", "Enter a country for the address")
        names = [sent.get(f"OrganizationBPName{place}", "") for place in (1, 2)]
        emails = _parts(addresses[0], "to_EmailAddress")
        taxes = _parts(sent, "to_BusinessPartnerTax")
        if not all(part.get("BPTaxType") and part.get("BPTaxNumber") for part in taxes):
            raise business_error("R1/401", "A tax number needs its category")
        return {
            "BusinessPartner": number,
            "Customer": number if is_customer else "",
            "BusinessPartnerCategory": ORGANIZATION,
            "BusinessPartnerGrouping": sent["BusinessPartnerGrouping"],
            "BusinessPartnerIDByExtSystem": sent.get("BusinessPartnerIDByExtSystem", "").upper(),
            "BusinessPartnerFullName": " ".join(name for name in names if name),
            "OrganizationBPName1": names[0],
            "OrganizationBPName2": names[1],
            "BusinessPartnerIsBlocked": False,
            "_to_BusinessPartnerAddress": [
                {
                    "BusinessPartner": number,
                    "Country": addresses[0]["Country"],
                    "to_EmailAddress": [{"EmailAddress": each.get("EmailAddress", "")} for each in emails],
                }
            ],
            "_to_BusinessPartnerTax": [
                {"BusinessPartner": number, "BPTaxType": part["BPTaxType"], "BPTaxNumber": part["BPTaxNumber"]}
                for part in taxes
            ],
        }


def _check(sent: Mapping[str, Any], of: str) -> None:
    for name, value in sent.items():
        if name in PARTS.get(of, frozenset()):
            parts = [value] if name == "to_Customer" else _parts(sent, name)
            for part in parts:
                _check(part, name)
            continue
        width = WIDTHS[of].get(name)
        if width is None:
            raise bad_request(f"Property {name} is invalid in type '{of}'")
        if not isinstance(value, str) or len(value) > width:
            raise bad_request(f"Property {name} has a value that is no text of at most {width} characters")


def _parts(sent: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the children of a deep call, which come as a list or as {"results": list}."""
    value = sent.get(name, [])
    if isinstance(value, dict):
        value = value.get("results")
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise bad_request(f"{name} must be a list of objects")
    return value
