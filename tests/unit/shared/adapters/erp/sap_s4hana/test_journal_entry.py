"""What SAP is sent: the same document always the same, signed twice over, balanced, and never torn by what is in it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from shared.adapters.erp.sap_s4hana.journal_entry import request
from shared.domain.identifiers import CustomerId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import currency
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.outcome import Rejected, RejectionKind
from tests.builders.posting import GERMANY, a_credit_memo, a_document, eur, in_dollars
from tests.contract.erp.systems.sap_s4hana import UNDER_TEST

NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
ENTITY = LegalEntity(
    legal_entity_id=GERMANY,
    name="Acme GmbH",
    country="DE",
    functional_currency=currency("EUR"),
    invoice_series="DE-",
    erp=UNDER_TEST.mapping,
    approval=None,
)
DEBTORS = {CustomerId("acme"): "10100001"}
SFIN = "{http://sap.com/xi/SAPSCORE/SFIN}"


def sent(document: PostingDocument) -> Element:
    written = request(document, ENTITY, debtors=DEBTORS, created_at=NOW)
    assert isinstance(written, bytes)
    envelope: Element = fromstring(written, forbid_dtd=True)
    found = envelope.find(f".//{SFIN}JournalEntryBulkCreateRequest/JournalEntryCreateRequest")
    assert found is not None
    return found


def amounts(entry: Element, name: str = "AmountInTransactionCurrency") -> list[Decimal]:
    return [Decimal(amount.text or "") for amount in entry.iter(name)]


def test_the_same_document_has_the_same_id_and_uuid_and_no_other_has() -> None:
    def header(document: PostingDocument) -> tuple[str | None, str | None]:
        return sent(document).findtext("MessageHeader/ID"), sent(document).findtext("MessageHeader/UUID")

    assert header(a_document()) == header(a_document())
    assert header(a_document())[0] == a_document().external_ref
    assert header(a_document()) != header(a_document(posting_id="acme-2026/2026-10/r2"))


def test_an_invoice_debits_the_customer_and_credits_revenue_and_tax() -> None:
    entry = sent(a_document())

    sides = [
        (side.tag, side.findtext("AmountInTransactionCurrency"), side.findtext("DebitCreditCode"))
        for side in entry.iter()
        if side.tag in {"Item", "DebtorItem", "ProductTaxItem"}
    ]
    assert sides == [
        ("Item", "-1200.50", "H"),
        ("Item", "-0.07", "H"),
        ("DebtorItem", "1428.68", "S"),
        ("ProductTaxItem", "-228.11", "H"),
    ]
    assert entry.findtext("JournalEntry/DocumentReferenceID") == a_document().external_ref
    assert entry.findtext("JournalEntry/OriginalReferenceDocument") == a_document().external_ref
    assert entry.findtext("JournalEntry/AccountingDocumentType") == "DR"


def test_a_credit_memo_is_the_other_way_round_and_cleared_with_its_invoice() -> None:
    entry = sent(a_credit_memo(of_invoice="1010/1800000000/2026"))

    assert amounts(entry) == [Decimal("100.00"), Decimal("-119.00"), Decimal("19.00")]
    assert [code.text for code in entry.iter("DebitCreditCode")] == ["S", "H", "S"]
    assert entry.findtext("JournalEntry/DebtorItem/AssignmentReference") == "DE-000001"
    assert entry.findtext("JournalEntry/AccountingDocumentType") == "DG"


def test_a_line_of_nothing_is_left_out_and_a_discount_changes_sides() -> None:
    document = a_document()
    free = replace(document.lines[0], line_no=3, amount=eur("0.00"))
    discount = replace(document.lines[1], line_no=4, amount=eur("-0.07"))

    entry = sent(replace(document, lines=(*document.lines, free, discount)))

    items = [
        (item.findtext("AmountInTransactionCurrency"), item.findtext("DebitCreditCode")) for item in entry.iter("Item")
    ]
    assert items == [("-1200.50", "H"), ("-0.07", "H"), ("0.07", "S")]


def test_in_another_currency_the_books_balance_too() -> None:
    entry = sent(in_dollars(a_document()))

    local = amounts(entry, "AmountInCompanyCodeCurrency")
    assert sum(local) == sum(amounts(entry)) == 0
    assert {amount.get("currencyCode") for amount in entry.iter("AmountInCompanyCodeCurrency")} == {"EUR"}
    assert amounts(sent(a_document()), "AmountInCompanyCodeCurrency") == []


def test_what_a_mapping_has_too_wide_is_refused_before_it_is_sent() -> None:
    erp = replace(ENTITY.erp, tax_codes={"VAT19": "A19"}, settings={"created_by": "USAGE-TO-CASH"})

    refused = request(a_document(), replace(ENTITY, erp=erp), debtors=DEBTORS, created_at=NOW)

    assert isinstance(refused, Rejected)
    assert (refused.kind, refused.code) == (RejectionKind.VALIDATION, "TEXT_TOO_LONG")
    assert "CreatedByUser USAGE-TO-CASH" in refused.text
    assert "TaxCode A19" in refused.text


def test_what_stands_in_a_text_is_never_markup() -> None:
    hostile = '</DocumentItemText><GLAccount>1</GLAccount>&x;]]>"\x00\x0b'
    document = a_document()

    entry = sent(replace(document, lines=(replace(document.lines[0], description=hostile), document.lines[1])))

    assert entry.findtext("JournalEntry/Item/DocumentItemText") == hostile.rstrip("\x00\x0b")
    assert len([*entry.iter("GLAccount")]) == 2
