"""One look at the archive beside the ledger: what was counted, what is missing, which ids contradict themselves."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.identifiers import CustomerId
from shared.domain.time_period import Period
from shared.domain.usage.conflicts import ContentByIdentity, Version
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import IDENTITY_BYTES, content_hash, identity_hash
from shared.domain.usage.recount import Recount


@dataclass(slots=True, kw_only=True)
class ArchiveScan:
    """Sees every admitted event of the archive. `span` is the event time that is checked.

    The ledger must have what arrived before `settled_before`; what arrived later may still be on its way.
    """

    span: Period
    settled_before: datetime
    ledger_ids: Collection[bytes]
    parked_deliveries: Collection[str]
    recount: Recount
    contents: ContentByIdentity = field(default_factory=ContentByIdentity)
    _counted: set[bytes] = field(default_factory=set)
    _lacking: dict[bytes, list[Version]] = field(default_factory=dict)

    def see(self, version: Version, billed_for: Callable[[UsageEvent], CustomerId | None]) -> None:
        event = version.event
        fingerprint = identity_hash(event.source, event.event_id) + content_hash(event)
        self.contents.see(fingerprint)
        if event.occurred_at not in self.span or fingerprint in self._counted:
            return
        if fingerprint not in self.ledger_ids:
            if version.arrived_at < self.settled_before:
                self._lacking.setdefault(fingerprint, []).append(version)
            return
        self._counted.add(fingerprint)
        customer_id = billed_for(event)
        if customer_id is not None:
            self.recount.count(event, customer_id)

    def missing(self) -> list[Version]:
        """Return the events that the ledger lacks for no reason: neither parked nor contradicted."""
        return [
            versions[0]
            for fingerprint, versions in self._lacking.items()
            if fingerprint[:IDENTITY_BYTES] not in self.contents.contradicted
            and not any(str(version.delivery) in self.parked_deliveries for version in versions)
        ]
