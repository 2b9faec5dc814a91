"""Counting usage a second time, from the archive alone, beside what the ledger says."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.archive.partition import Damage
from shared.domain.master_data.subjects import SubjectAccounts
from shared.domain.time_period import Period
from shared.domain.usage.conflicts import Version
from shared.domain.usage.measurement import MetersByEvent
from shared.domain.usage.recount import Difference
from shared.ports.ledger_audit import LedgerAudit


@dataclass(frozen=True, slots=True, kw_only=True)
class RecountQuestion:
    """Usage of the event times in `span`, as it arrived in `arrived`; both have an end.

    The ledger must have what arrived before `settled_before`; what arrived later may still be on its way.
    `parked` returns the names under which usage waits (see shared/domain/usage/parked.py), `subjects` whom subjects
    stand for.
    """

    span: Period
    arrived: Period
    settled_before: datetime
    meters: MetersByEvent
    subjects: Callable[[Collection[str]], Mapping[str, SubjectAccounts]]
    ledger: LedgerAudit
    parked: Callable[[], Collection[str]]


class Recounted(Protocol):
    """What one look found. Each may be asked more than once."""

    @property
    def damages(self) -> Sequence[Damage]:
        """Return what of the archive is gone or was replaced; the look made do with the rest."""

    def differences(self) -> Iterator[Difference]:
        """Yield, in order, the windows of which archive and ledger say different things.

        The archive's side counts what the ledger has the id of: each id and content once.
        """

    def missing(self) -> Iterator[Version]:
        """Yield, in no order, where an event first arrived that the ledger lacks for no reason.

        It is neither parked nor contradicted nor voided. One that several meters miss comes once.
        """

    def still_counted(self) -> Iterator[Version]:
        """Yield, in no order, where an event first arrived that was voided in time and that the ledger still counts."""

    def conflicts(self) -> Iterator[tuple[Version, ...]]:
        """Yield, for each id that came with several contents, one of them in the span, the first arrival of each."""


class UsageRecount(Protocol):
    def look(self, question: RecountQuestion) -> AbstractContextManager[Recounted]:
        """Read the ledger, then the archive, and keep what was found for as long as the context is open.

        The ledger's sums are read with its ids, both before the archive: usage comes all the time.
        """
