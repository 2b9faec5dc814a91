"""Every keeper of circuits stops calls to an ERP that is down, and lets them through again once one has succeeded."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from operations.local.powertools_time import circuit_breaker_on_simulated_time
from shared.adapters.dynamodb.circuits import PowertoolsCircuits
from shared.domain.identifiers import TenantId
from shared.domain.posting.circuit import FAILURES_THAT_OPEN, LEFT_ALONE_FOR, Circuit, CircuitState, Health
from shared.ports.circuits import Circuits
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.fakes.in_memory_circuits import InMemoryCircuits
from tests.fakes.steady_clock import SteadyClock

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
BOOKS = "acme/books"


@dataclass(slots=True)
class Site:
    circuits: Circuits
    clock: SteadyClock
    sent: list[Health] = field(default_factory=list)

    def call(self, health: Health, *, connection: str = BOOKS) -> Health | Circuit:
        def send() -> Health:
            self.sent.append(health)
            return health

        return self.circuits.call(connection, send, health=lambda told: told)

    def fail(self, times: int = FAILURES_THAT_OPEN) -> None:
        for _ in range(times):
            assert self.call(Health.DOWN) is Health.DOWN
        self.sent.clear()

    def wait(self, seconds: float) -> None:
        self.clock.instant += timedelta(seconds=seconds)


@pytest.fixture(params=["in memory", "powertools"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    clock = SteadyClock(NOON)
    if request.param == "in memory":
        yield Site(InMemoryCircuits(clock), clock)
        return
    with mock_aws(), circuit_breaker_on_simulated_time(lambda: clock.now().timestamp()):
        yield Site(PowertoolsCircuits(aws.dynamodb(), create_table("postings"), TenantId("acme-saas")), clock)


def test_calls_go_through_while_an_erp_answers(site: Site) -> None:
    assert [site.call(health) for health in (Health.UP, Health.DOWN, Health.UP)] == site.sent
    assert site.circuits.circuit(BOOKS) == Circuit(CircuitState.CLOSED)


def test_nothing_is_sent_after_failures_that_follow_each_other(site: Site) -> None:
    site.fail()

    opened = Circuit(CircuitState.OPEN, NOON + LEFT_ALONE_FOR)
    assert site.call(Health.UP) == site.circuits.circuit(BOOKS) == opened
    assert site.sent == []


def test_an_answer_in_between_starts_the_count_anew(site: Site) -> None:
    site.fail(FAILURES_THAT_OPEN - 1)
    site.call(Health.UP)
    site.fail(FAILURES_THAT_OPEN - 1)

    assert site.call(Health.UP) is Health.UP


def test_a_call_that_was_not_made_is_neither_failure_nor_success(site: Site) -> None:
    site.fail(FAILURES_THAT_OPEN - 1)

    site.call(Health.UNTOLD)
    site.call(Health.DOWN)

    assert site.circuits.circuit(BOOKS).state is CircuitState.OPEN


def test_one_call_after_a_while_finds_the_erp_back(site: Site) -> None:
    site.fail()
    site.wait(61)

    assert [site.call(Health.UP), site.call(Health.UP)] == [Health.UP, Health.UP]
    assert site.circuits.circuit(BOOKS).state is CircuitState.CLOSED


def test_an_erp_that_is_still_down_is_left_alone_again(site: Site) -> None:
    site.fail()
    site.wait(61)

    assert site.call(Health.DOWN) is Health.DOWN

    assert site.call(Health.UP) == Circuit(CircuitState.OPEN, site.clock.instant + LEFT_ALONE_FOR)


def test_a_probe_that_was_not_made_proves_nothing(site: Site) -> None:
    site.fail()
    site.wait(61)

    site.call(Health.UNTOLD)

    assert site.circuits.circuit(BOOKS).state is not CircuitState.CLOSED
    assert site.call(Health.UP) is Health.UP


def test_each_connection_has_a_circuit_of_its_own(site: Site) -> None:
    site.fail()

    assert site.call(Health.UP, connection="acme/other") is Health.UP


def test_an_open_circuit_is_open_for_every_process_and_one_of_them_probes() -> None:
    clock = SteadyClock(NOON)
    with mock_aws(), circuit_breaker_on_simulated_time(lambda: clock.now().timestamp()):
        table = create_table("postings")
        here, there = (Site(PowertoolsCircuits(aws.dynamodb(), table, TenantId("acme-saas")), clock) for _ in range(2))
        here.fail()
        assert isinstance(there.call(Health.UP), Circuit)
        clock.instant += timedelta(days=7)  # nobody calls for a week: it stays open until somebody has tried
        assert there.circuits.circuit(BOOKS).state is CircuitState.OPEN
        there.call(Health.UP)
        clock.instant += timedelta(seconds=6)  # as old as a state may be that a process remembers
        assert here.call(Health.UP) is Health.UP
