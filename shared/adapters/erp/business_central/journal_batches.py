"""Batches of journals in Business Central, one for each journal of ours, and the entries that posting leaves of it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from shared.adapters.erp.business_central.company import (
    Company,
    Row,
    after_failure,
    before_the_document,
    filtered,
    text,
)
from shared.adapters.erp.business_central.journal_lines import is_whole
from shared.adapters.erp.session import CallResult
from shared.adapters.http.exact_json import MalformedReplyError, write_json
from shared.adapters.http.transport import Reply
from shared.domain.posting.journal import Journal
from shared.domain.posting.outcome import Duplicate, LookupFailed, Rejected, Submission, Throttled, Uncertain

_CODE_WIDTH: Final = 10
_REQUESTS_IN_A_BATCH: Final = 100
_TEMPLATE: Final = "journal_template"


class JournalBatches:
    """The batches of one company, by the keys of journals: the first characters of a key are its batch's code."""

    def __init__(self, company: Company) -> None:
        self._company = company

    @staticmethod
    def code_of(external_ref: str) -> str:
        return external_ref[:_CODE_WIDTH]

    def entries(self, external_ref: str) -> list[Row] | LookupFailed:
        condition = f"documentNumber eq {text(external_ref)}"
        found = self._company.rows(filtered("generalLedgerEntries", condition, orderby="entryNumber"))
        if isinstance(found, LookupFailed):
            return found
        are_ours = all(row.get("documentNumber") == external_ref for row in found)
        return found if are_ours else LookupFailed("the entries that were found are not those that were asked for")

    def of(self, external_ref: str) -> Row | LookupFailed | None:
        """Return the batch of a journal with its lines; None where there is none."""
        code = self.code_of(external_ref)
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

    def emptied(self, journal: Journal) -> str | Submission:
        """Return the id of a batch without lines: what an attempt left half done is deleted, never filled up."""
        held = self.of(journal.external_ref)
        # Also after a look-up without an answer: the code is unique, and the reply tells what is wrong.
        if isinstance(held, dict):
            if is_whole(held["journalLines"]):
                return Duplicate()
            gone = self.delete(held)
            if not isinstance(gone, Reply) or not gone.succeeded:
                return before_the_document(gone)
        return self._new(journal)

    def fill(self, batch_id: str, lines: Sequence[Row]) -> Submission | None:
        """Write all lines, each hundred in one transaction; return None for success. What is refused leaves nothing."""
        for first in range(0, len(lines), _REQUESTS_IN_A_BATCH):
            outcome = self._written(batch_id, lines[first : first + _REQUESTS_IN_A_BATCH])
            if isinstance(outcome, Rejected):
                self.delete({"id": batch_id}, etag="*")
            if outcome is not None:
                return outcome
        return None

    def tidy(self, batch: Row | LookupFailed | None) -> None:
        """Delete a batch that was posted, unless somebody has written into it again."""
        if isinstance(batch, dict) and not batch["journalLines"]:
            self.delete(batch)

    def delete(self, batch: Row, *, etag: str = "") -> CallResult:
        """Delete a batch with its lines, by default in the version that was read."""
        version = etag or str(batch.get("@odata.etag", ""))
        return self._company.call("DELETE", f"journals({batch['id']})", headers={"If-Match": version})

    def _new(self, journal: Journal) -> str | Submission:
        template = self._company.entity.erp.settings.get(_TEMPLATE)
        body = {"code": self.code_of(journal.external_ref), "displayName": journal.human_number}
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
                    return before_the_document(result)
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
