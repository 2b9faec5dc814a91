"""The PDF says everything about the invoice, reads well to machines, and is the same each time."""

import io
import re
from dataclasses import replace
from functools import cache

import pytest
from pypdf import PdfReader

from shared.adapters.typst.invoice_pdf import TypstInvoicePrinter
from shared.adapters.typst.page import page_of
from shared.domain.identifiers import ContractId
from shared.domain.invoice_document.document import InvoiceDocument
from shared.domain.invoicing.credit_note import CreditPurpose
from shared.domain.vat_category import VatCategory
from shared.ports.document_printer import UnprintableDocumentError
from tests.builders.credit_documents import credit_document
from tests.builders.invoice_documents import (
    ACME_AG,
    NIMBUS,
    NIMBUS_DETAILS,
    adjusted,
    discount_line,
    document,
    fee_line,
    of_rate,
    sources,
    usage_line,
    usual_lines,
)

TIMES = "\N{MULTIPLICATION SIGN}"
REVERSE = of_rate("0", VatCategory.REVERSE_CHARGE)
EXEMPT = of_rate("0", VatCategory.EXEMPT, reason="Exempt by § 4 no. 21 UStG")


@cache
def printer() -> TypstInvoicePrinter:
    return TypstInvoicePrinter()


def pages_of(made: InvoiceDocument) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(printer().print(made))).pages]


@cache
def text_of(made: InvoiceDocument) -> str:
    """Return the words of all pages with single spaces between them."""
    return re.sub(r"\s+", " ", " ".join(pages_of(made)))


@pytest.mark.parametrize(
    "words",
    [
        "Nimbus Deutschland GmbH",
        "Invalidenstraße 117",
        "VAT id DE136695976",
        "ACME Logistik AG",
        "20457 Hamburg, DE",
        "DE-000042",
        "2 November 2026",
        "1 to 31 October 2026",
        "PO-88",
        "04011000-12345-34",
        "Growth · s-acme",
        "Growth plan",
        "99.00",
        "12,300 requests",
        f"tier 1, to 100: 100 {TIMES} 0.10 = 10.00",
        f"tier 2, above 100: 12,200 {TIMES} 0.05 = 610.00",
        "80.5 GB",
        "0.0725",
        "Net 724.84",
        "VAT 19 % on 724.84 137.72",
        "Total EUR 862.56",
        "Please pay EUR 862.56 by 2 December 2026",
        "DE89 3704 0044 0532 0130 00",
        "COBADEFFXXX",
        "billing@nimbus.example",
        "Amtsgericht Charlottenburg HRB 204117 B",
        "Page 1 of 1",
    ],
)
def test_an_invoice_says_who_what_when_how_much_and_how_to_pay(words: str) -> None:
    assert words in text_of(document())


def test_adjustments_come_last_with_their_period_and_the_invoice_that_they_adjust() -> None:
    text = text_of(document(adjusted(usage_line("70"), quantity="100", amount="10.00"), *usual_lines()))

    assert text.index("Growth plan") < text.index("Adjustments of earlier periods 1 to 30 September 2026")
    assert "\N{MINUS SIGN}30 requests" in text
    assert "less what was billed before (invoice DE-000007): 100 requests for 10.00" in text
    assert "This invoice adjusts DE-000007" in text


def test_lines_of_a_group_with_several_periods_say_their_own() -> None:
    other = replace(
        usage_line("5", name="s-acme/b"),
        service_period=adjusted(usage_line("1"), quantity="0", amount="0").service_period,
    )

    text = text_of(document(fee_line(), other))

    assert "Growth plan 1 to 31 October 2026" in text
    assert "API requests 1 to 30 September 2026" in text


def test_lines_are_grouped_by_subscription_in_the_order_of_the_invoice() -> None:
    made = document(fee_line(), usage_line("5", name="s-labs/api"), discount_line("-9.90"))

    groups = page_of(made)["groups"]

    assert isinstance(groups, list)
    assert [(group["name"], len(group["lines"])) for group in groups] == [("Growth · s-acme", 2), ("s-labs", 1)]


def test_lines_of_another_contract_are_groups_of_their_own() -> None:
    labs = ContractId("c-labs")
    late = adjusted(usage_line("70"), quantity="100", amount="10.00")
    made = document(fee_line(), replace(fee_line(), contract_id=labs), late, replace(late, contract_id=labs))

    groups = page_of(made)["groups"]

    assert isinstance(groups, list)
    assert [group["name"] for group in groups] == [
        "Growth · s-acme",
        "c-labs · s-acme",
        "Adjustments of earlier periods",
        "c-labs · Adjustments of earlier periods",
    ]


@pytest.mark.parametrize(
    ("tax", "words"),
    [(REVERSE, "Reverse charge: the customer accounts for the VAT."), (EXEMPT, "Exempt by § 4 no. 21 UStG")],
)
def test_a_rate_of_zero_says_why(tax: object, words: str) -> None:
    assert words in text_of(document(fee_line(tax=tax), taxes=(tax,)))  # type: ignore[arg-type]


def test_a_seller_without_a_vat_id_speaks_of_tax() -> None:
    american = replace(sources(), entity=replace(NIMBUS, country="US", details=replace(NIMBUS_DETAILS, vat_id="")))
    outside = of_rate("0", VatCategory.OUTSIDE_SCOPE)

    text = text_of(document(fee_line(tax=outside), taxes=(outside,), known=american))

    assert "Tax 0 % on 99.00" in text
    assert "VAT" not in text.replace("VAT id DE811907980", "")


def test_what_is_free_asks_for_nothing() -> None:
    text = text_of(document(fee_line("0")))

    assert "There is nothing to pay." in text
    assert "IBAN" not in text


def test_a_seller_without_details_still_has_a_readable_invoice() -> None:
    bare = replace(
        sources(),
        entity=replace(
            NIMBUS, details=replace(NIMBUS_DETAILS, address=None, contact=None, bank_account=None, legal_note="")
        ),
    )

    text = text_of(document(known=bare))

    assert "Nimbus Deutschland GmbH" in text
    assert "Total EUR 862.56" in text


def test_two_hundred_lines_have_numbered_pages_that_each_name_the_invoice() -> None:
    pages = pages_of(document(*(usage_line(str(n), "0.0725", name=f"s-{n // 20}/c-{n}") for n in range(1, 201))))

    assert 5 <= len(pages) <= 8
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
        assert "DE-000042" in text
    assert "Total EUR" in pages[-1]


def test_long_texts_stay_on_the_page() -> None:
    words = " ".join(f"word{n}" for n in range(60))
    made = document(fee_line(description=words), usage_line("123456789012.123456789", "0.000000123456789"))

    text = text_of(made)

    assert all(f"word{n}" in text for n in range(60))
    assert "123,456,789,012.123456789 requests 0.000000123456789" in text


def test_names_in_latin_greek_and_cyrillic_are_printed_as_they_are() -> None:
    name = "Łódzka Spółka Ελλάς Москва"

    assert name in text_of(document(known=replace(sources(), buyer=replace(ACME_AG, name=name))))


@pytest.mark.parametrize("name", ["株式会社さくら", "a\x00b", "half a pair \ud800"])
def test_what_no_font_has_is_named_and_never_left_out(name: str) -> None:
    with pytest.raises(UnprintableDocumentError, match=r"could not be displayed|unexpected end"):
        printer().print(document(known=replace(sources(), buyer=replace(ACME_AG, name=name))))


def test_a_text_is_never_taken_for_the_templates_language() -> None:
    assert "#panic() *a* $x$ @b <c>" in text_of(document(fee_line(description="#panic() *a* $x$ @b <c>")))


def test_the_same_document_gives_the_same_bytes_whoever_prints_it() -> None:
    again = TypstInvoicePrinter()
    again.print(document(fee_line()))

    assert again.print(document()) == printer().print(document())


def test_the_file_is_archival_and_tells_screen_readers_what_is_what() -> None:
    reader = PdfReader(io.BytesIO(printer().print(document())))
    metadata = reader.metadata
    root = reader.root_object

    assert metadata is not None
    assert (metadata.title, metadata.author) == ("Invoice DE-000042", "Nimbus Deutschland GmbH")
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert b"pdfaid:part>2<" in reader.root_object["/Metadata"].get_data()  # type: ignore[attr-defined]


def test_amounts_have_the_decimals_of_their_currency() -> None:
    assert "Total JPY 17,731" in text_of(document(fee_line("14900", code="JPY")))
    assert "16.660" in text_of(document(fee_line("14.000", code="KWD")))


@pytest.mark.parametrize(
    "words",
    [
        "Credit note number DE-CN-000003",
        "Credit note date 20 November 2026",
        "Credits invoice DE-000042",
        "of 2 November 2026",
        "Credited to you EUR 862.56",
        "Growth plan",
        "Net 724.84",
        "VAT 19 % on 724.84 137.72",
        "Total EUR 862.56",
        "EUR 862.56 is set against invoice DE-000042. There is nothing to pay.",
        "Reason: the API was down for a day",
        "Tax is credited at the rates of that invoice.",
        "Questions about this credit note",
    ],
)
def test_a_credit_note_says_what_it_credits_why_and_at_what_tax(words: str) -> None:
    text = text_of(credit_document())

    assert words in text
    assert "IBAN" not in text


def test_tax_in_the_currency_of_the_books_and_terms_stand_on_it() -> None:
    text = text_of(document(fee_line("129.00", code="GBP")))

    assert "Tax in EUR: 21.94, at 1 EUR = 1.1172 GBP (ECB, 30 October 2026)." in text
    assert "without deduction (payable within 30 days of the invoice date)." in text


def test_a_credit_note_that_corrects_says_that_later_invoices_reckon_with_it() -> None:
    made = credit_document()
    assert made.credits is not None
    correction = replace(made, credits=replace(made.credits, purpose=CreditPurpose.CORRECTION))

    assert "It corrects what was billed" in text_of(correction)
    assert "It corrects what was billed" not in text_of(made)
