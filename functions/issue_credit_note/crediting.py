"""An invoice that may be credited, with its parties and its document in the ERP."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.billing_calendar import adjusting_periods
from shared.domain.invoicing.buyer import buyer_of, concerned
from shared.domain.invoicing.credit_note import CreditNote, CreditPurpose, CreditRequest
from shared.domain.invoicing.invoice import Invoice, invoice_id
from shared.domain.invoicing.lowered_later import NOTHING_LOWERED, lowered_later
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.invoicing.standing import Standing
from shared.domain.master_data.catalog import CustomerAccount, LegalEntity
from shared.domain.master_data.customer import Customer
from shared.domain.money import Money
from shared.domain.posting.compose import party_of, posting_id
from shared.domain.posting.compose_credit_memo import compose_credit_memo
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.intent import IntentState
from shared.domain.posting.limits import Contents, MisfitCode, misfits
from shared.domain.posting.outcome import ErpRef
from shared.domain.posting.systems.registry import SYSTEMS
from shared.domain.posting.tax_difference import why_not_taken
from shared.domain.receivables.receivable import Receivable
from shared.domain.tax.credit import credit_document
from shared.domain.tax.document import issued_document
from shared.domain.tax.intent import TaxIntent, TaxIntentId, TaxOperation, new_tax_intent
from shared.ports.credit_notes import CreditNotes
from shared.ports.invoices import Invoices, StoredInvoice
from shared.ports.master_data import MasterData
from shared.ports.posting_intents import PostingIntents
from shared.ports.receivables import Receivables


class NothingToCreditError(LookupError):
    """There is no such invoice, or it is not in its ERP's ledger; the text says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crediting:
    """`lowered` is what later invoices of the contract have taken off the invoice's lines, by line id.

    `standing` is how the invoice stood before any of this was read, `posted_on` the date it has in the ERP's ledger,
    `receivable` how it stands there as the ERP told it last. An invoice whose posting was cancelled is not there, and
    can only be voided.
    """

    standing: Standing
    stored: StoredInvoice
    posted_on: date
    receivable: Receivable | None
    lowered: Mapping[str, Money]
    invoice_in_erp: ErpRef | None
    buyer: Customer
    entity: LegalEntity

    @property
    def invoice(self) -> Invoice:
        return self.stored.invoice

    def taken_off(self, request: CreditRequest) -> Mapping[str, Money]:
        """Return what is not left for a credit, by line id; nothing for a void, after which later lines still stand."""
        return NOTHING_LOWERED if request.purpose is CreditPurpose.VOID else self.lowered

    def posting(self, note: CreditNote) -> PostingDocument:
        return compose_credit_memo(note, invoice_in_erp=self.invoice_in_erp, customer=self.buyer, entity=self.entity)

    def tax_intent(self, note: CreditNote, posting: PostingDocument, *, now: datetime) -> TaxIntent | None:
        """Return what is to be recorded with an outside tax engine; there is nobody to tell of the table's tax."""
        if not self.entity.tax.is_outside:
            return None
        original = issued_document(self.invoice, seller=self.entity, buyer=self.buyer)
        return new_tax_intent(
            TaxIntentId(posting.posting_id),
            TaxOperation.REFUND,
            credit_document(note, posting, invoice=self.invoice, original=original),
            original=original,
            tenant=note.tenant,
            accounting_period=posting.accounting_period,
            created_at=now,
        )


def crediting(
    name: InvoiceId,
    revision: int,
    *,
    notes: CreditNotes,
    invoices: Invoices,
    intents: PostingIntents,
    receivables: Receivables,
    master_data: MasterData,
) -> Crediting:
    """Return the invoice with all that crediting it needs; raise NothingToCreditError."""
    standing = notes.standing(name, revision)
    stored = invoices.read(name, revision)
    if stored is None:
        raise NothingToCreditError(f"there is no invoice {name}, revision {revision}")
    if (on := stored.invoice.consolidated_on) is not None:
        raise NothingToCreditError(f"the lines of {name} are on the invoice {on.invoice_id}: credit that one")
    chain = intents.chain(posting_id(name, revision))
    if not chain:
        raise NothingToCreditError(f"{name} is not issued: it is drafted anew, not credited")
    posting = chain[-1]
    is_in_erp = posting.state is IntentState.POSTED
    if is_in_erp and posting.erp_ref is None:
        told = f"{stored.invoice.number} is booked by hand as {posting.erp_number}, without the ERP's own key of it"
        raise NothingToCreditError(f"{told}: credit it there, or say its key first by u2c posting mark-posted")
    if posting.state is IntentState.REJECTED:
        told = f"{stored.invoice.number} was refused by its ERP, and is not there"
        raise NothingToCreditError(f"{told}: see to that by u2c posting repair {posting.posting_id} first")
    if not is_in_erp and posting.state is not IntentState.CANCELLED:
        raise NothingToCreditError(f"{stored.invoice.number} is not in its ERP yet ({posting.state}): ask again then")
    master_data.version()
    entity = master_data.legal_entity(stored.invoice.legal_entity_id)
    accounts = master_data.accounts(concerned(stored.invoice))
    buyer = buyer_of(stored.invoice, accounts)
    if entity is None or buyer is None:
        raise NothingToCreditError(f"the published catalogue does not know the parties of {stored.invoice.number}")
    later = _later_invoices(stored.invoice, accounts.values(), invoices)
    return Crediting(
        standing=standing,
        lowered=lowered_later(stored.invoice, later),
        stored=stored,
        posted_on=posting.document.posting_date,
        receivable=receivables.read(posting.legal_entity_id, posting.posting_id),
        invoice_in_erp=posting.erp_ref if is_in_erp else None,
        buyer=buyer,
        entity=entity,
    )


def _later_invoices(invoice: Invoice, accounts: Iterable[CustomerAccount], invoices: Invoices) -> Iterable[Invoice]:
    """Return those that can have adjusted a billing period on the invoice, of each contract whose lines it has."""
    contracts = {invoice.contract_id, *(one.contract_id for one in invoice.members)}
    later = [
        invoice_id(contract.contract_id, period)
        for account in accounts
        for contract in account.contracts
        if contract.contract_id in contracts
        for period in adjusting_periods(contract, invoice.billing_period, account.customer.time_zone)
    ]
    return invoices.newest(later).values()


def what_does_not_fit(note: CreditNote, of: Crediting) -> tuple[str, ...]:
    """Name what the ERP would refuse: once it has a number, a credit note cannot be given up."""
    return tuple(_unfit(note, of))


def _unfit(note: CreditNote, of: Crediting) -> Iterator[str]:
    if of.invoice_in_erp is None or note.request.made_in_erp:
        return  # it is never sent
    entity, erp, system = of.entity, of.entity.erp, SYSTEMS[of.entity.erp.system]
    first = InvoiceSeries(legal_entity_id=entity.legal_entity_id, prefix=entity.credit_note_prefix, last=1)
    contents = Contents(
        number=note.number or first.last_number,
        lines=note.credited.lines,
        currency=note.credited.gross.currency,
        party=party_of(of.buyer),
        may_be_new=False,  # it has the invoice's
    )
    for misfit in misfits(contents, erp, system):
        missing = f" has no name in the {erp.system} of {entity.legal_entity_id} any more"
        yield misfit.text + (missing if misfit.code is MisfitCode.NOT_MAPPED else "")
    lines = [(line.tax_code, line.tax_rate, line.amount) for line in note.credited.lines]
    if why := why_not_taken(lines, note.credited.tax, erp, system):
        yield f"{why}; credit other amounts, or set it"
