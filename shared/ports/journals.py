"""Journals that people prepare, until their postings are in the outbox."""

from dataclasses import dataclass
from typing import Protocol

from shared.domain.identifiers import PostingId
from shared.domain.posting.intent import PostingIntent
from shared.domain.posting.journal_approval import PreparedJournal


class JournalChangedError(Exception):
    """Somebody else has changed the journal since it was read. Nothing was stored: read it again."""


class AlreadyReversedError(Exception):
    """Another journal, which is named, reverses the same one. Nothing was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredJournal:
    prepared: PreparedJournal
    version: int


class Journals(Protocol):
    """Every write expects the stored version to be one below the given one's (none for 1)."""

    def read(self, posting_id: PostingId) -> StoredJournal | None:
        """Return the journal of a first posting as it is now, never a stale copy."""

    def save(self, stored: StoredJournal) -> None:
        """Store a journal; raise JournalChangedError where it is not as it was."""

    def reversal_of(self, original: PostingId) -> PostingId | None:
        """Return the first posting of the journal that was approved last of those that reverse another."""

    def approve(self, stored: StoredJournal, intent: PostingIntent, *, instead_of: PostingId | None = None) -> None:
        """Store a journal with its posting, which its accounting period counts from now on, or nothing.

        Raises JournalChangedError where it is not as it was, AccountingPeriodClosedError (ports.posting_intents) where
        the period takes nothing new, AlreadyReversedError where the journal that it reverses has another reversal than
        the one that it comes `instead_of`.
        """
