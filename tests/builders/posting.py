"""Postings as tests speak of them: acme's October invoice over two products, from a German legal entity."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from shared.domain.identifiers import CustomerId, JournalId, LegalEntityId, PostingId, ProductId, TenantId
from shared.domain.money import Money, currency
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.document import (
    CorrectedDocument,
    DocumentKind,
    PostingDocument,
    PostingLine,
    PostingParty,
    PostingTax,
    external_ref,
)
from shared.domain.posting.intent import PostingIntent, new_intent
from shared.domain.posting.journal import Document, Journal, JournalLine
from shared.domain.posting.names import JournalName
from tests.builders.exchange_rates import FRIDAYS_RATE

TENANT = TenantId("default")
GERMANY = LegalEntityId("acme-gmbh")
BOOKS = "tryton/acme-gmbh/1"  # what its documents go into
FIRST_OF_NOVEMBER = datetime(2026, 11, 1, 6, tzinfo=UTC)


def eur(amount: str) -> Money:
    return Money(Decimal(amount), currency("EUR"))


def a_document(
    *,
    posting_id: str = "acme-2026/2026-10/r1",
    posting_date: date = date(2026, 10, 31),
    legal_entity: str = GERMANY,
    number: str = "DE-000001",
) -> PostingDocument:
    """1200.50 and 0.07 net of tax, 19 % on their sum."""
    return PostingDocument(
        tenant=TENANT,
        posting_id=PostingId(posting_id),
        external_ref=external_ref(tenant=TENANT, posting_id=PostingId(posting_id)),
        kind=DocumentKind.INVOICE,
        legal_entity_id=LegalEntityId(legal_entity),
        human_number=number,
        document_date=date(2026, 10, 31),
        posting_date=posting_date,
        due_date=date(2026, 11, 30),
        party=PostingParty(
            customer_id=CustomerId("acme"),
            name="Acme Corp",
            country="DE",
            tax_id="DE811907980",
            email="ap@acme.example",
        ),
        lines=(_line(1, "api", "1200.50"), _line(2, "storage", "0.07")),
        taxes=(PostingTax(code="VAT19", rate=Decimal("0.19"), base=eur("1200.57"), amount=eur("228.11")),),
        net=eur("1200.57"),
        tax=eur("228.11"),
        gross=eur("1428.68"),
        purchase_order="PO-88",
    )


def with_discount(document: PostingDocument) -> PostingDocument:
    """Return it with 50.00 off and 9.50 of tax, in a line that comes first."""
    (tax,) = document.taxes
    (discount, *_), off = document.lines, eur("50.00")
    lowered = replace(tax, base=tax.base - off, amount=tax.amount - eur("9.50"))
    return replace(
        document,
        lines=(
            replace(discount, line_no=1, description="volume discount", amount=-off),
            *(replace(line, line_no=line.line_no + 1) for line in document.lines),
        ),
        taxes=(lowered,),
        net=lowered.base,
        tax=lowered.amount,
        gross=lowered.base + lowered.amount,
    )


def a_credit_memo(
    *,
    of_invoice: str,
    posting_id: str = "acme-2026/2026-10/r1/credit/sla-7",
    net: str = "100.00",
    tax: str = "19.00",
    number: str = "DE-CN-000001",
) -> PostingDocument:
    """100.00 of the API line net of tax; `of_invoice` is the ERP's own key of acme's invoice."""
    line = _line(1, "api", net)
    return PostingDocument(
        tenant=TENANT,
        posting_id=PostingId(posting_id),
        external_ref=external_ref(tenant=TENANT, posting_id=PostingId(posting_id)),
        kind=DocumentKind.CREDIT_MEMO,
        legal_entity_id=GERMANY,
        human_number=number,
        document_date=date(2026, 11, 20),
        posting_date=date(2026, 11, 20),
        due_date=date(2026, 11, 20),
        party=a_document().party,
        lines=(line,),
        taxes=(PostingTax(code="VAT19", rate=Decimal("0.19"), base=eur(net), amount=eur(tax)),),
        net=eur(net),
        tax=eur(tax),
        gross=eur(net) + eur(tax),
        corrects=CorrectedDocument(human_number="DE-000001", erp_ref=of_invoice),
    )


def a_journal(
    journal_id: str = "accrual-10", *, amount: str = "300.00", posted_on: date = date(2026, 10, 31)
) -> Journal:
    """Unbilled receivables against revenue of October."""
    name = JournalName(journal_id=JournalId(journal_id)).first_posting
    return Journal(
        tenant=TENANT,
        posting_id=name,
        external_ref=external_ref(tenant=TENANT, posting_id=name),
        legal_entity_id=GERMANY,
        human_number=journal_id,
        document_date=posted_on,
        posting_date=posted_on,
        text="Accrual of October",
        lines=(
            JournalLine(line_no=1, account="unbilled", amount=eur(amount), text="usage not billed"),
            JournalLine(line_no=2, account="revenue", amount=-eur(amount), text="usage not billed"),
        ),
    )


def reversed_by(journal: Journal) -> Journal:
    """Return the journal that takes it back on the first of November."""
    name = PostingId(f"{journal.posting_id}-back")
    return replace(
        journal,
        posting_id=name,
        external_ref=external_ref(tenant=TENANT, posting_id=name),
        human_number=f"{journal.human_number}-back",
        posting_date=date(2026, 11, 1),
        lines=tuple(replace(line, amount=-line.amount) for line in journal.lines),
        reverses=journal.posting_id,
    )


def billed(document: Document) -> PostingDocument:
    """Return it as the invoice or credit memo that it is."""
    assert isinstance(document, PostingDocument)
    return document


def in_dollars(document: PostingDocument) -> PostingDocument:
    """Return it with all amounts in dollars, converted into its books in euros."""
    usd = currency("USD")
    return replace(
        document,
        lines=tuple(replace(line, amount=Money(line.amount.amount, usd)) for line in document.lines),
        taxes=tuple(
            replace(tax, base=Money(tax.base.amount, usd), amount=Money(tax.amount.amount, usd))
            for tax in document.taxes
        ),
        net=Money(document.net.amount, usd),
        tax=Money(document.tax.amount, usd),
        gross=Money(document.gross.amount, usd),
        rate=FRIDAYS_RATE,
    )


def in_dollars_journal(journal: Journal) -> Journal:
    """Return it with all amounts in dollars."""
    usd = currency("USD")
    return replace(journal, lines=tuple(replace(line, amount=Money(line.amount.amount, usd)) for line in journal.lines))


def an_intent(
    document: Document | None = None,
    *,
    created_at: datetime = FIRST_OF_NOVEMBER,
    on_closed_period: ClosedPeriodPolicy = ClosedPeriodPolicy.PERSON,
) -> PostingIntent:
    return new_intent(document or a_document(), created_at=created_at, on_closed_period=on_closed_period)


def _line(line_no: int, product: str, amount: str) -> PostingLine:
    return PostingLine(
        line_no=line_no,
        product_id=ProductId(product),
        description=f"{product} usage",
        quantity=Decimal(12005),
        amount=eur(amount),
        tax_code="VAT19",
        tax_rate=Decimal("0.19"),
        service_from=date(2026, 10, 1),
        service_to=date(2026, 10, 31),
    )
