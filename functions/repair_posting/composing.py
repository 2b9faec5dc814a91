"""The document of an issued invoice or credit note as it is composed by today's master data."""

from dataclasses import dataclass, replace

from shared.domain.invoicing.buyer import buyer_of, concerned, contract_of
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.invoicing.states import InvoiceTrigger, moved
from shared.domain.master_data.catalog import Contract, LegalEntity
from shared.domain.master_data.customer import Customer
from shared.domain.posting.compose import compose
from shared.domain.posting.compose_credit_memo import compose_credit_memo
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.intent import IntentState
from shared.domain.posting.journal import Document
from shared.domain.posting.names import IssuedName, JournalName, PostedName
from shared.domain.posting.outcome import ErpRef
from shared.domain.posting.repair import RepairRefusedError
from shared.ports.credit_notes import CreditNotes
from shared.ports.invoices import Invoices, StoredInvoice
from shared.ports.master_data import MasterData
from shared.ports.posting_intents import PostingIntents

UNPOSTED_STATES = frozenset({InvoiceState.ISSUED, InvoiceState.POSTING_FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """`invoice` is set where the document is an invoice's own."""

    document: Document
    invoice: StoredInvoice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    invoices: Invoices
    notes: CreditNotes
    intents: PostingIntents
    master_data: MasterData

    def __call__(self, name: PostedName) -> Composed:
        """Return the document with the first posting's name; raise RepairRefusedError where it has none.

        A journal is what was approved: nothing of it is composed anew.
        """
        if isinstance(name, JournalName):
            return Composed(document=self.intents.chain(name.first_posting)[0].document, invoice=None)
        stored = self.invoices.read(name.invoice_id, name.revision)
        if stored is None:
            raise RepairRefusedError(f"there is no invoice {name.invoice_id}, revision {name.revision}")
        contract, buyer, entity = self._parties(stored.invoice)
        if name.request_id is not None:
            return Composed(document=self._credit_memo(name, buyer, entity), invoice=None)
        if stored.invoice.state not in UNPOSTED_STATES:
            raise RepairRefusedError(f"{name.first_posting} is {stored.invoice.state}")
        return Composed(
            document=compose(stored.invoice, contract=contract, customer=buyer, entity=entity), invoice=stored
        )

    def _credit_memo(self, name: IssuedName, buyer: Customer, entity: LegalEntity) -> PostingDocument:
        stored = self.notes.read(name.invoice_id, name.revision, name.request_id or "")
        if stored is None:
            raise RepairRefusedError(f"nobody has asked for the credit {name.request_id} of {name.invoice_id}")
        return compose_credit_memo(
            stored.note, invoice_in_erp=self._invoice_in_erp(name), customer=buyer, entity=entity
        )

    def _invoice_in_erp(self, name: IssuedName) -> ErpRef:
        invoice = IssuedName(invoice_id=name.invoice_id, revision=name.revision, request_id=None)
        chain = self.intents.chain(invoice.first_posting)
        if not chain or chain[-1].state is not IntentState.POSTED:
            raise RepairRefusedError(f"{name.invoice_id} is not in its ERP: repair its own posting first")
        if chain[-1].erp_ref is None:
            told = f"{name.invoice_id} is booked by hand, without the ERP's own key of it"
            raise RepairRefusedError(f"{told}: say that key first by u2c posting mark-posted")
        return chain[-1].erp_ref

    def _parties(self, invoice: Invoice) -> tuple[Contract, Customer, LegalEntity]:
        self.master_data.version()
        entity = self.master_data.legal_entity(invoice.legal_entity_id)
        accounts = self.master_data.accounts(concerned(invoice))
        contract, buyer = contract_of(invoice, accounts), buyer_of(invoice, accounts)
        if entity is None or buyer is None or contract is None:
            raise RepairRefusedError(f"the published catalogue does not know the parties of {invoice.invoice_id}")
        return contract, buyer, entity


def posted(stored: StoredInvoice) -> StoredInvoice:
    """Return the invoice whose document is in the ledger."""
    return changed(stored, moved(stored.invoice, InvoiceTrigger.POST))


def changed(stored: StoredInvoice, invoice: Invoice) -> StoredInvoice:
    return replace(stored, invoice=invoice, version=stored.version + 1)
