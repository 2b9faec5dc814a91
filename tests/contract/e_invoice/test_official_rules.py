"""Every kind of invoice that we make passes the official rules of EN 16931 and the UBL schema, to the last warning."""

from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.ubl import write_ubl
from shared.contracts.ubl.elements import AGGREGATE, BASIC
from shared.domain.code_lists import ADDRESS_SCHEMES, COUNTRIES
from shared.domain.currencies import MINOR_UNITS
from shared.domain.currency_exchange.converted import converted
from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.identifiers import ContractId, InvoiceNumber
from shared.domain.invoice_document.compose import DocumentSources
from shared.domain.invoice_document.document import InvoiceDocument
from shared.domain.invoice_document.e_invoice_faults import e_invoice_faults
from shared.domain.invoicing.invoice import InvoiceLine
from shared.domain.master_data.party import NO_BUYER_DETAILS, BankAccount, PostalAddress
from shared.domain.master_data.payment_terms import DayOfNextMonth, DaysAfterMonthEnd, NetDays, PaymentTerms
from shared.domain.money import Money, currency
from shared.domain.vat_category import VatCategory
from tests.builders.billing import OCTOBER
from tests.builders.invoice_documents import (
    ACME_AG,
    ACME_DETAILS,
    NIMBUS,
    NIMBUS_DETAILS,
    STANDARD,
    adjusted,
    discount_line,
    document,
    fee_line,
    of_rate,
    sources,
    usage_line,
    usual_lines,
)
from tests.contract.e_invoice.official_rules import code_list_with, official_rules

REDUCED = of_rate("0.07", VatCategory.STANDARD)
ODD_RATE = of_rate("0.055", VatCategory.STANDARD)
REVERSE = of_rate("0", VatCategory.REVERSE_CHARGE, code="EU-REVERSE-CHARGE")
EXPORT = of_rate("0", VatCategory.EXPORT)
OUTSIDE = of_rate("0", VatCategory.OUTSIDE_SCOPE)
EXEMPT = of_rate("0", VatCategory.EXEMPT, reason="Exempt by § 4 no. 21 UStG")
ZERO = of_rate("0", VatCategory.ZERO_RATED)


def sold_to(country: str, tax_id: str = "", *, name: str = "Globex SARL") -> DocumentSources:
    buyer = replace(
        ACME_AG,
        name=name,
        country=country,
        tax_id=tax_id,
        details=replace(ACME_DETAILS, address=PostalAddress(lines=("1 Main Street", "Hall 4", "Dock 2"), city="Town")),
    )
    return replace(sources(), buyer=buyer)


def in_currency(code: str, *amounts: str) -> InvoiceDocument:
    lines = [fee_line(amount, code=code, name=f"s-acme/fee-{n}") for n, amount in enumerate(amounts)]
    return document(*lines, usage_line("1000", code=code))


def of_labs(line: InvoiceLine) -> InvoiceLine:
    return replace(line, line_id=f"c-labs|{line.line_id}", contract_id=ContractId("c-labs"))


def with_texts(text: str) -> InvoiceDocument:
    known = sources()
    seller = replace(
        NIMBUS, name=text, details=replace(NIMBUS_DETAILS, address=PostalAddress(lines=(text,), city=text))
    )
    buyer = replace(ACME_AG, name=text, details=replace(ACME_DETAILS, reference=text))
    contract = replace(known.contract, purchase_order=text)
    return document(fee_line(description=text), known=replace(known, entity=seller, buyer=buyer, contract=contract))


KINDS = {
    "a fee, tiers and a unit price": document(),
    "several rates": document(
        fee_line(),
        usage_line("5", tax=REDUCED),
        usage_line("77.7", "0.333333", tax=ODD_RATE, name="s-acme/gb"),
        taxes=(STANDARD, REDUCED, ODD_RATE),
    ),
    "two codes of one rate": document(
        fee_line(),
        usage_line("1", "0.03", tax=(other := of_rate("0.19", VatCategory.STANDARD, code="DE-19-B"))),
        taxes=(STANDARD, other),
    ),
    "zero rated beside standard": document(fee_line(), usage_line("5", tax=ZERO), taxes=(STANDARD, ZERO)),
    "reverse charge": document(
        fee_line(tax=REVERSE), usage_line("5", tax=REVERSE), taxes=(REVERSE,), known=sold_to("FR", "FR40303265045")
    ),
    "reverse charge to Greece": document(fee_line(tax=REVERSE), taxes=(REVERSE,), known=sold_to("GR", "EL094259216")),
    "export": document(fee_line(tax=EXPORT), taxes=(EXPORT,), known=sold_to("US")),
    "outside the scope of VAT": document(fee_line(tax=OUTSIDE), taxes=(OUTSIDE,), known=sold_to("GB", "GB340712322")),
    "exempt": document(fee_line(tax=EXEMPT), taxes=(EXEMPT,)),
    "a buyer whose tax id is no VAT id": document(known=sold_to("IN", "29AABCC1234D1Z5")),
    "an adjustment that charges": document(fee_line(), adjusted(usage_line("130"), quantity="100", amount="10.00")),
    "an adjustment that credits": document(fee_line(), adjusted(usage_line("70"), quantity="100", amount="10.00")),
    "an adjustment whose original billed nothing": document(
        fee_line(), adjusted(usage_line("70"), quantity="0", amount="0", number=None)
    ),
    "more usage that costs less": document(fee_line(), adjusted(usage_line("200", "0.04"), quantity="100", amount="9")),
    "an amount without a quantity": document(fee_line(), adjusted(usage_line("100"), quantity="100", amount="9.99")),
    "adjustments of two invoices": document(
        fee_line(),
        adjusted(usage_line("130"), quantity="100", amount="10.00"),
        adjusted(usage_line("130"), quantity="100", amount="10.00", number="DE-000008"),
    ),
    "lines of a member contract": document(
        fee_line(), of_labs(usage_line("40")), of_labs(adjusted(usage_line("30"), quantity="20", amount="2"))
    ),
    "a discount": document(fee_line(), discount_line("-9.90")),
    "a total of nothing": document(fee_line("0")),
    "usage that comes to less than a cent": document(fee_line(), usage_line("3", "0.0001")),
    "a price of eighteen digits": document(usage_line("123456789.123456789123456789", "0.000000000000000001")),
    "a currency without decimals": in_currency("JPY", "14900", "1"),
    "another currency without decimals": in_currency("ISK", "990"),
    "three decimals, the third of which is zero": in_currency("KWD", "14.900", "3.100"),
    "a currency that is not the seller's": in_currency("GBP", "129.00"),
    "names of all kinds": with_texts("Łódź & Söhne <Gruppe> „株式会社さくら“ Ελλάς"),
    "texts that XML cannot hold": with_texts("Line\x00 feed\x0b and \ud800 surrogate"),
    "long texts": with_texts("An agreement with many words " * 40),
    "without bank account, contact and email": document(
        known=replace(
            sources(),
            entity=replace(NIMBUS, details=replace(NIMBUS_DETAILS, bank_account=None, contact=None, legal_note="")),
            buyer=replace(ACME_AG, email=""),
        )
    ),
    "an account that is no IBAN": document(
        known=replace(
            sources(),
            entity=replace(NIMBUS, details=replace(NIMBUS_DETAILS, bank_account=BankAccount(number="4419920117"))),
        )
    ),
    "200 lines": document(*(usage_line(str(n * 97), name=f"s-{n // 20}/c-{n}") for n in range(1, 201))),
}


@pytest.mark.parametrize("made", KINDS.values(), ids=KINDS)
def test_an_invoice_passes_the_official_rules_and_the_schema(made: InvoiceDocument) -> None:
    assert e_invoice_faults(made) == ()

    invoice = write_ubl(made)

    assert official_rules().broken_by(invoice) == []
    assert official_rules().misplaced_in(invoice) == []


@pytest.mark.parametrize("made", KINDS.values(), ids=KINDS)
def test_each_amount_is_the_invoices_own(made: InvoiceDocument) -> None:
    root = ET.fromstring(write_ubl(made))
    exclusive = root.findtext(f"{{{AGGREGATE}}}LegalMonetaryTotal/{{{BASIC}}}TaxExclusiveAmount")
    amounts = [each.text or "" for each in root.iter(f"{{{BASIC}}}LineExtensionAmount")]

    assert Decimal(exclusive or "") == made.net.amount
    assert [Decimal(amount) for amount in amounts] == [made.net.amount, *(line.amount.amount for line in made.lines)]
    for line in made.lines:
        invoiced = line.invoiced
        assert invoiced.price >= 0
        assert invoiced.base_quantity > 0
        worked_out = Money(invoiced.quantity * invoiced.price / invoiced.base_quantity, line.amount.currency)
        assert worked_out.rounded() == line.amount


def test_tax_is_stated_in_the_currency_of_the_books_too() -> None:
    pounds = ET.fromstring(write_ubl(in_currency("GBP", "129.00")))
    abroad = document(fee_line(tax=EXPORT, code="GBP"), taxes=(EXPORT,), known=sold_to("US"))

    assert pounds.findtext(f"{{{BASIC}}}TaxCurrencyCode") == "EUR"
    totals = pounds.findall(f"{{{AGGREGATE}}}TaxTotal/{{{BASIC}}}TaxAmount")
    assert [(each.text, each.get("currencyID")) for each in totals] == [("34.96", "GBP"), ("31.29", "EUR")]
    assert b"TaxCurrencyCode" not in write_ubl(abroad)


@pytest.mark.parametrize("terms", [NetDays(0), NetDays(14), DaysAfterMonthEnd(10), DayOfNextMonth(31)])
def test_the_terms_of_payment_stand_in_words(terms: PaymentTerms) -> None:
    made = replace(document(), payment_terms=terms)

    assert f"<cbc:Note>Payable {terms}, without deduction</cbc:Note>" in write_ubl(made).decode()
    assert official_rules().broken_by(write_ubl(made)) == []


def test_books_in_a_currency_that_en_16931_has_no_form_for_are_named() -> None:
    rate = ExchangeRate(
        base=currency("EUR"),
        quote=currency("KWD"),
        rate=Decimal("0.344"),
        published_on=OCTOBER.end.date(),
        source="X",
    )
    made = document(fee_line("14.90"))

    faults = e_invoice_faults(replace(made, converted=converted(made.net, made.tax, rate)))

    assert faults == (
        "legal_entities nimbus-de currency: EN 16931 takes two decimals, and the tax of 0.974 KWD has more (BT-111)",
    )


def test_the_same_document_gives_the_same_bytes() -> None:
    assert write_ubl(document()) == write_ubl(document())


AMOUNTS = st.decimals(min_value=-500, max_value=500, places=2)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    used=st.lists(
        st.tuples(st.decimals(min_value=0, max_value=10**9, places=6), st.decimals(min_value=0, max_value=9, places=9)),
        max_size=4,
    ),
    before=st.lists(st.tuples(st.integers(0, 500), AMOUNTS), max_size=3),
)
def test_whatever_was_used_and_billed_before_passes(
    used: list[tuple[Decimal, Decimal]], before: list[tuple[int, Decimal]]
) -> None:
    lines = [usage_line(f"{quantity:f}", f"{price:f}", name=f"s/c{n}") for n, (quantity, price) in enumerate(used)]
    lines += [adjusted(usage_line("250"), quantity=str(quantity), amount=str(amount)) for quantity, amount in before]

    made = document(fee_line("5000"), *lines)

    assert official_rules().broken_by(write_ubl(made)) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (">862.56</cbc:PayableAmount>", ">862.55</cbc:PayableAmount>", "BR-CO-16"),
        ("<cbc:ID>S</cbc:ID>", "<cbc:ID>Q</cbc:ID>", "BR-CL-1"),
        ("<cbc:CompanyID>DE136695976</cbc:CompanyID>", "<cbc:CompanyID>136695976</cbc:CompanyID>", "BR-CO-09"),
        (">99.00</cbc:PriceAmount>", ">-99.00</cbc:PriceAmount>", "BR-27"),
    ],
)
def test_the_rules_see_what_is_broken(old: str, new: str, rule: str) -> None:
    sound = write_ubl(document()).decode()
    assert old in sound

    broken = official_rules().broken_by(sound.replace(old, new).encode())

    assert any(each.startswith(rule) for each in broken)


def test_the_schema_sees_what_is_misplaced() -> None:
    sound = write_ubl(document()).decode()
    number = "<cbc:ID>DE-000042</cbc:ID>"
    day = "<cbc:IssueDate>2026-11-02</cbc:IssueDate>"

    assert official_rules().misplaced_in(sound.replace(number + day, day + number).encode())


def test_our_code_lists_are_those_of_the_rules() -> None:
    """A list that grows apart would let through what the rules refuse, or refuse what they let through."""
    assert code_list_with("AX", "DE") - {"1A"} == COUNTRIES  # 1A is Kosovo, whose code ISO 3166 does not have
    assert code_list_with("9930", "EM") == ADDRESS_SCHEMES


@pytest.mark.parametrize("code", sorted(MINOR_UNITS))
def test_every_currency_passes_or_is_named(code: str) -> None:
    made = document(fee_line("12", code=code))

    assert bool(e_invoice_faults(made)) == bool(official_rules().broken_by(write_ubl(made)))


def test_what_an_electronic_invoice_lacks_is_named_with_its_field() -> None:
    bare = replace(
        sources(),
        entity=replace(NIMBUS, details=replace(NIMBUS_DETAILS, address=None, vat_id="")),
        buyer=replace(ACME_AG, tax_id="", details=NO_BUYER_DETAILS),
    )
    nobody_said_why = of_rate("0", None, code="FREE")

    made = document(
        fee_line(tax=REVERSE), usage_line("5", tax=nobody_said_why), taxes=(REVERSE, nobody_said_why), known=bare
    )

    assert e_invoice_faults(made) == (
        "legal_entities nimbus-de details.address is missing (BG-5)",
        "legal_entities nimbus-de details.vat_id is missing (BT-31)",
        "customers acme details.address is missing (BG-8)",
        "customers acme tax_id is no VAT id, which reverse charge needs (BT-48)",
        "tax_rates FREE vat_category is missing: a rate of zero needs a reason (BT-118)",
    )


def test_what_en_16931_has_no_form_for_is_named() -> None:
    mixed = document(fee_line(), usage_line("5", tax=OUTSIDE), taxes=(STANDARD, OUTSIDE))
    three_digits = document(fee_line("14.125", code="KWD"))
    too_new = replace(document(), gross=Money(Decimal(1), currency("STN")))

    assert "tax_rates: what is outside the scope of VAT (O) needs an invoice of its own (BR-O-11)" in e_invoice_faults(
        mixed
    )
    assert e_invoice_faults(three_digits) == (
        "contracts c-acme currency: EN 16931 takes two decimals, and amounts in KWD have more",
    )
    assert e_invoice_faults(too_new) == ("contracts c-acme currency: STN is not in the code list of EN 16931 (BT-5)",)


def test_adjustments_name_the_invoice_that_they_adjust() -> None:
    made = document(*usual_lines(), adjusted(usage_line("70"), quantity="100", amount="10.00"))
    invoice = write_ubl(made).decode()

    assert made.preceding == (InvoiceNumber("DE-000007"),)
    assert "<cac:InvoiceDocumentReference><cbc:ID>DE-000007</cbc:ID>" in invoice
    assert "Adjusts DE-000007; billed before: 100 for 10.00 EUR" in invoice
    assert '<cbc:InvoicedQuantity unitCode="C62">-30</cbc:InvoicedQuantity>' in invoice


def test_lines_of_another_contract_name_it() -> None:
    root = ET.fromstring(write_ubl(KINDS["lines of a member contract"]))

    notes = [line.findtext(f"{{{BASIC}}}Note") for line in root.findall(f"{{{AGGREGATE}}}InvoiceLine")]
    assert notes == [None, "Contract c-labs", "Contract c-labs; Adjusts DE-000007; billed before: 20 for 2 EUR"]
