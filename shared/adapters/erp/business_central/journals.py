"""Journals: a batch of its own for each, filled in one transaction, looked through, posted, and deleted.

Posting takes every line of a batch, whoever wrote it, and leaves nothing but entries of the general ledger. So a batch
is used once; it is looked through before it is posted; and the entries are looked up by their document number, which
is our key. The API has no currency for journals: they are in that of the company.
"""

from shared.adapters.erp.business_central.company import Company, Row, after_failure
from shared.adapters.erp.business_central.journal_batches import JournalBatches
from shared.adapters.erp.business_central.journal_lines import (
    as_drafted,
    as_posted,
    expected_lines,
    foreign_to,
    is_whole,
    line_fields,
    postings_of,
)
from shared.adapters.erp.business_central.periods import refined_refusal
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import ExternalRef
from shared.domain.posting.journal import Journal
from shared.domain.posting.outcome import (
    Absent,
    Ambiguous,
    Draft,
    ErpRef,
    Found,
    Location,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionCode,
    Submission,
    Uncertain,
)


class Journals:
    """The journals of one company. What refers to one is its document number, as a draft and as entries."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._batches = JournalBatches(company)

    def submit(self, journal: Journal) -> Submission:
        local = self._company.entity.functional_currency
        if journal.net.currency != local:
            reason = f"Business Central takes journals from outside in {local} only, not in {journal.net.currency}"
            return Rejected.of(RejectionCode.FOREIGN_CURRENCY, reason)
        batch = self._batches.emptied(journal)
        if not isinstance(batch, str):
            return batch
        lines = [line_fields(journal, line, self._company.entity) for line in journal.lines]
        refusal = self._batches.fill(batch, lines)
        if refusal is not None:
            return refusal
        return Draft(ErpRef(journal.external_ref))

    def advance(self, journal: Journal) -> Submission:
        ref = ErpRef(journal.external_ref)
        entries, batch = self._batches.entries(journal.external_ref), self._batches.of(journal.external_ref)
        if isinstance(entries, LookupFailed) or isinstance(batch, LookupFailed):
            return Uncertain("the journal could not be read before posting")
        if entries:
            self._batches.tidy(batch)
            return Posted(ref)
        if batch is None:
            return Uncertain("the batch of the journal is not there")
        differing = foreign_to(expected_lines(journal, self._company.entity), batch["journalLines"])
        if differing:
            return Rejected.of(RejectionCode.DRAFT_DIFFERS, differing)
        return self._posted(batch, journal, ref)

    def _posted(self, batch: Row, journal: Journal, ref: ErpRef) -> Submission:
        result = self._company.call("POST", f"journals({batch['id']})/Microsoft.NAV.post")
        if isinstance(result, Reply) and result.succeeded:
            self._batches.tidy(self._batches.of(journal.external_ref))
            return Posted(ref)
        outcome = after_failure(result)
        if isinstance(outcome, Rejected):
            entries = self._batches.entries(journal.external_ref)
            if isinstance(entries, LookupFailed):
                unseen = f"whether it is posted nobody could see: {entries.reason}"
                return Uncertain(f"{outcome.code}: {outcome.text}; {unseen}")
            if entries:
                return Posted(ref)  # an earlier attempt of ours got through
        return refined_refusal(self._company, outcome, journal.posting_date)

    def discard(self, ref: ErpRef) -> None:
        """Delete a batch that was never posted; posting leaves its lines as entries, which nobody deletes."""
        batch = self._batches.of(ref.value)
        if isinstance(batch, dict) and batch["journalLines"]:
            self._batches.delete(batch)

    def locate(self, external_ref: ExternalRef) -> Location:
        entries = self._batches.entries(external_ref)
        if isinstance(entries, LookupFailed):
            return entries
        batch = self._batches.of(external_ref)
        if isinstance(batch, LookupFailed):
            return batch
        drafted = [] if batch is None or not is_whole(batch["journalLines"]) else batch["journalLines"]
        copies = postings_of(entries) + ([f"journal batch {self._batches.code_of(external_ref)}"] if drafted else [])
        if len(copies) > 1:
            return Ambiguous(tuple(ErpRef(copy) for copy in copies))
        if not copies:
            return Absent()  # a batch that is not whole has nothing that anybody would post: it is made anew
        document = self._document(external_ref, entries, drafted)
        return document if isinstance(document, LookupFailed) else Found(document)

    def read(self, ref: ErpRef) -> PostedDocument | LookupFailed:
        match self.locate(ExternalRef(ref.value)):
            case Found(document=document):
                return document
            case LookupFailed() as failed:
                return failed
            case Absent() | Ambiguous():
                return LookupFailed(f"there is no single journal {ref.value}")

    def _document(self, external_ref: str, entries: list[Row], drafted: list[Row]) -> PostedDocument | LookupFailed:
        unit = self._company.entity.functional_currency
        return as_posted(external_ref, entries, unit) if entries else as_drafted(external_ref, drafted, unit)
