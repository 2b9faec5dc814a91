"""One company's data in a simulated Business Central: customers, sales documents and the window for posting."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import NAMESPACE_URL, uuid5

from simulators.erp.business_central.dialect import not_found
from simulators.erp.business_central.document_types import INVOICE, DocumentType
from simulators.erp.business_central.odata import Entity, etag_of
from simulators.erp.company import CompanySetup
from simulators.erp.general_ledger import GeneralLedger
from simulators.http.read_lag import Store

ISO_CODE = re.compile(r"[A-Z]{3}")
FIRST_DRAFT_NUMBER = 102_200
FIRST_POSTED_NUMBER = 103_000


@dataclass(slots=True)
class CompanyBooks:
    """Everything a company holds. The posting window starts as set up and can be moved."""

    setup: CompanySetup
    ledger: GeneralLedger
    now: Callable[[], datetime]
    posting_from: date | None
    posting_to: date | None
    customers: dict[str, Entity] = field(default_factory=dict)  # by number
    invoices: dict[str, Entity] = field(default_factory=dict)  # by id
    credit_memos: dict[str, Entity] = field(default_factory=dict)  # by id
    journals: dict[str, Entity] = field(default_factory=dict)  # batches by id
    posted_journals: list[Entity] = field(default_factory=list)
    user_window: tuple[date | None, date | None] | None = None  # of the one user who calls, before the company's
    blocked_accounts: set[str] = field(default_factory=set)
    uncommitted: set[str] = field(default_factory=set)  # external document numbers that no list of documents shows yet
    _ids: int = 0
    _drafts: int = 0
    _posted: int = 0
    _changes: int = 0

    def new_id(self) -> str:
        self._ids += 1
        return str(uuid5(NAMESPACE_URL, f"{self.setup.company}/{self._ids}"))

    def next_draft_number(self, of: DocumentType) -> str:
        self._drafts += 1
        return f"{of.draft_prefix}{FIRST_DRAFT_NUMBER + self._drafts}"

    def next_posted_number(self, prefix: str) -> str:
        self._posted += 1
        return f"{prefix}{FIRST_POSTED_NUMBER + self._posted}"

    def stores(self) -> Iterator[Store]:
        """Yield what the documents are kept in."""
        yield from (self.invoices, self.credit_memos, self.journals, self.posted_journals)

    def documents(self, of: DocumentType) -> dict[str, Entity]:
        return self.invoices if of is INVOICE else self.credit_memos

    def stamp(self, entity: Entity) -> None:
        """Give an entity a new etag."""
        self._changes += 1
        entity["@odata.etag"] = etag_of(self._changes)

    def changed(self, entity: Entity) -> None:
        """Give an entity a new etag and time of change."""
        self.stamp(entity)
        entity["lastModifiedDateTime"] = self.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def iso_currency(self, code: str) -> str:
        """Return the ISO code of a currency of this company; blank is the local one."""
        ours = {theirs: iso for iso, theirs in self.setup.currencies.items()}
        return ours.get(code, code) or self.setup.local_currency

    def has_currency(self, code: str) -> bool:
        """Tell whether a code names a foreign currency; the local currency is in no table."""
        if code == self.setup.local_currency:
            return False
        return code in self.setup.currencies.values() if self.setup.currencies else bool(ISO_CODE.fullmatch(code))

    def invoice_of(self, external_ref: str) -> Entity:
        """Return the posted invoice with a reference; raises a Refusal where there is none."""
        for invoice in self.invoices.values():
            if invoice["externalDocumentNumber"] == external_ref and invoice["status"] != "Draft":
                return invoice
        raise not_found(f"The invoice {external_ref}")

    def journal(self, journal_id: str) -> Entity:
        journal = self.journals.get(journal_id.lower())
        if journal is None:
            raise not_found(f"The journal {journal_id}")
        return journal

    def document(self, of: DocumentType, document_id: str) -> Entity:
        document = self.documents(of).get(document_id.lower())
        if document is None:
            raise not_found(f"The {of.noun} {document_id}")
        return document

    def allows_posting_on(self, day: date) -> bool:
        first, last = self.user_window or (self.posting_from, self.posting_to)
        return (first is None or first <= day) and (last is None or day <= last)
