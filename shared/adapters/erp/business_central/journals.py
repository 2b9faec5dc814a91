"""Journals: a batch of its own for each, filled in one transaction, looked through, posted, and deleted.

Posting takes every line of a batch, whoever wrote it, and leaves nothing but entries of the general ledger. So a batch
is used once; it is looked through before it is posted; and the entries are looked up by their document number, which
is our key. The API has no currency for journals: they are in that of the company.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from shared.adapters.erp.business_central.company import Company, Row, after_failure, filtered, text
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
from shared.adapters.erp.reply_classes import before_any_write
from shared.adapters.erp.session import CallResult
from shared.adapters.http.exact_json import MalformedReplyError, write_json
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import ExternalRef
from shared.domain.posting.journal import Journal
from shared.domain.posting.outcome import (
    Absent,
    Ambiguous,
    Draft,
    Duplicate,
    ErpRef,
    Found,
    Location,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionKind,
    Submission,
    Throttled,
    Uncertain,
)

_CODE_WIDTH: Final = 10
_REQUESTS_IN_A_BATCH: Final = 100
_TEMPLATE: Final = "journal_template"


class JournalBatches:
    """The journals of one company. What refers to one is its document number, as a draft and as entries."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def submit(self, journal: Journal) -> Submission:
        local = self._company.entity.functional_currency
        if journal.net.currency != local:
            reason = f"Business Central takes journals from outside in {local} only, not in {journal.net.currency}"
            return Rejected(RejectionKind.VALIDATION, "FOREIGN_CURRENCY", reason)
        batch = self._empty_batch(journal)
        if not isinstance(batch, str):
            return batch
        fields = [line_fields(journal, line, self._company.entity) for line in journal.lines]
        for first in range(0, len(fields), _REQUESTS_IN_A_BATCH):
            outcome = self._written(batch, fields[first : first + _REQUESTS_IN_A_BATCH])
            if isinstance(outcome, Rejected):
                self._delete({"id": batch}, etag="*")  # nothing of it counts
            if outcome is not None:
                return outcome
        return Draft(ErpRef(journal.external_ref))

    def advance(self, journal: Journal) -> Submission:
        ref = ErpRef(journal.external_ref)
        entries, batch = self._entries(journal.external_ref), self._batch(journal.external_ref)
        if isinstance(entries, LookupFailed) or isinstance(batch, LookupFailed):
            return Uncertain("the journal could not be read before posting")
        if entries:
            if batch is not None and not batch["journalLines"]:
                self._delete(batch)
            return Posted(ref)
        if batch is None:
            return Uncertain("the batch of the journal is not there")
        differing = foreign_to(expected_lines(journal, self._company.entity), batch["journalLines"])
        if differing:
            return Rejected(RejectionKind.VALIDATION, "DRAFT_DIFFERS", differing)
        return self._posted(batch, journal, ref)

    def _posted(self, batch: Row, journal: Journal, ref: ErpRef) -> Submission:
        result = self._company.call("POST", f"journals({batch['id']})/Microsoft.NAV.post")
        if isinstance(result, Reply) and result.succeeded:
            self._delete(batch, etag="*")  # it is empty now, whatever its version
            return Posted(ref)
        outcome = after_failure(result)
        if isinstance(outcome, Rejected):
            entries = self._entries(journal.external_ref)
            if entries and not isinstance(entries, LookupFailed):
                return Posted(ref)  # an earlier attempt of ours got through
        return refined_refusal(self._company, outcome, journal.posting_date)

    def discard(self, ref: ErpRef) -> None:
        """Delete a batch that was never posted; posting leaves its lines as entries, which nobody deletes."""
        batch = self._batch(ref.value)
        if isinstance(batch, dict) and batch["journalLines"]:
            self._delete(batch)

    def locate(self, external_ref: ExternalRef) -> Location:
        entries = self._entries(external_ref)
        if isinstance(entries, LookupFailed):
            return entries
        batch = self._batch(external_ref)
        if isinstance(batch, LookupFailed):
            return batch
        drafted = [] if batch is None or not is_whole(batch["journalLines"]) else batch["journalLines"]
        copies = postings_of(entries) + ([f"journal batch {external_ref[:_CODE_WIDTH]}"] if drafted else [])
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

    def _entries(self, external_ref: str) -> list[Row] | LookupFailed:
        condition = f"documentNumber eq {text(external_ref)}"
        found = self._company.rows(filtered("generalLedgerEntries", condition, orderby="entryNumber"))
        if isinstance(found, LookupFailed):
            return found
        are_ours = all(row.get("documentNumber") == external_ref for row in found)
        return found if are_ours else LookupFailed("the entries that were found are not those that were asked for")

    def _batch(self, external_ref: str) -> Row | LookupFailed | None:
        """Return the batch of a journal with its lines; None where there is none."""
        code = external_ref[:_CODE_WIDTH]
        condition = f"code eq {text(code)}"
        found = self._company.rows(filtered("journals", condition, expand="journalLines"))
        if isinstance(found, LookupFailed):
            return found
        if not found:
            return None
        (batch, *others) = found
        lines = batch.get("journalLines")
        is_whole_reply = isinstance(lines, list) and all(isinstance(line, dict) for line in lines)
        is_ours = batch.get("code") == code and isinstance(batch.get("id"), str) and not others
        return batch if is_ours and is_whole_reply else LookupFailed(f"there is no single batch {code}")

    def _empty_batch(self, journal: Journal) -> str | Submission:
        """Return the id of a batch without lines: what an attempt left half done is deleted, never filled up."""
        held = self._batch(journal.external_ref)
        # Also after a look-up without an answer: the code is unique, and the reply tells what is wrong.
        if isinstance(held, dict):
            if is_whole(held["journalLines"]):
                return Duplicate()
            gone = self._delete(held)
            if not isinstance(gone, Reply) or not gone.succeeded:
                return before_any_write(gone)
        return self._new_batch(journal)

    def _delete(self, batch: Row, *, etag: str = "") -> CallResult:
        """Delete a batch with its lines, by default in the version that was read."""
        version = etag or str(batch.get("@odata.etag", ""))
        return self._company.call("DELETE", f"journals({batch['id']})", headers={"If-Match": version})

    def _new_batch(self, journal: Journal) -> str | Submission:
        template = self._company.entity.erp.settings.get(_TEMPLATE)
        body = {"code": journal.external_ref[:_CODE_WIDTH], "displayName": journal.human_number}
        result = self._company.call(
            "POST", "journals", body=body | ({"templateDisplayName": template} if template else {})
        )
        if not isinstance(result, Reply) or not result.succeeded:
            match after_failure(result):
                case Rejected() as refusal:
                    return refusal
                case Duplicate():
                    return Throttled()  # somebody else was faster, or it was not seen before
                case _:
                    return before_any_write(result)
        try:
            return str(result.json()["id"])
        except (MalformedReplyError, KeyError):
            return Throttled()  # it is there and empty: the next attempt finds it

    def _written(self, batch: str, lines: Sequence[Row]) -> Submission | None:
        """Write lines in one transaction; return None for success."""
        url = f"{self._company.address.lstrip('/')}/journals({quote(batch)})/journalLines"
        headers = {"Content-Type": "application/json"}
        requests = [
            {"id": str(number), "method": "POST", "url": url, "headers": headers, "body": line}
            for number, line in enumerate(lines, start=1)
        ]
        result = self._company.session.call(
            "POST", "/$batch", body={"requests": requests}, headers={"Isolation": "snapshot"}
        )
        if not isinstance(result, Reply) or not result.succeeded:
            return after_failure(result)
        return _first_refusal(result, expected=len(lines))


def _first_refusal(result: Reply, *, expected: int) -> Submission | None:
    try:
        answers = result.json()["responses"]
        statuses = [int(answer["status"]) for answer in answers]
        for answer, status in zip(answers, statuses, strict=True):
            if status >= HTTPStatus.BAD_REQUEST:
                body = write_json(answer["body"]).encode()
                inner: CallResult = Reply(status, {}, body)
                return after_failure(inner)
    except (MalformedReplyError, KeyError, TypeError, ValueError):
        return Uncertain("the reply to the lines cannot be read")
    return None if len(statuses) == expected else Uncertain(f"{len(statuses)} answers to {expected} lines")
