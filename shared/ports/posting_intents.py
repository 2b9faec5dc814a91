"""The posting outbox: intents with their fencing version, and the accounting periods that count them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.identifiers import ExternalRef, PostingId
from shared.domain.posting.intent import PostingIntent


class StaleIntentError(Exception):
    """Somebody else has changed the intent since it was read. Nothing was stored: read it again."""


class AccountingPeriodClosedError(Exception):
    """The accounting period takes no more postings. Nothing was stored."""


class PostingIntents(Protocol):
    """Every write expects the stored version to be one below the given intent's; else it raises StaleIntentError."""

    def read(self, posting_id: PostingId) -> PostingIntent | None:
        """Return the intent as it is now, never a stale copy."""

    def chain(self, posting_id: PostingId) -> Sequence[PostingIntent]:
        """Return the intent and those that have replaced one another since, as `read` would; empty for an unknown one.

        Only the last one may still be sent.
        """

    def carrying(self, external_ref: ExternalRef) -> PostingIntent | None:
        """Return the intent whose document has this key; one of the last seconds may not be found yet."""

    def listed(self, *, due_by: datetime | None = None) -> Iterator[PostingIntent]:
        """Yield postings that still need somebody, longest due first, all or those due by an instant.

        Each is as it was some moments ago: read it before acting on it.
        """

    def save(self, intent: PostingIntent) -> None:
        """Store an intent that neither starts sending nor settles by this change."""

    def start_sending(self, intent: PostingIntent) -> None:
        """Store an intent in SENDING unless its accounting period is closed (AccountingPeriodClosedError)."""

    def settle(self, intent: PostingIntent) -> None:
        """Store an intent that settles by this change (POSTED, REJECTED or CANCELLED); its period counts one less."""
