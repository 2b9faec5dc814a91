"""What is to be recorded in tax engines, and the requests to do so."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from shared.domain.tax.intent import TaxIntent, TaxIntentId


class StaleTaxIntentError(Exception):
    """Somebody else has changed the intent since it was read. Nothing was stored: read it again."""


class TaxIntents(Protocol):
    """Every write expects the stored version to be one below the given intent's; else it raises StaleTaxIntentError."""

    def read(self, tax_intent_id: TaxIntentId) -> TaxIntent | None:
        """Return the intent as it is now, never a stale copy."""

    def due(self, now: datetime) -> Iterator[TaxIntentId]:
        """Yield what was due to be asked for again, longest due first; it may have changed since."""

    def save(self, intent: TaxIntent) -> None:
        """Store an intent that is not recorded by this change."""

    def settle(self, intent: TaxIntent) -> None:
        """Store an intent that is recorded by this change; its accounting period counts one less."""


class TaxRequests(Protocol):
    def request(self, tax_intent_id: TaxIntentId) -> None:
        """Ask for an intent to be recorded; asking twice records it once."""
