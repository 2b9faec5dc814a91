"""Adapters and outboxes that are made badly, each in a way that has doubled or lost somebody's revenue before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.post_to_erp.use_case import post_to_erp
from shared.domain.identifiers import ExternalRef
from shared.domain.posting.decisions import given_up_on, sending
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.journal import Document
from shared.domain.posting.lookups import awaited, found_nothing
from shared.domain.posting.outcome import (
    Absent,
    Ambiguous,
    Found,
    Location,
    LookupFailed,
    PostedDocument,
    Rejected,
    RejectionKind,
    Submission,
    Throttled,
    Ticket,
    Uncertain,
)
from tests.fakes.fake_erp import FakeErp


class ResendsByItself(FakeErp):
    """A transport that tries a write again when its reply is lost."""

    def submit(self, document: Document) -> Submission:
        outcome = super().submit(document)
        return super().submit(document) if isinstance(outcome, Uncertain) else outcome


class CallsSilenceBusy(FakeErp):
    """A read time-out taken for a refusal before the first byte."""

    def submit(self, document: Document) -> Submission:
        outcome = super().submit(document)
        return Throttled() if isinstance(outcome, Uncertain) else outcome


class LooksInTheLedgerOnly(FakeErp):
    """A look-up that does not show drafts."""

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        location = super().locate(external_ref, kind)
        return Absent() if isinstance(location, Found) and not location.document.posted else location


class CallsFailureAbsence(FakeErp):
    """A look-up that takes an error page for an empty list."""

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        location = super().locate(external_ref, kind)
        return Absent() if isinstance(location, LookupFailed) else location


class ShowsTheFirstOnly(FakeErp):
    """A look-up that asks for one row."""

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        location = super().locate(external_ref, kind)
        if not isinstance(location, Ambiguous):
            return location
        reading = self.read(location.refs[0], kind)
        return Found(reading) if isinstance(reading, PostedDocument) else reading


class CallsAForgottenTicketRefused(FakeErp):
    """A poll that takes 404 for a refusal of the document."""

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        outcome = super().poll(ticket, document)
        gone = Rejected(RejectionKind.VALIDATION, "404", "no such job")
        return gone if isinstance(outcome, Uncertain) else outcome


CARELESS_ADAPTERS: tuple[type[FakeErp], ...] = (
    ResendsByItself,
    CallsSilenceBusy,
    LooksInTheLedgerOnly,
    CallsFailureAbsence,
    ShowsTheFirstOnly,
    CallsAForgottenTicketRefused,
)


@dataclass(frozen=True, slots=True)
class CarelessOutbox:
    """What to put in the place of a name in the module that `where` is of.

    Not by the module's name: functions are imported anew by whoever deploys them, and these are the ones under test.
    """

    where: Callable[..., Any]
    name: str
    instead: object

    @property
    def names(self) -> dict[str, object]:
        return self.where.__globals__


def _into_no_books(intent: PostingIntent, *, books: str, now: datetime) -> PostingIntent:
    return replace(sending(intent, books=books, now=now), sent_to="")


def _gives_up(intent: PostingIntent, reason: str, *, until: datetime) -> PostingIntent:
    return given_up_on(intent, reason, now=until)


CARELESS_OUTBOXES: Mapping[str, CarelessOutbox] = {
    "one absence is enough": CarelessOutbox(found_nothing, "ABSENCES_THAT_PERMIT_A_RESEND", 1),
    "nothing goes before anything": CarelessOutbox(post_to_erp, "comes_after", lambda _: None),
    "whoever asked last is who waits": CarelessOutbox(awaited, "MOST_WAITING", 1),
    "what is given up is forgotten": CarelessOutbox(given_up_on, "RECHECK_DELAYS", ()),
    "what is put off is given up": CarelessOutbox(post_to_erp, "kept_waiting", _gives_up),
    "where it was sent is forgotten": CarelessOutbox(post_to_erp, "sending", _into_no_books),
}
