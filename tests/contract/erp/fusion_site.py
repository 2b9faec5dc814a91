"""One business unit of a simulated Fusion with its adapter, without a cloud around it: milliseconds a test."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from operations.u2c.simulated_company import company_setup
from shared.adapters.erp.oracle_fusion.adapter import OracleFusionErp
from shared.adapters.erp.oracle_fusion.connect import SECRET_FIELDS, token_request
from shared.adapters.erp.session import ErpSession
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import HttpTransport
from shared.domain.identifiers import LegalEntityId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import Submission
from simulators.erp.oracle_fusion.books import UnitBooks
from simulators.erp.oracle_fusion.options import FusionOptions
from simulators.erp.oracle_fusion.simulator import OracleFusionSimulator
from simulators.erp.oracle_fusion.token_endpoint import OracleFusionCredentials
from simulators.http.faults import NO_FAULTS, FaultPlan
from tests.contract.erp.conftest import GERMAN_VAT, an_entity
from tests.contract.erp.into_the_ledger import into_the_ledger
from tests.contract.erp.systems.oracle_fusion import UNDER_TEST
from tests.contract.one_address import Switchboard
from tests.fakes.posting_world import SimulatedClock

UNIT = UNDER_TEST.mapping.company
CREDENTIALS = OracleFusionCredentials("usage-to-cash", "correct horse")


@dataclass(frozen=True, slots=True)
class _Secret:
    """What stands for Secrets Manager."""

    fields: Mapping[str, str]

    def read(self, connection: str, *needed: str) -> Mapping[str, str]:
        assert connection
        assert set(needed) <= set(self.fields)
        return self.fields

    def version(self, connection: str) -> str:
        assert connection
        return "1"


@dataclass(slots=True)
class FusionSite:
    simulator: OracleFusionSimulator
    entity: LegalEntity
    clock: SimulatedClock
    session: ErpSession

    @property
    def erp(self) -> OracleFusionErp:
        return OracleFusionErp(self.session, self.entity, self.clock)

    def erp_and_books(self, legal_entity_id: LegalEntityId) -> tuple[OracleFusionErp, str]:
        assert legal_entity_id == self.entity.legal_entity_id
        return self.erp, self.entity.erp.books

    @property
    def books(self) -> UnitBooks:
        return self.simulator.books_of(UNIT)

    def post(self, document: Document) -> Submission:
        return self.finish(self.erp.submit(document), document)

    def finish(self, submission: Submission, document: Document) -> Submission:
        return into_the_ledger(submission, document, erp=self.erp, clock=self.clock)

    def posted(self) -> list[str]:
        return [document.external_ref for document in self.simulator.documents() if document.posted]

    def with_settings(self, *without: str, **settings: str) -> None:
        """Change the settings of the entity's mapping."""
        kept = {name: text for name, text in self.entity.erp.settings.items() if name not in without}
        self.entity = replace(self.entity, erp=replace(self.entity.erp, settings={**kept, **settings}))

    def set_up(self, **options: object) -> None:
        """Change what the customer has decided in Fusion's own setup."""
        self.books.options = replace(self.books.options, **options)  # type: ignore[arg-type]


def fusion_site(board: Switchboard, faults: FaultPlan = NO_FAULTS) -> FusionSite:
    clock, entity = SimulatedClock(), an_entity(UNDER_TEST)
    simulator = OracleFusionSimulator(
        companies=[company_setup(entity, [GERMAN_VAT])],
        credentials=CREDENTIALS,
        now=clock.now,
        faults=faults,
        options=FusionOptions(duplicate_numbers=True, customers_by_rest=True),
    )
    board.plug_in(simulator.app)
    secret = {
        "base_url": board.root,
        "token_url": simulator.token_url(board.root),
        "client_id": CREDENTIALS.client_id,
        "client_secret": CREDENTIALS.client_secret,
        "scope": CREDENTIALS.scope,
    }
    session = ErpSession(
        entity.erp.connection,
        credentials=cast("ConnectionSecrets", _Secret(secret)),
        needed=SECRET_FIELDS,
        token_request=token_request,
        transport=HttpTransport(board.http),
        clock=clock,
    )
    return FusionSite(simulator, entity, clock, session)
