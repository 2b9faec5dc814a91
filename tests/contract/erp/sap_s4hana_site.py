"""SAP with its adapter in one process: no server, no cloud, milliseconds a test."""

import json
from dataclasses import replace
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from operations.u2c.simulated_company import company_setup
from shared.adapters.erp.sap_s4hana.connect import connect
from shared.adapters.erp.site import ErpSite
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import HttpTransport
from shared.domain.master_data.catalog import LegalEntity, TaxRate
from shared.ports.erp import ReadableErp
from simulators.erp.sap_s4hana.communication_user import SapCredentials
from simulators.erp.sap_s4hana.simulator import SapS4HanaSimulator
from tests.contract.erp.conftest import GERMAN_VAT, an_entity
from tests.contract.erp.systems.sap_s4hana import UNDER_TEST
from tests.fakes.in_memory_customer_creations import InMemoryCustomerCreations
from tests.fakes.in_process_http import InProcess
from tests.fakes.own_line import own_line
from tests.fakes.posting_world import SimulatedClock

ROOT = "https://sap.test"


class Secret:
    """The one secret in a store of secrets."""

    def __init__(self, **fields: str) -> None:
        self.fields = fields

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - as AWS calls it
        assert SecretId == UNDER_TEST.mapping.connection
        return {"SecretString": json.dumps(self.fields), "VersionId": "1"}


class Site:
    """A tenant of SAP's in this process, whose clock may be `ahead` of ours, and the adapter as it runs but for AWS."""

    def __init__(
        self,
        entity: LegalEntity | None = None,
        *,
        tax_rate: TaxRate = GERMAN_VAT,
        ahead: timedelta = timedelta(0),
    ) -> None:
        self.clock = SimulatedClock()
        self.entity = entity or an_entity(UNDER_TEST)
        self.simulator = SapS4HanaSimulator(
            companies=[company_setup(self.entity, [tax_rate])],
            credentials=SapCredentials("U2CPOST", "right", "client-1"),
            now=lambda: self.clock.now() + ahead,
        )
        self.secret = Secret(
            base_url=ROOT,
            token_url=self.simulator.token_url(ROOT),
            client_id="client-1",
            client_secret="right",
        )
        self.http = InProcess(self.simulator.app)
        nothing_kept = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        self.connections = ErpSite(
            ConnectionSecrets(self.secret, self.clock),  # type: ignore[arg-type]
            None,  # type: ignore[arg-type]
            HttpTransport(httpx.Client(transport=self.http, cookies=nothing_kept)),
            self.clock,
            own_line(self.clock),
            InMemoryCustomerCreations(),
        )

    @property
    def erp(self) -> ReadableErp:
        return connect(self.entity, self.connections)

    def change_mapping(self, **changes: object) -> None:
        self.entity = replace(self.entity, erp=replace(self.entity.erp, **changes))  # type: ignore[arg-type]
