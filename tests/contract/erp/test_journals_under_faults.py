"""Journals through the whole posting stage with seeded faults: each in the ledger once, as a call, a batch or a job."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from shared.domain.posting.intent import IntentState
from simulators.erp import FaultPlan
from tests.builders.posting import a_journal, an_intent
from tests.contract.erp.conftest import OpenSite, PostingSite
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS
from tests.fakes.posting_world import PostingWorld

JOURNALS = 10
FAULTS = FaultPlan(
    seed=3,
    throttle=0.1,
    server_error=0.05,
    gateway_timeout=0.05,
    lose_reply=0.1,
    late_commit=0.1,
    read_lag=0.1,
    lost_unseen=0.1,
    truncated_json=0.05,
    location_stripped=0.05,
    auth_expired=0.05,
)


@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize(
    ("system", "settings"),
    [
        *((system, {}) for system in CALLED_SYSTEMS),
        ("dynamics_finance", {"package_lines": "1"}),
        ("netsuite", {"respond_async": "yes"}),
    ],
)
def test_every_journal_is_in_the_ledger_once(
    open_site: OpenSite, system: str, settings: dict[str, str], seed: int
) -> None:
    site = open_site(system, replace(FAULTS, seed=seed))
    use(site, settings)
    world = PostingWorld(erps=site.routing)
    world.clock = site.clock
    journals = [a_journal(f"accrual-{number}") for number in range(JOURNALS)]
    for journal in journals:
        world.issue(an_intent(journal))

    world.run_until_settled()

    assert {intent.state for intent in world.all_intents()} == {IntentState.POSTED}
    assert world.told.open_codes() == set()
    assert Counter(site.posted()) == {journal.external_ref: 1 for journal in journals}
    assert site.simulator.ledger.trial_balance(company=site.under_test.mapping.company) == {
        ("1250", "EUR"): Decimal(300 * JOURNALS),
        ("4400", "EUR"): Decimal(-300 * JOURNALS),
    }
    assert site.simulator.faults.injected.total() > 0


def use(site: PostingSite, settings: dict[str, str]) -> None:
    entity = site.master_data.entity
    assert entity is not None
    site.master_data.entity = replace(entity, erp=replace(entity.erp, settings={**entity.erp.settings, **settings}))
