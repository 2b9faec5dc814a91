"""Sellers and buyers of a UBL document (BG-4, BG-7)."""

from xml.etree import ElementTree as ET

from shared.contracts.ubl.elements import group, text
from shared.domain.invoice_document.document import DocumentParty
from shared.domain.master_data.party import PostalAddress

NO_ADDRESS = PostalAddress(lines=(), city="")


def add_party(parent: ET.Element, party: DocumentParty, *, vat_applies: bool) -> None:
    """Add a party. Where VAT does not apply, no VAT id may be named (BR-O-02)."""
    element = group(parent, "Party")
    if party.electronic_address:
        text(element, "EndpointID", party.electronic_address.identifier, schemeID=party.electronic_address.scheme)
    _add_address(element, party.address or NO_ADDRESS, party.country)
    if party.vat_id and vat_applies:
        scheme = group(element, "PartyTaxScheme")
        text(scheme, "CompanyID", party.vat_id)
        text(group(scheme, "TaxScheme"), "ID", "VAT")
    entity = group(element, "PartyLegalEntity")
    text(entity, "RegistrationName", party.name)
    text(entity, "CompanyID", party.registration_number)
    text(entity, "CompanyLegalForm", party.legal_note)
    if party.contact:
        contact = group(element, "Contact")
        text(contact, "Name", party.contact.name)
        text(contact, "Telephone", party.contact.phone)
        text(contact, "ElectronicMail", party.contact.email)


def _add_address(parent: ET.Element, address: PostalAddress, country: str) -> None:
    element = group(parent, "PostalAddress")
    street, additional, third = (*address.lines, "", "", "")[:3]
    text(element, "StreetName", street)
    text(element, "AdditionalStreetName", additional)
    text(element, "CityName", address.city)
    text(element, "PostalZone", address.postal_code)
    text(element, "CountrySubentity", address.region)
    if third:
        text(group(element, "AddressLine"), "Line", third)
    text(group(element, "Country"), "IdentificationCode", country)
