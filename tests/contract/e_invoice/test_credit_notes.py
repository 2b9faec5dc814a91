"""Every kind of credit note that we make passes the official rules of EN 16931 and the UBL schema of credit notes."""

from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from shared.contracts.ubl import write_ubl
from shared.contracts.ubl.elements import AGGREGATE, BASIC
from shared.domain.invoice_document.document import InvoiceDocument
from shared.domain.invoice_document.e_invoice_faults import e_invoice_faults
from shared.domain.invoicing.credit_note import LineAmount, LinesCredit, WholeCredit
from shared.domain.money import Money, currency
from shared.domain.vat_category import VatCategory
from tests.builders.credit_documents import credit_document
from tests.builders.invoice_documents import STANDARD, adjusted, discount_line, fee_line, of_rate, usage_line
from tests.contract.e_invoice.official_rules import official_rules

NAMES = {"cac": AGGREGATE, "cbc": BASIC}
FEE, REST = "s-acme/base-fee", WholeCredit()
REDUCED = of_rate("0.07", VatCategory.STANDARD)
REVERSE = of_rate("0", VatCategory.REVERSE_CHARGE)
EXPORT = of_rate("0", VatCategory.EXPORT)
OUTSIDE = of_rate("0", VatCategory.OUTSIDE_SCOPE)
EXEMPT = of_rate("0", VatCategory.EXEMPT, reason="Exempt by § 4 no. 21 UStG")


def of_the_fee(amount: str, code: str = "EUR") -> LinesCredit:
    return LinesCredit((LineAmount(FEE, Money(Decimal(amount), currency(code))),))


KINDS = {
    "a whole invoice": credit_document(),
    "a part of one line": credit_document(credit=of_the_fee("9.90")),
    "a discount, taken back with its fee": credit_document(fee_line(), discount_line("-9.90")),
    "several rates": credit_document(fee_line(), usage_line("5", tax=REDUCED), taxes=(STANDARD, REDUCED)),
    # 19 % of 0.50 is 0.095, so what is left of the tax is not the rate's
    "the last one, with the tax that is left": credit_document(
        fee_line("1.57"), credit=REST, earlier=[of_the_fee("0.50"), of_the_fee("0.50")]
    ),
    "an adjustment of an earlier period": credit_document(
        fee_line(), adjusted(usage_line("130"), quantity="100", amount="10.00")
    ),
    "reverse charge": credit_document(fee_line(tax=REVERSE), taxes=(REVERSE,)),
    "export": credit_document(fee_line(tax=EXPORT), taxes=(EXPORT,)),
    "outside the scope of VAT": credit_document(fee_line(tax=OUTSIDE), taxes=(OUTSIDE,)),
    "exempt": credit_document(fee_line(tax=EXEMPT), taxes=(EXEMPT,)),
    "a currency without decimals": credit_document(fee_line("14900", code="JPY"), credit=of_the_fee("149", "JPY")),
}


def value(document: InvoiceDocument, path: str) -> str | None:
    return ET.fromstring(write_ubl(document)).findtext(path, namespaces=NAMES)


@pytest.mark.parametrize("made", KINDS.values(), ids=KINDS)
def test_a_credit_note_passes_the_official_rules_and_the_schema(made: InvoiceDocument) -> None:
    assert e_invoice_faults(made) == ()

    credit_note = write_ubl(made)

    assert official_rules().broken_by(credit_note) == []
    assert official_rules().misplaced_in(credit_note) == []


def test_it_is_a_credit_note_of_an_invoice_by_number_and_date_and_says_why() -> None:
    made = credit_document(credit=of_the_fee("9.90"))
    before = "cac:BillingReference/cac:InvoiceDocumentReference"

    assert ET.fromstring(write_ubl(made)).tag == "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote"
    assert value(made, "cbc:CreditNoteTypeCode") == "381"
    assert (value(made, "cbc:ID"), value(made, "cbc:IssueDate")) == ("DE-CN-000003", "2026-11-20")
    assert (value(made, f"{before}/cbc:ID"), value(made, f"{before}/cbc:IssueDate")) == ("DE-000042", "2026-11-02")
    assert value(made, "cbc:Note") == "the API was down for a day"


def test_what_it_takes_back_is_positive_and_what_had_lowered_the_invoice_negative() -> None:
    made = credit_document(fee_line(), discount_line("-9.90"))
    root = ET.fromstring(write_ubl(made))
    lines = [
        (line.findtext("cbc:CreditedQuantity", namespaces=NAMES), line.findtext("cac:Price/cbc:PriceAmount", "", NAMES))
        for line in root.findall("cac:CreditNoteLine", NAMES)
    ]

    assert lines == [("1", "99.00"), ("-1", "9.90")]
    assert value(made, "cac:LegalMonetaryTotal/cbc:PayableAmount") == "106.03"
    assert value(made, "cac:TaxTotal/cbc:TaxAmount") == "16.93"


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (">381</cbc:CreditNoteTypeCode>", ">380</cbc:CreditNoteTypeCode>", "BR-CL-01"),
        (">11.78</cbc:PayableAmount>", ">-11.78</cbc:PayableAmount>", "BR-CO-16"),
        ("<cac:InvoiceDocumentReference><cbc:ID>DE-000042</cbc:ID>", "<cac:InvoiceDocumentReference>", "BR-55"),
    ],
)
def test_the_rules_see_what_is_broken(old: str, new: str, rule: str) -> None:
    sound = write_ubl(credit_document(credit=of_the_fee("9.90"))).decode()
    assert old in sound

    broken = official_rules().broken_by(sound.replace(old, new).encode())

    assert any(each.startswith(rule) for each in broken)


def test_the_schema_of_credit_notes_sees_what_is_misplaced() -> None:
    sound = write_ubl(credit_document()).decode()

    assert official_rules().misplaced_in(sound.replace("CreditedQuantity", "InvoicedQuantity").encode())
