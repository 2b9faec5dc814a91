"""Calls to an ERP leave in turn; those whose turn does not come, or that would be in vain, are not made."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from shared.adapters.erp.call_flow import CallFlow, PacedTransport
from shared.adapters.erp.session import ErpSession
from shared.adapters.erp.turns import PATIENCE
from shared.adapters.http.connection_secrets import KEPT_FOR, ConnectionSecrets
from shared.adapters.http.transport import Exchange, HeldBack, NoAnswer, NotSent, Reply, Request
from shared.domain.posting.circuit import FAILURES_THAT_OPEN
from shared.domain.posting.outcome import AuthFailed
from shared.domain.posting.pacing import CallLimits, Usage
from tests.fakes.in_memory_call_pacing import InMemoryCallPacing
from tests.fakes.in_memory_circuits import InMemoryCircuits

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
BOOKS = "acme/books"
CALL_TAKES = timedelta(seconds=0.5)
GET = Request("GET", "https://books.test/customers", {})
OK = Reply(200, {}, b"{}")
BUSY = "CONCURRENCY_LIMIT_EXCEEDED"


@dataclass(slots=True)
class PassingClock:
    """Time passes while somebody waits, or calls."""

    instant: datetime = NOON
    paused: float = 0.0

    def now(self) -> datetime:
        return self.instant

    def pause(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)
        self.paused += seconds


@dataclass(slots=True)
class Erp:
    """Answers in the order given, then with success."""

    clock: PassingClock
    answers: list[Exchange] = field(default_factory=list)
    called_at: list[float] = field(default_factory=list)

    def exchange(self, request: Request) -> Exchange:
        self.called_at.append((self.clock.instant - NOON).total_seconds())
        self.clock.instant += CALL_TAKES
        return self.answers.pop(0) if self.answers else OK


@dataclass(slots=True)
class Secrets:
    """One secret in its versions, the last of which is current."""

    versions: list[str] = field(default_factory=lambda: ["correct horse"])

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - as AWS has it
        assert SecretId == BOOKS
        return {"SecretString": json.dumps({"key": self.versions[-1]}), "VersionId": f"v{len(self.versions)}"}


@dataclass(slots=True)
class Site:
    """Several processes that call one ERP by one clock."""

    clock: PassingClock
    erp: Erp
    secrets: Secrets
    credentials: ConnectionSecrets
    pacing: InMemoryCallPacing = field(default_factory=InMemoryCallPacing)

    def process(self, name: str, limits: CallLimits = CallLimits(concurrency=2)) -> "Process":  # noqa: B008 - frozen
        circuits = InMemoryCircuits(self.clock)
        flow = CallFlow(pacing=self.pacing, circuits=circuits, clock=self.clock, name=name)
        transport = flow.transport(
            BOOKS, limits, busy_codes=frozenset({BUSY}), over=self.erp, credentials=self.credentials
        )
        return Process(flow, transport)

    def rotate(self, secret: str) -> None:
        self.secrets.versions.append(secret)


@dataclass(frozen=True, slots=True)
class Process:
    flow: CallFlow
    transport: PacedTransport

    def call(self) -> Exchange:
        return self.transport.exchange(GET)


@pytest.fixture
def site() -> Site:
    clock, secrets = PassingClock(), Secrets()
    return Site(clock, Erp(clock), secrets, ConnectionSecrets(cast("Any", secrets), clock))


def test_a_process_waits_for_its_slot(site: Site) -> None:
    anna = site.process("anna", CallLimits(concurrency=2, calls_per_minute=61))

    assert [anna.call() for _ in range(3)] == [OK] * 3
    assert site.erp.called_at == [0, 1, 2]


def test_a_call_whose_slot_is_far_away_is_not_made(site: Site) -> None:
    anna = site.process("anna")
    site.erp.answers = [Reply(429, {"retry-after": "90"}, b"")]
    anna.call()

    assert site.process("bert").call() == HeldBack("the ERP takes no more calls for now", 91)
    assert len(site.erp.called_at) == 1
    assert site.clock.paused == 0


def test_a_short_rest_is_waited_for(site: Site) -> None:
    anna = site.process("anna")
    site.erp.answers = [Reply(429, {}, b"")]

    assert [anna.call().__class__, anna.call()] == [Reply, OK]
    assert site.erp.called_at == [0, 1.5]


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (Reply(429, {}, b""), 1.5),
        (Reply(400, {}, f'{{"o:errorCode": "{BUSY}"}}'.encode()), 1.5),
        (Reply(503, {"retry-after": "7"}, b"<html>"), 7.5),
        (Reply(503, {}, b"<html>"), 0.5),
        (Reply(400, {}, b'{"o:errorCode": "INVALID_CONTENT"}'), 0.5),
    ],
)
def test_only_an_erp_that_is_busy_is_given_a_rest(site: Site, refusal: Reply, seconds: float) -> None:
    site.erp.answers = [refusal]
    site.process("anna").call()

    site.process("bert").call()

    assert site.erp.called_at == [0, seconds]


def test_a_process_looks_again_for_a_permit_and_gives_up_after_a_while(site: Site) -> None:
    alone = CallLimits(concurrency=1)
    site.process("anna", alone).call()

    held_back = site.process("bert", alone).call()

    assert held_back == HeldBack("as many calls are under way as the ERP permits", 16)
    assert PATIENCE.total_seconds() - 0.5 < site.clock.paused <= PATIENCE.total_seconds()


def test_a_process_that_has_done_with_its_document_lets_another_one_call(site: Site) -> None:
    alone = CallLimits(concurrency=1)
    anna, bert = site.process("anna", alone), site.process("bert", alone)
    anna.call()
    anna.call()

    anna.flow.give_back(document=True)

    assert site.pacing.line(BOOKS).usage == Usage(calls=2, seconds=1.0)
    assert bert.call() == OK


def test_who_others_wait_for_takes_its_next_permit_after_them(site: Site) -> None:
    anna = site.process("anna", CallLimits(concurrency=1))
    anna.call()
    anna.flow.give_back(document=True)
    paused = site.clock.paused

    anna.call()

    assert (paused, site.clock.paused) == (0, 0.2)


def test_an_erp_that_is_down_is_left_alone(site: Site) -> None:
    anna = site.process("anna")
    site.erp.answers = [NoAnswer("ReadTimeout"), NotSent("ConnectError"), *[Reply(502, {}, b"<html>")] * 3]
    for _ in range(FAILURES_THAT_OPEN):
        anna.call()

    assert anna.call() == HeldBack("the ERP is down and left alone")
    assert len(site.erp.called_at) == FAILURES_THAT_OPEN

    site.clock.instant += timedelta(seconds=61)
    assert anna.call() == OK


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "text/xml", "application/soap+xml"])
def test_an_erp_that_fails_at_one_document_in_its_own_words_is_not_down(site: Site, kind: str) -> None:
    anna = site.process("anna")
    site.erp.answers = [Reply(500, {"content-type": kind}, b"...")] * FAILURES_THAT_OPEN
    for _ in range(FAILURES_THAT_OPEN):
        anna.call()

    assert anna.call() == OK


def a_session(site: Site, process: Process) -> ErpSession:
    return ErpSession(
        BOOKS,
        credentials=site.credentials,
        needed=("key",),
        token_request=lambda secret: Request("POST", "https://books.test/token", {}, secret["key"].encode()),
        transport=process.transport,
        clock=site.clock,
        refused=process.transport.refused,
    )


def test_refused_credentials_stop_everybody_at_once_and_say_who_must_act(site: Site) -> None:
    site.erp.answers = [Reply(401, {}, b"")]

    refused = a_session(site, site.process("anna")).call("GET", "/customers")

    assert isinstance(refused, AuthFailed)
    assert "acme/books gives no token: status 401" in refused.text
    assert "u2c erp resume acme/books" in refused.text
    assert a_session(site, site.process("bert")).call("GET", "/customers") == refused
    assert len(site.erp.called_at) == 1


@pytest.mark.parametrize(
    ("dated", "told"),
    [
        (
            "Wed, 01 Apr 2026 12:07:00 GMT",
            "status 401; its clock is 420 seconds ahead of ours, which",
        ),
        ("Wed, 01 Apr 2026 11:58:30 GMT", "status 401; its clock is 90 seconds behind ours, which"),
        ("Wed, 01 Apr 2026 12:00:40 GMT", "status 401."),
        ("soon", "status 401."),
    ],
)
def test_refused_credentials_come_with_the_word_of_a_clock_that_is_off(site: Site, dated: str, told: str) -> None:
    site.erp.answers = [Reply(401, {"date": dated}, b"")]

    refused = a_session(site, site.process("anna")).call("GET", "/customers")

    assert isinstance(refused, AuthFailed)
    assert refused.text.startswith(f"acme/books gives no token: {told}")


def test_other_credentials_are_tried_by_themselves(site: Site) -> None:
    site.erp.answers = [Reply(401, {}, b"")]
    a_session(site, site.process("anna")).call("GET", "/customers")

    site.rotate("battery staple")
    site.clock.instant += KEPT_FOR

    assert site.process("bert").call() == OK
    assert site.pacing.line(BOOKS).hold is None


def test_a_person_says_that_the_credentials_are_taken_now(site: Site) -> None:
    site.erp.answers = [Reply(401, {}, b"")]
    a_session(site, site.process("anna")).call("GET", "/customers")

    site.pacing.resume(BOOKS)

    assert site.process("bert").call() == OK
