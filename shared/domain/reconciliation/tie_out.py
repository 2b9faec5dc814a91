"""The tie-out: neighbouring stages compared, every difference itemised, tolerance zero."""

from dataclasses import dataclass
from decimal import Decimal

from shared.domain.money import EXACT, exact_sum
from shared.domain.reconciliation.waiting import WaitingDocuments


@dataclass(frozen=True, slots=True)
class Explanation:
    """Part of a difference that has a name, e.g. usage of a period that has not ended."""

    reason: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One equation. `left` and `right` are in `unit`: events, a meter's unit, documents, or a currency."""

    name: str
    left_name: str
    left: Decimal
    right_name: str
    right: Decimal
    unit: str
    explanations: tuple[Explanation, ...] = ()

    @property
    def difference(self) -> Decimal:
        return EXACT.subtract(self.left, self.right)

    @property
    def unexplained(self) -> Decimal:
        return EXACT.subtract(self.difference, exact_sum(item.amount for item in self.explanations))

    @property
    def ties(self) -> bool:
        return self.unexplained == 0


@dataclass(frozen=True, slots=True)
class TieOut:
    """All checks of a run. It ties when nothing is left unexplained anywhere.

    What waits for its ERP is explained, and is not posted: it is settled once nothing is waiting any more.
    """

    checks: tuple[Check, ...]
    waiting: tuple[WaitingDocuments, ...] = ()

    @property
    def ties(self) -> bool:
        return all(check.ties for check in self.checks)

    @property
    def is_settled(self) -> bool:
        """Whether it ties with nothing on its way: without that, no accounting period of it is done."""
        return self.ties and not self.waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCounts:
    """How many events each stage holds; each figure is the size of a set of deliveries or of ids, never a counter.

    But for `metered`: it sums what the ledger's windows have counted, because that is what is billed. `not_arrived`
    are those of the file that arrive after the end of the time looked at. `contents` are the distinct (source, id,
    content) among accepted deliveries; what repeats one is a duplicate. Of these, `not_measured` have meters that all
    leave them out; `measured` is what is left. `measurements` are one for each meter that takes one of these, and each
    is metered, parked, conflicting or voided. `corrections` void other usage and are none, `heartbeats`
    count usage and are none.
    """

    in_file: int
    not_arrived: int = 0
    refused_by_producer: int
    received: int
    quarantined: int
    telemetry: int = 0
    corrections: int = 0
    heartbeats: int = 0
    accepted: int
    contents: int
    not_measured: int = 0
    measured: int
    measurements: int
    metered: int
    parked: int
    conflicting: int
    voided: int = 0

    @property
    def duplicates(self) -> int:
        return self.accepted - self.contents


def usage_checks(counts: UsageCounts) -> tuple[Check, ...]:
    """Compare the stages from the producer to the ledger."""
    return (
        _events(
            "sent",
            "events in the file",
            counts.in_file,
            "received + refused by the stream",
            counts.received + counts.refused_by_producer,
            explanations=(Explanation("arriving after the simulated end", Decimal(counts.not_arrived)),)
            if counts.not_arrived
            else (),
        ),
        _events(
            "received",
            "received (archive)",
            counts.received,
            "accepted + quarantined + telemetry + corrections + heartbeats",
            counts.accepted + counts.quarantined + counts.telemetry + counts.corrections + counts.heartbeats,
        ),
        _events(
            "accepted",
            "accepted less duplicates",
            counts.accepted - counts.duplicates,
            "measured + not measured by any meter",
            counts.measured + counts.not_measured,
        ),
        _events(
            "measured",
            "measurements of measured events",
            counts.measurements,
            "metered + parked + conflicting + voided",
            counts.metered + counts.parked + counts.conflicting + counts.voided,
            unit="measurements",
        ),
    )


def _events(
    name: str,
    left_name: str,
    left: int,
    right_name: str,
    right: int,
    *,
    unit: str = "events",
    explanations: tuple[Explanation, ...] = (),
) -> Check:
    return Check(
        name=name,
        left_name=left_name,
        left=Decimal(left),
        right_name=right_name,
        right=Decimal(right),
        unit=unit,
        explanations=explanations,
    )
