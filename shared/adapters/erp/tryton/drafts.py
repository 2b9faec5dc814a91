"""What a new draft of Tryton's has to say, once everything that it names is known there."""

from collections.abc import Mapping
from typing import Final

from shared.adapters.erp.tryton.connection import TrytonConnection, Unread
from shared.adapters.erp.tryton.credits import unfit_credit
from shared.adapters.erp.tryton.customers import Customer, ensured_customer, known_customer
from shared.adapters.erp.tryton.documents import invoice_fields, named_by
from shared.adapters.erp.tryton.journals import move_fields
from shared.adapters.erp.tryton.keys import Keys, Named, NotReady
from shared.domain.identifiers import CustomerId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.outcome import Rejected, RejectionCode

REVENUE_JOURNAL: Final = ("revenue_journal", "REV")  # the setting and what Tryton brings along
GENERAL_JOURNAL: Final = ("general_journal", "MISC")


def journal_code(entity: LegalEntity, kind: DocumentKind) -> str:
    """Return the code of the journal that documents of a kind are booked in."""
    setting, usual = GENERAL_JOURNAL if kind is DocumentKind.JOURNAL else REVENUE_JOURNAL
    return entity.erp.settings.get(setting, usual)


class Drafts:
    """Writes them for one entity; all look-ups are before the one call that creates."""

    def __init__(self, connection: TrytonConnection, entity: LegalEntity) -> None:
        self._connection = connection
        self._entity = entity
        self._mapping = entity.erp
        self._keys = Keys(connection)

    def fields_of(self, document: Document) -> Mapping[str, object] | NotReady:
        """Return the body of the call that creates the draft; ensures the customer."""
        return self._move(document) if isinstance(document, Journal) else self._invoice(document)

    def _invoice(self, document: PostingDocument) -> Mapping[str, object] | NotReady:
        if document.corrects is not None and (refusal := unfit_credit(self._connection, document)) is not None:
            return refusal
        journal = journal_code(self._entity, document.kind)
        not_ready = self._keys.learn(named_by(document, self._mapping, journal))
        if not_ready is not None:
            return not_ready
        customer = ensured_customer(self._connection, document.party)
        if not isinstance(customer, Customer):
            return customer
        return invoice_fields(document, self._mapping, journal, keys=self._keys, customer=customer)

    def _move(self, journal: Journal) -> Mapping[str, object] | NotReady:
        if journal.net.currency != self._entity.functional_currency:
            text = f"Tryton books journals in the company's currency, not in {journal.net.currency}"
            return Rejected.of(RejectionCode.FOREIGN_CURRENCY, text)
        booked_in = journal_code(self._entity, DocumentKind.JOURNAL)
        accounts = [self._mapping.account(line.account) for line in journal.lines]
        not_ready = self._keys.learn({Named.ACCOUNT: accounts, Named.JOURNAL: [booked_in]})
        if not_ready is not None:
            return not_ready
        period = self._keys.period_of(journal.posting_date)
        if not isinstance(period, int):
            return period
        parties = self._parties(journal)
        if not isinstance(parties, Mapping):
            return parties
        return move_fields(journal, self._mapping, booked_in, keys=self._keys, period=period, parties=parties)

    def _parties(self, journal: Journal) -> Mapping[CustomerId, int] | NotReady:
        """Return the parties that lines name; a journal says too little of a customer to create one."""
        parties: dict[CustomerId, int] = {}
        for customer_id in dict.fromkeys(line.customer_id for line in journal.lines):
            if customer_id is None:
                continue
            found = known_customer(self._connection, customer_id)
            match found:
                case Customer(party=party):
                    parties[customer_id] = party
                case Unread():
                    return found.for_document
                case Rejected():
                    return found
                case None:
                    text = f"Tryton has no party for customer {customer_id}"
                    return Rejected.of(RejectionCode.CUSTOMER_MISSING, text)
        return parties
