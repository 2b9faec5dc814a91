"""Postings to an ERP that is down or refuses our credentials, with lines and circuits on DynamoDB as they run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import boto3
import pytest

from functions.post_to_erp.use_case import post_to_erp
from operations.local.powertools_time import circuit_breaker_on_simulated_time
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.tenant_site import tenant_site
from shared.adapters.http.connection_secrets import KEPT_FOR
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import PostingId, TenantId
from shared.domain.posting.circuit import FAILURES_THAT_OPEN, LEFT_ALONE_FOR
from shared.domain.posting.intent import IntentState, PostingIntent, PostingRequest
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.posting import a_document, an_intent
from tests.contract.erp.conftest import OpenSite, PostingSite, Surroundings, surroundings
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents
from tests.fakes.in_memory_receivables import InMemoryReceivables
from tests.fakes.own_line import StandingClock
from tests.fakes.posting_world import Told

WAYS_OF_CALLING = [system for system in CALLED_SYSTEMS if system != "dynamics_finance"]  # as Business Central is called
CLIENTS = (aws.dynamodb, aws.secretsmanager, aws.kms)


@dataclass(slots=True)
class Flow:
    """post_to_erp as it is wired, but for its outbox; `asked` is what it has asked for again, and after what time."""

    site: PostingSite
    erps: MappedErpRouting
    intents: InMemoryPostingIntents = field(default_factory=InMemoryPostingIntents)
    told: Told = field(default_factory=Told)
    asked: list[timedelta] = field(default_factory=list)

    def request(self, posting_id: PostingId, *, after: timedelta = timedelta(0)) -> None:
        self.asked.append(after)

    def issue(self, name: str) -> PostingId:
        intent = an_intent(a_document(posting_id=name, number=name))
        self.intents.add(intent)
        return intent.posting_id

    def post(self, name: PostingId) -> PostingIntent:
        return post_to_erp(
            PostingRequest(posting_id=name, task_token=None),
            self.intents,
            receivables=InMemoryReceivables(),
            master_data=self.site.master_data,  # type: ignore[arg-type]
            erps=self.erps,
            requests=self,
            announcer=self.told,
            clock=self.site.clock,
        )

    def wait(self, time: timedelta) -> None:
        self.site.clock.instant += time


@pytest.fixture
def around() -> Iterator[Surroundings]:
    """Keep secrets where the functions read them."""
    with surroundings(boto3.client("secretsmanager")) as around:
        yield around


@pytest.fixture
def flow(request: pytest.FixtureRequest, open_site: OpenSite) -> Iterator[Flow]:
    for client in CLIENTS:
        client.cache_clear()
    site = open_site(request.param)
    clock = StandingClock(site.clock)
    key_id = boto3.client("kms").list_keys()["Keys"][0]["KeyId"]
    with circuit_breaker_on_simulated_time(lambda: site.clock.now().timestamp()):
        tenant = TenantId("acme-saas")
        reached = tenant_site(tenant, clock, aws, postings_table=create_table("flow"), signing_key_id=key_id)
        yield Flow(site, MappedErpRouting(site.master_data, reached))  # type: ignore[arg-type]
    for client in CLIENTS:
        client.cache_clear()


@pytest.mark.parametrize("flow", CALLED_SYSTEMS, indirect=True)
def test_wrong_credentials_stop_the_connection_at_once_and_working_ones_start_it_again(flow: Flow) -> None:
    first, second = flow.issue("first"), flow.issue("second")
    flow.site.change_secret(flow.site.under_test.wrong_credentials)

    refused = flow.post(first)
    held = flow.post(second)

    assert (refused.attempts, refused.problem) == (1, ExceptionCode.ERP_AUTH_FAILED)
    assert f"u2c erp resume {flow.site.under_test.mapping.connection}" in refused.reason
    assert (held.state, held.attempts, held.reason) == (IntentState.INTENT, 0, refused.reason)
    assert len(flow.told.raised) == 1

    flow.site.change_secret({})
    flow.wait(KEPT_FOR)
    assert flow.post(second).state in {IntentState.POSTED, IntentState.ACCEPTED}


@pytest.mark.parametrize("flow", WAYS_OF_CALLING, indirect=True)
def test_an_erp_that_is_down_is_left_alone_and_posted_to_once_it_is_back(flow: Flow) -> None:
    names = [flow.issue(f"inv-{number}") for number in range(FAILURES_THAT_OPEN + 1)]
    flow.site.change_secret({name: "http://127.0.0.1:1/" for name in flow.site.secret if name.endswith("_url")})
    attempts = [flow.post(name).attempts for name in names[:-1]]
    assert attempts[0] == 1

    left_alone = flow.post(names[-1])

    assert (left_alone.state, left_alone.attempts) == (IntentState.INTENT, 0)
    assert left_alone.reason == "the ERP is down and left alone"
    assert left_alone.due_at == flow.site.clock.now() + LEFT_ALONE_FOR
    assert flow.asked == []  # not before the relay does
    assert flow.told.raised == {}

    flow.site.change_secret({})
    flow.wait(KEPT_FOR)
    assert [flow.post(name).state for name in names] == [IntentState.POSTED] * len(names)
