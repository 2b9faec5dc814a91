"""Read usage by the contracts that are published, asked for seldom and outliving a short outage."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.contracts.usage_event.registry import ContractReader
from shared.domain.exception_record import ExceptionCode
from shared.domain.master_data.freshness import Freshness
from shared.domain.usage.contract_changes import LEAD
from shared.domain.usage.contract_definition import ContractDefinition
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.verdict import Verdict
from shared.ports.clock import Clock
from shared.ports.usage_contracts import UsageContracts

# No change of a contract takes effect sooner after its publication than the oldest knowledge of it may be.
FRESHNESS = Freshness(unasked=timedelta(seconds=60), at_most=LEAD / 2)
ASKED_AGAIN_AFTER = timedelta(seconds=5)


class PublishedContractReader:
    """Port UsageContract over the contracts in force.

    An event in a version that is not known has them asked for again, unless that was just done: a version is usable
    as soon as it is published. When asking fails, those that are known serve on until they are too old; then, or when
    none were ever known, what asking raised is raised, and the batch comes again.
    """

    def __init__(self, contracts: UsageContracts, clock: Clock, freshness: Freshness = FRESHNESS) -> None:
        self._contracts = contracts
        self._clock = clock
        self._freshness = freshness
        self._definitions: tuple[ContractDefinition, ...] = ()
        self._reader = ContractReader()
        self._known_at: datetime | None = None
        self._asked_at: datetime | None = None

    def is_deprecated(self, contract: str) -> bool:
        return self._reader.is_deprecated(contract)

    def __call__(self, data: bytes, arrived_at: datetime) -> Sequence[Verdict]:
        self._know(self._freshness.unasked)
        reader = self._reader
        events = reader(data, arrived_at)
        for event in events:
            if type(event) is Rejected and event.code is _UNKNOWN:
                self._know(ASKED_AGAIN_AFTER)
                return events if self._reader is reader else self._reader(data, arrived_at)
        return events

    def _know(self, unasked: timedelta) -> None:
        now = self._clock.now()
        if self._known_at is not None and now - self._known_at <= unasked:
            return
        if self._asked_at is None or now - self._asked_at > ASKED_AGAIN_AFTER or self._is_too_old(now):
            self._asked_at = now
            try:
                self._learn(now)
            except Exception:
                # Whatever it was: what is known serves on until it is too old.
                if self._is_too_old(now):
                    raise

    def _learn(self, now: datetime) -> None:
        definitions = tuple(self._contracts.published())
        if definitions != self._definitions:
            self._definitions = definitions
            self._reader = ContractReader(definitions)
        self._known_at = now

    def _is_too_old(self, now: datetime) -> bool:
        return self._known_at is None or now - self._known_at > self._freshness.at_most


_UNKNOWN = ExceptionCode.UNKNOWN_CONTRACT_VERSION
