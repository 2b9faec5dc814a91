"""The outside tax engines of a local run: a simulator for each connection, which taxes by the catalogue's own table.

They are simulations after the published contracts (docs/guides/tax.md), never the real services.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TypeAlias

from shared.domain.master_data.catalog import LegalEntity, TaxRate
from shared.domain.master_data.tax_setup import TaxEngineName
from shared.runtime import aws
from simulators.tax import AnrokSimulator, AvaTaxCredentials, AvaTaxSimulator, FaultPlan, PlaceRate, serve

ACCOUNT = "1100"

Simulator: TypeAlias = AvaTaxSimulator | AnrokSimulator
SimulatedTaxEngines: TypeAlias = Mapping[str, Simulator]  # by the name of their connection


@contextmanager
def simulated_tax_engines(
    *,
    legal_entities: Sequence[LegalEntity],
    tax_rates: Sequence[TaxRate],
    faults: FaultPlan,
    now: Callable[[], datetime],
) -> Iterator[SimulatedTaxEngines]:
    """Start a simulator per connection, put its address and credentials where the functions look; stop them at exit."""
    running: dict[str, Simulator] = {}
    with ExitStack() as servers:
        for entity in legal_entities:
            if not entity.tax.is_outside or entity.tax.connection in running:
                continue
            simulator, secret = _simulator(entity, _rates(entity, tax_rates), faults, now)
            running[entity.tax.connection] = simulator
            secret["base_url"] = servers.enter_context(serve(simulator.app))
            aws.secretsmanager().create_secret(Name=entity.tax.connection, SecretString=json.dumps(secret))
        yield running


def _simulator(
    entity: LegalEntity, rates: Sequence[PlaceRate], faults: FaultPlan, now: Callable[[], datetime]
) -> tuple[Simulator, dict[str, str]]:
    key = secrets.token_urlsafe(24)
    if entity.tax.engine is TaxEngineName.AVATAX:
        credentials = AvaTaxCredentials(ACCOUNT, key)
        avatax = AvaTaxSimulator(
            company=entity.tax.company, credentials=credentials, rates=rates, faults=faults, now=now
        )
        return avatax, {"account_id": ACCOUNT, "license_key": key}
    anrok = AnrokSimulator(
        api_key=key,
        products=entity.tax.categories.values(),
        seller_country=entity.country,
        rates=rates,
        faults=faults,
        now=now,
    )
    return anrok, {"api_key": key}


def _rates(entity: LegalEntity, tax_rates: Sequence[TaxRate]) -> list[PlaceRate]:
    return [
        PlaceRate(
            rate.buyer_country,
            rate.code,
            rate.rate,
            since=rate.valid.start.date(),
            until=rate.valid.end.date() if rate.valid.end else None,
        )
        for rate in tax_rates
        if rate.seller_country == entity.country and rate.buyer_country != "*"
    ]
