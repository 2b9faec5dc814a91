"""How the ERPs of a tenant stand, as figures for alarms, exceptions for people, and an answer to who asks."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import TenantId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.pacing import call_limits
from shared.domain.posting.standing import ErpStanding, Waiting, held
from shared.domain.posting.systems.registry import SYSTEMS
from shared.ports.call_pacing import CallPacing
from shared.ports.circuits import Circuits
from shared.ports.clock import Clock
from shared.ports.exception_store import ExceptionStore
from shared.ports.exceptions import ExceptionReporter
from shared.ports.master_data import MasterData
from shared.ports.metrics import Metrics, Unit
from shared.ports.posting_intents import PostingIntents


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpWatch:
    tenant: TenantId
    master_data: MasterData
    intents: PostingIntents
    pacing: CallPacing
    circuits: Circuits
    exceptions: ExceptionReporter
    known: ExceptionStore
    metrics: Metrics
    clock: Clock

    def look(self) -> tuple[ErpStanding, ...]:
        """Return how each connection stands; refused credentials are in the exceptions then, working ones no longer."""
        standings = self._standings()
        self._tell(standings)
        self._measure(standings)
        return standings

    def resume(self, connection: str) -> bool:
        """Have an ERP called again with credentials that it has refused; return whether anybody held it back."""
        return self.pacing.resume(connection)

    def _standings(self) -> tuple[ErpStanding, ...]:
        self.master_data.version()
        by_connection: dict[str, list[LegalEntity]] = defaultdict(list)
        for entity in self.master_data.legal_entities():
            if entity.erp.system in SYSTEMS:
                by_connection[entity.erp.connection].append(entity)
        connection_of = {one.legal_entity_id: name for name, entities in by_connection.items() for one in entities}
        waiting: dict[str, Waiting] = defaultdict(Waiting)
        for intent in self.intents.listed():
            waiting[connection_of.get(intent.legal_entity_id, "")].count([intent])
        return tuple(self._standing(name, entities, waiting[name]) for name, entities in sorted(by_connection.items()))

    def _standing(self, connection: str, entities: Sequence[LegalEntity], waiting: Waiting) -> ErpStanding:
        erp, line = entities[0].erp, self.pacing.line(connection)
        return ErpStanding(
            connection=connection,
            system=erp.system,
            entities=tuple(entity.legal_entity_id for entity in entities),
            limits=call_limits(SYSTEMS[erp.system].capabilities, erp.settings),
            line=line,
            circuit=self.circuits.circuit(connection),
            unsent=waiting.unsent,
            unclear=waiting.unclear,
            oldest=waiting.oldest,
            rests_until=line.rest_ahead(self.clock.now()),
        )

    def _tell(self, standings: Sequence[ErpStanding]) -> None:
        holds = {standing.connection: standing.line.hold for standing in standings}
        for connection, hold in holds.items():
            if hold is not None:
                self.exceptions.report([held(connection, hold, tenant=self.tenant)])
        for known in self.known.open_records(ExceptionCode.ERP_AUTH_FAILED):
            connection = known.subject
            if "connection" not in known.detail:
                continue  # a posting's, which ends with the posting
            if holds.get(connection) is None:
                why = "the ERP may be called again" if connection in holds else "no legal entity has it any more"
                self.exceptions.resolve(known.exception_id, why, self.clock.now())

    def _measure(self, standings: Sequence[ErpStanding]) -> None:
        now = self.clock.now()
        ages = [(now - standing.oldest).total_seconds() for standing in standings if standing.oldest is not None]
        drains = [standing.drain.total_seconds() for standing in standings]
        self.metrics.record("ErpsStopped", sum(standing.is_stopped for standing in standings), Unit.COUNT)
        self.metrics.record("PostingsWaiting", sum(one.unsent + one.unclear for one in standings), Unit.COUNT)
        self.metrics.record("OldestPostingAge", max(ages, default=0), Unit.SECONDS)
        self.metrics.record("PostingsDrainTime", max(drains, default=0), Unit.SECONDS)
