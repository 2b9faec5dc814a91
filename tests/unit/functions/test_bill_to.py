"""A contract whose invoices go to another customer: that one is taxed, billed, posted and credited for its usage."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from functions.issue_credit_note.crediting import crediting
from functions.render_invoice.use_case import InvoiceRenderer
from shared.domain.identifiers import CustomerId, PostingId
from shared.domain.invoice_document.document import DocumentId, InvoiceDocument
from shared.domain.invoicing.invoice import Invoice
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.customer import Customer, Dated
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.intent import IntentState, new_intent
from shared.domain.posting.outcome import ErpRef
from tests.builders.billing import ACME, ALWAYS, calls, catalog, contract, euros, german_vat, nimbus
from tests.builders.posting import billed
from tests.fakes.billing_world import BillingWorld
from tests.fakes.in_memory_credit_notes import InMemoryCreditNotes
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_invoice_documents import InMemoryInvoiceDocuments
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents
from tests.fakes.in_memory_receivables import InMemoryReceivables
from tests.fakes.steady_clock import SteadyClock

HOLDING = Customer(
    customer_id=CustomerId("acme-holding"),
    name="ACME Holding SA",
    country="FR",
    time_zone=ZoneInfo("America/New_York"),
    known_as=(Dated("acme-holding", ALWAYS),),
    tax_id="FR40303265045",
)
FRENCH_VAT = replace(german_vat("0.20"), code="FR-20", buyer_country="FR")


def billed_to_the_holding() -> Catalog:
    entity = nimbus()
    codes = {**entity.erp.tax_codes, "FR-20": "VAT20"}
    source = catalog(
        contracts=[replace(contract(), bill_to=HOLDING.customer_id)],
        entity=replace(entity, erp=replace(entity.erp, tax_codes=codes)),
        tax_rates=[german_vat(), FRENCH_VAT],
    )
    return replace(source, customers=(ACME, HOLDING))


def an_issued_world() -> BillingWorld:
    world = BillingWorld(calls(150))
    world.publish(billed_to_the_holding())
    world.build(world.select())
    world.tax()
    world.validate()
    world.issue()
    return world


def posted(invoice: Invoice, world: BillingWorld) -> PostingDocument:
    intent = world.invoices.intents.read(PostingId(f"{invoice.invoice_id}/r1"))
    assert intent is not None
    return billed(intent.document)


def test_the_usage_is_the_customers_and_the_invoice_the_buyers() -> None:
    invoice = an_issued_world().invoice

    assert (invoice.customer_id, invoice.buyer_id) == ("acme", "acme-holding")
    assert [line.quantity for line in invoice.lines if line.meter] == [150]


def test_tax_is_that_of_the_buyers_country() -> None:
    invoice = an_issued_world().invoice

    assert [(tax.code, tax.amount) for tax in invoice.taxes] == [("FR-20", euros("22.30"))]
    assert invoice.gross == euros("133.80")


def test_the_erp_is_told_of_the_buyer_with_the_days_of_whose_usage_it_is() -> None:
    world = an_issued_world()

    document = posted(world.invoice, world)

    assert (document.party.customer_id, document.party.tax_id) == ("acme-holding", "FR40303265045")
    assert {(line.service_from, line.service_to) for line in document.lines} == {
        (date(2026, 10, 1), date(2026, 10, 31))
    }


def test_what_is_sent_names_the_buyer() -> None:
    world = an_issued_world()
    documents = InMemoryInvoiceDocuments()

    InvoiceRenderer(
        invoices=world.invoices,
        notes=InMemoryCreditNotes(),
        master_data=world.master_data,
        documents=documents,
        printer=_Printer(),
        write_e_invoice=lambda _: b"",
        exceptions=InMemoryExceptionReporter(),
        clock=SteadyClock(datetime(2026, 11, 2, tzinfo=UTC)),
    ).render(DocumentId(world.invoice.invoice_id, 1))

    document = documents.kept(DocumentId(world.invoice.invoice_id, 1))
    assert document is not None
    assert (document.customer_id, document.buyer.name, document.buyer.vat_id) == (
        "acme-holding",
        "ACME Holding SA",
        "FR40303265045",
    )
    assert (document.period_from, document.period_to) == (date(2026, 10, 1), date(2026, 10, 31))


def test_a_credit_is_the_buyers_also_after_the_contract_has_another_one() -> None:
    world = an_issued_world()
    sent = new_intent(posted(world.invoice, world), created_at=world.clock.now())
    intents = InMemoryPostingIntents()
    intents.add(replace(sent, state=IntentState.POSTED, erp_ref=ErpRef("inv-1")))
    world.publish(replace(billed_to_the_holding(), contracts=(contract(),)), version="v2")

    of = crediting(
        world.invoice.invoice_id,
        1,
        notes=InMemoryCreditNotes(world.invoices),
        invoices=world.invoices,
        intents=intents,
        receivables=InMemoryReceivables(),
        master_data=world.master_data,
    )

    assert (of.buyer.customer_id, of.buyer.time_zone) == ("acme-holding", ACME.time_zone)


class _Printer:
    def print(self, _document: InvoiceDocument) -> bytes:
        return b"%PDF"
