"""Drafts that only the ERP's own batch job posts: a header first, then its lines all at once, then waiting.

The header's key is the ERP's, and nothing in a changeset can name it: so lines go in a second call. A header without
lines is never posted, and a line is unique by its number within its header: sending lines again doubles none of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from shared.adapters.erp.dynamics_finance.data_service import DataService, Row
from shared.adapters.http.transport import Reply
from shared.domain.posting.outcome import (
    Accepted,
    AuthFailed,
    Draft,
    Duplicate,
    ErpRef,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionCode,
    Submission,
    Throttled,
    Ticket,
    Uncertain,
)


class DraftType(Protocol):
    """What the ERP calls a header and its lines, and how they are read."""

    @property
    def headers(self) -> str: ...

    @property
    def read_of_headers(self) -> tuple[str, ...]: ...

    @property
    def lines(self) -> str: ...

    @property
    def read_of_lines(self) -> tuple[str, ...]: ...

    def ref_of(self, header: Row) -> str: ...

    def header_of(self, ref: str) -> str | None: ...

    def address(self, ref: str, company: str) -> str: ...

    def lines_of(self, ref: str) -> str: ...

    def reading(self, header: Row, lines: Sequence[Row]) -> PostedDocument | LookupFailed: ...


@dataclass(frozen=True, slots=True)
class DraftReading:
    """A draft as it is now; `has_lines` tells a complete one from a header that is alone."""

    document: PostedDocument
    has_lines: bool
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a draft is to become: its lines by the header's key, and what is wrong with a reading of it, if anything."""

    lines: Callable[[str], Sequence[Mapping[str, object]]]
    wrong: Callable[[PostedDocument], Rejected | None]
    ticket: Callable[[ErpRef], Ticket]


class Drafts:
    def __init__(self, data: DataService, of: DraftType) -> None:
        self._data = data
        self._of = of

    def begin(self, fields: Mapping[str, object], wanted: Wanted) -> Submission:
        """Create a header and its lines, once."""
        header = self._data.create(self._of.headers, fields)
        if not isinstance(header, dict):
            return header
        try:
            ref = ErpRef(self._of.ref_of(header))
        except (KeyError, TypeError, ValueError):
            return Uncertain("the reply to the new header names no key")
        outcome = self._complete(ref, wanted)
        # The header is there: what has not processed the lines leaves a draft to complete, not one to send again.
        return Draft(ref) if isinstance(outcome, Throttled | AuthFailed) else outcome

    def advance(self, ref: ErpRef, wanted: Wanted) -> Submission:
        """Complete a draft, take away one that must not be posted, or leave a good one to the batch job."""
        draft = self.read(ref)
        match draft:
            case LookupFailed(reason=reason):
                return Uncertain(f"the draft could not be read: {reason}")
            case None:
                return Uncertain(f"{self._of.headers} {ref.value} is not there any more")
            case DraftReading() if draft.document.posted:
                return Posted(ref)
            case DraftReading(has_lines=False):
                return self._complete(ref, wanted)
            case _:
                return self._judged(draft, wanted)

    def polled(self, ref: ErpRef, wanted: Wanted) -> Submission:
        """Tell what became of a draft without sending anything: Draft where `advance` has something to do."""
        draft = self.read(ref)
        match draft:
            case LookupFailed():
                return Throttled()
            case None:
                return Uncertain(f"{self._of.headers} {ref.value} is not there any more")
            case DraftReading() if draft.document.posted:
                return Posted(ref)
            case DraftReading() if draft.has_lines and wanted.wrong(draft.document) is None:
                return Accepted(wanted.ticket(ref))
            case _:
                return Draft(ref)

    def read(self, ref: ErpRef) -> DraftReading | LookupFailed | None:
        """Return a draft, or what has become of it; None where nothing has this key."""
        header = self._header(ref)
        if header is None or isinstance(header, LookupFailed):
            return header
        lines = self._data.company_rows(
            self._of.lines, self._of.lines_of(ref.value), fields=self._of.read_of_lines, order="LineNumber"
        )
        if isinstance(lines, LookupFailed):
            return lines
        document = self._of.reading(header, lines)
        if isinstance(document, LookupFailed):
            return document
        return DraftReading(document, bool(lines), str(header.get("@odata.etag", "")))

    def discard(self, ref: ErpRef) -> bool:
        """Delete a draft in the version that is read; tell whether it is certainly gone."""
        draft = self.read(ref)
        if draft is None:
            return True
        if isinstance(draft, LookupFailed) or draft.document.posted or not draft.etag:
            return False
        result = self._data.delete(self._of.address(ref.value, self._data.company), etag=draft.etag)
        match result:
            case Reply(status=HTTPStatus.NO_CONTENT):
                return True
            case Reply(status=HTTPStatus.NOT_FOUND | HTTPStatus.OK):  # may be what a gateway says
                return self._header(ref) is None
            case _:
                return False

    def _header(self, ref: ErpRef) -> Row | LookupFailed | None:
        condition = self._of.header_of(ref.value)
        if condition is None:
            return None
        headers = self._data.company_rows(self._of.headers, condition, fields=self._of.read_of_headers)
        if isinstance(headers, LookupFailed):
            return headers
        try:
            # A star in a number stands for any characters in a filter: what is found so is not looked for.
            named = [one for one in headers if self._of.ref_of(one).casefold() == ref.value.casefold()]
        except (KeyError, TypeError, ValueError):
            return LookupFailed(f"one of {self._of.headers} names no key")
        return named[0] if named else None

    def _complete(self, ref: ErpRef, wanted: Wanted) -> Submission:
        outcome = self._data.create_all(self._of.lines, wanted.lines(ref.value))
        match outcome:
            case None | Duplicate():  # an earlier attempt of ours had got through
                return self._checked(ref, wanted)
            case Rejected():
                return self._without(ref, outcome)
            case _:
                return outcome

    def _checked(self, ref: ErpRef, wanted: Wanted) -> Submission:
        draft = self.read(ref)
        if not isinstance(draft, DraftReading) or not draft.has_lines:
            return Accepted(wanted.ticket(ref))  # it is there; the next poll reads it
        return Posted(ref) if draft.document.posted else self._judged(draft, wanted)

    def _judged(self, draft: DraftReading, wanted: Wanted) -> Submission:
        wrong = wanted.wrong(draft.document)
        return (
            Accepted(wanted.ticket(draft.document.ref)) if wrong is None else self._without(draft.document.ref, wrong)
        )

    def _without(self, ref: ErpRef, rejection: Rejected) -> Submission:
        """Take a draft away and return why; where it may still be there, nobody knows what becomes of it."""
        if self.discard(ref):
            return rejection
        return Uncertain(f"refused, and the draft may still be there: {rejection.text}")


def differing(text: Sequence[str]) -> Rejected | None:
    return Rejected.of(RejectionCode.DRAFT_DIFFERS, "; ".join(text)) if text else None
