"""What documents say of parties: kept as written, and refused where no document could say it."""

import json

import pytest

from shared.contracts.catalog import catalog_sections, read_catalog
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.party import BankAccount, ElectronicAddress, PostalAddress
from tests.builders.catalog import catalog

DETAILS = """  currency: USD
  details:
    e_invoices: true
    address: {lines: [548 Market Street, Suite 210], postal_code: "94104", city: San Francisco, region: CA}
    registration_number: "C4417702"
    electronic_address: {scheme: "0088", id: "7300010000001"}
    contact: {name: Accounts receivable, email: billing@nimbus.example}
    bank_account: {number: DE89 3704 0044 0532 0130 00, holder: Nimbus, bank: COBADEFFXXX}
    legal_note: Nimbus Cloud Inc., Delaware
  erp:
"""
OF_ACME = """  country: US
  time_zone: America/New_York
  details: {address: {lines: [1 Main Street], city: Springfield}, reference: CC-7}
"""


def with_details(details: str = DETAILS) -> Catalog:
    return catalog(file="legal_entities.yaml", old="  currency: USD\n  erp:\n", new=details)


def faults_of(section: str, change: dict[str, object]) -> list[str]:
    sections = json.loads(json.dumps(catalog_sections(with_details())))
    sections[section][0] |= change
    read = read_catalog(sections)
    assert isinstance(read, tuple)
    assert all(isinstance(fault, Issue) for fault in read)
    return [f"{fault.path}: {fault.message}" for fault in read]


def test_what_is_known_of_a_seller_is_read_and_published_as_it_was_written() -> None:
    known = with_details()
    (entity,) = known.legal_entities

    assert entity.details.address == PostalAddress(
        lines=("548 Market Street", "Suite 210"), postal_code="94104", city="San Francisco", region="CA"
    )
    assert entity.details.electronic_address == ElectronicAddress(scheme="0088", identifier="7300010000001")
    assert entity.details.bank_account == BankAccount(
        number="DE89370400440532013000", holder="Nimbus", bank="COBADEFFXXX"
    )
    assert read_catalog(json.loads(json.dumps(catalog_sections(known)))) == known


def test_what_is_known_of_a_customer_is_read_and_published_as_it_was_written() -> None:
    old = "  country: US\n  time_zone: America/New_York\n"
    known = catalog(file="customers.yaml", old=old, new=OF_ACME)

    assert known.customers[0].details.reference == "CC-7"
    assert read_catalog(json.loads(json.dumps(catalog_sections(known)))) == known


@pytest.mark.parametrize(
    ("details", "fault"),
    [
        ({"vat_id": "136695976"}, "legal_entities[0].details.vat_id: a VAT id starts with its country"),
        ({"vat_id": "QQ136695976"}, "legal_entities[0].details.vat_id: a VAT id starts with its country"),
        (
            {"bank_account": {"number": "DE88370400440532013000"}},
            "legal_entities[0].details.bank_account.number: the check digits of this IBAN",
        ),
        (
            {"electronic_address": {"scheme": "PEPPOL", "id": "7"}},
            "legal_entities[0].details.electronic_address.scheme: a code of the EAS list is needed",
        ),
        ({"address": {"lines": [], "city": "Berlin"}}, "legal_entities[0].details.address.lines: "),
    ],
)
def test_what_no_document_could_say_is_refused(details: dict[str, object], fault: str) -> None:
    (found,) = faults_of("legal_entities", {"details": details})

    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("rate", "fault"),
    [
        ({"rate": "0", "vat_category": "S"}, "tax_rates[0]: vat_category S is for rates above zero"),
        ({"rate": "0.19", "vat_category": "AE"}, "tax_rates[0]: vat_category S is for rates above zero"),
        ({"rate": "0", "vat_category": "E"}, "tax_rates[0]: vat_category E needs the exemption_reason"),
    ],
)
def test_a_category_contradicts_neither_its_rate_nor_its_law(rate: dict[str, object], fault: str) -> None:
    (found,) = faults_of("tax_rates", rate)

    assert found.startswith(fault)
