"""Every tax engine as it runs: secrets on moto, HTTP to a simulator on loopback; the table without either."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TypeAlias

import boto3
import pytest
from moto import mock_aws

from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import HttpTransport, http_client
from shared.adapters.tax.routing import MappedTaxEngines
from shared.domain.identifiers import LegalEntityId
from shared.domain.master_data.catalog import LegalEntity, TaxRate
from shared.domain.master_data.tax_setup import TABLE_TAX, TaxEngineName, TaxSetup
from shared.domain.time_period import Period
from shared.ports.tax import TaxEngine
from simulators.tax import NO_FAULTS, AnrokSimulator, AvaTaxCredentials, AvaTaxSimulator, FaultPlan, PlaceRate, serve
from tests.builders.billing import ALWAYS, german_vat, nimbus
from tests.fakes.posting_world import SimulatedClock

NIMBUS = LegalEntityId("nimbus-de")
LOWERED = date(2026, 7, 1)
RATES = [
    PlaceRate("DE", "VAT", Decimal("0.16"), until=LOWERED),
    PlaceRate("DE", "VAT", Decimal("0.19"), since=LOWERED),
    PlaceRate("US", "Texas", Decimal("0.0625"), place="TX"),
    PlaceRate("US", "Austin", Decimal("0.02"), place="787"),
]
# The operations of each engine that stand for the port's: what is scripted to fail.
OPERATIONS = {
    "avatax": {"quote": "create", "commit": "create_or_adjust", "void": "void", "refund": "create_or_adjust"},
    "anrok": {
        "quote": "create_ephemeral",
        "commit": "create_or_update",
        "void": "void",
        "refund": "create_negation",
    },
}
Simulator: TypeAlias = AvaTaxSimulator | AnrokSimulator


@dataclass(slots=True)
class OneEntity:
    """What the routing asks the master data for."""

    entity: LegalEntity

    def version(self) -> str:
        return "v1"

    def legal_entity(self, legal_entity_id: LegalEntityId) -> LegalEntity | None:
        return self.entity if legal_entity_id == NIMBUS else None

    def tax_rates(self) -> tuple[TaxRate, ...]:
        start, change = ALWAYS.start, ALWAYS.start.replace(year=2026, month=7, day=1)
        return (german_vat("0.16", valid=Period(start, change)), german_vat("0.19", valid=Period(change, None)))


@dataclass(slots=True)
class TaxSite:
    """One engine with its adapter. The table has no simulator."""

    name: str
    routing: MappedTaxEngines
    master_data: OneEntity
    simulator: Simulator | None
    secret: dict[str, str] = field(repr=False)

    @property
    def engine(self) -> TaxEngine:
        return self.routing.engine_for(NIMBUS)

    @property
    def outside(self) -> Simulator:
        assert self.simulator is not None
        return self.simulator

    def operation(self, name: str) -> str:
        return OPERATIONS[self.name][name]

    def change_secret(self, **fields: str) -> None:
        boto3.client("secretsmanager").put_secret_value(
            SecretId=f"tax/{self.name}", SecretString=json.dumps(self.secret | fields)
        )


OpenSite: TypeAlias = Callable[..., TaxSite]


@pytest.fixture
def open_site() -> Iterator[OpenSite]:
    """Return a function that starts an engine by its name; all of them stop with the test."""
    with mock_aws(), ExitStack() as closing:

        def start(name: str, faults: FaultPlan = NO_FAULTS) -> TaxSite:
            return _site(name, faults, closing)

        yield start


@pytest.fixture(params=["table", "avatax", "anrok"])
def site(request: pytest.FixtureRequest, open_site: OpenSite) -> TaxSite:
    return open_site(request.param)


@pytest.fixture(params=["avatax", "anrok"])
def outside(request: pytest.FixtureRequest, open_site: OpenSite) -> TaxSite:
    return open_site(request.param)


def _site(name: str, faults: FaultPlan, closing: ExitStack) -> TaxSite:
    clock = SimulatedClock()
    secrets = boto3.client("secretsmanager")
    simulator, secret = _simulator(name, faults, clock)
    if simulator is not None:
        secret |= {"base_url": closing.enter_context(serve(simulator.app))}
        secrets.create_secret(Name=f"tax/{name}", SecretString=json.dumps(secret))
    master_data = OneEntity(replace(nimbus(), tax=_setup(name)))
    routing = MappedTaxEngines(
        master_data,  # type: ignore[arg-type]
        ConnectionSecrets(secrets, clock),
        HttpTransport(closing.enter_context(http_client())),
    )
    return TaxSite(name, routing, master_data, simulator, secret)


def _simulator(name: str, faults: FaultPlan, clock: SimulatedClock) -> tuple[Simulator | None, dict[str, str]]:
    match name:
        case "avatax":
            credentials = AvaTaxCredentials("1100", "correct horse")
            avatax = AvaTaxSimulator(
                company="NIMBUS", credentials=credentials, rates=RATES, now=clock.now, faults=faults
            )
            return avatax, {"account_id": "1100", "license_key": "correct horse"}
        case "anrok":
            anrok = AnrokSimulator(
                api_key="correct horse",
                products=["saas"],
                seller_country="DE",
                rates=RATES,
                now=clock.now,
                faults=faults,
            )
            return anrok, {"api_key": "correct horse"}
        case _:
            return None, {}


def _setup(name: str) -> TaxSetup:
    if name == "table":
        return TABLE_TAX
    return TaxSetup(
        engine=TaxEngineName(name),
        connection=f"tax/{name}",
        company="NIMBUS",
        code=name.upper(),
        categories={"standard": "saas"},
    )
