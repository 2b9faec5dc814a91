"""A requested amendment is recorded and confirmed, or refused with every reason, or undone; never half."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from functions.confirm_amendment.use_case import AmendmentConfirmer, CrmRefusedError, CrmUnavailableError
from functions.record_amendment.use_case import AmendmentRecorder, RequestIdTakenError
from functions.withdraw_amendment.use_case import AmendmentWithdrawer, NothingToWithdrawError
from functions.write_sales_order.use_case import ErpRefusedError, ErpUnavailableError, SalesOrderWriter
from shared.contracts.amendment import AmendmentAsked
from shared.domain.identifiers import CustomerId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.sales_order import OrderRefused, OrderUnavailable, OrderWriting, OrderWritten, SalesOrder
from shared.domain.subscriptions.amendment_request import AmendmentRequest, AmendmentState
from shared.domain.subscriptions.crm_notice import CrmNotice, CrmRefused, CrmTold, CrmUnavailable, Telling
from tests.builders.amendments import CANCELLATION, NOON, ORDER, asked, with_more_plans
from tests.builders.catalog import FIRST_VERSION
from tests.fakes.in_memory_amendments import InMemoryAmendments
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.steady_clock import SteadyClock

LATER = {"subscription": "s-acme", "effective": "2026-07-01", "change": "resumption"}
PAUSE = {"subscription": "s-acme", "effective": "2026-06-01", "change": "pause"}


@dataclass
class OneCrm:
    """Port Crm."""

    answer: Telling = field(default_factory=CrmTold)
    told: list[tuple[str, bool]] = field(default_factory=list)

    def tell(self, notice: CrmNotice) -> Telling:
        self.told.append((notice.request_id, notice.in_force))
        return self.answer


@dataclass
class OneErp:
    """Ports SalesOrders and SalesOrderRouting; `meanwhile` happens while the next order is written."""

    answer: OrderWriting = field(default_factory=OrderWritten)
    keeps_orders: bool = True
    held: list[SalesOrder] = field(default_factory=list)
    meanwhile: Callable[[], object] | None = None

    def sales_orders_of(self, entity: LegalEntity) -> "OneErp | None":
        del entity
        return self if self.keeps_orders else None

    def write(self, order: SalesOrder) -> OrderWriting:
        self.held.append(order)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return self.answer


class World:
    def __init__(self) -> None:
        self.erp = OneErp()
        self.master_data = InMemoryMasterData()
        self.requests = InMemoryAmendments(self.master_data)
        self.exceptions = InMemoryExceptionReporter()
        self.crm = OneCrm()
        self.master_data.write(FIRST_VERSION, with_more_plans())
        self.master_data.publish(FIRST_VERSION)

    def record(self, message: AmendmentAsked | None = None) -> AmendmentRequest:
        message = message or asked()
        recorder = AmendmentRecorder(requests=self.requests, master_data=self.master_data, clock=SteadyClock(NOON))
        return recorder.record(message.to_domain(), message.amendment_in)

    def write_order(self) -> AmendmentRequest:
        writer = SalesOrderWriter(requests=self.requests, master_data=self.master_data, orders=self.erp)
        return writer.write(asked().to_domain())

    def ordered(self) -> list[tuple[int, list[str]]]:
        """Return the revision and the lines of each order that the ERP was told."""
        return [(order.revision, [line.description for line in order.lines]) for order in self.erp.held]

    def confirm(self, message: AmendmentAsked | None = None) -> AmendmentRequest:
        confirmer = AmendmentConfirmer(requests=self.requests, crm=self.crm, clock=SteadyClock(NOON))
        return confirmer.confirm((message or asked()).to_domain())

    def withdraw(self, message: AmendmentAsked | None = None) -> AmendmentRequest:
        withdrawer = AmendmentWithdrawer(
            requests=self.requests,
            master_data=self.master_data,
            exceptions=self.exceptions,
            clock=SteadyClock(NOON),
        )
        return withdrawer.withdraw((message or asked()).to_domain(), "CrmUnavailableError")

    def subscriptions(self) -> list[str]:
        self.master_data.version()
        account = self.master_data.account(CustomerId("acme"))
        assert account is not None
        return [one.subscription_id for one in account.contracts[0].subscriptions]


def states(request: AmendmentRequest) -> list[str]:
    return [step.state.value for step in request.history]


def test_an_amendment_is_in_force_and_the_crm_knows() -> None:
    world = World()
    world.record()

    assert states(world.confirm()) == ["recorded", "confirmed"]
    assert world.subscriptions() == ["s-acme", "s-acme@2026-05-01"]
    assert world.crm.told == [(ORDER, True)]


def test_the_day_of_an_amendment_is_one_of_the_customer() -> None:
    request = World().record()

    assert request.amendment is not None
    assert request.amendment.effective_at.isoformat() == "2026-05-01T04:00:00+00:00"


def test_asked_twice_it_is_done_once() -> None:
    world = World()

    assert world.record() == world.record()
    assert world.confirm() == world.confirm()
    assert world.subscriptions() == ["s-acme", "s-acme@2026-05-01"]
    assert world.crm.told == [(ORDER, True)]


def test_one_id_does_not_stand_for_two_requests() -> None:
    world = World()
    world.record()
    other = asked(**CANCELLATION)

    with pytest.raises(RequestIdTakenError):
        world.record(other)
    with pytest.raises(NothingToWithdrawError):
        world.withdraw(other)
    assert world.subscriptions() == ["s-acme", "s-acme@2026-05-01"]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (asked(contract="c-other"), "acme has no contract c-other"),
        (asked(customer="vandelay"), "vandelay has no contract c-acme"),
        (asked(**CANCELLATION | {"subscription": "s-none"}), "'s-none' is not a subscription of the contract"),
        (asked(**CANCELLATION | {"effective": "2025-12-31"}), "not after the contract's start"),
        (asked(**LATER), "it is not paused"),
        (asked(subscription="s-acme", effective="2026-05-01", change="upgrade", plan="none"), "'none' is not a plan"),
        (
            asked(subscription="s-acme", effective="2026-05-01", change="upgrade", plan="eurozone"),
            "eurozone has no USD price of base-fee on 2026-05-01",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason_and_nothing_done(message: AmendmentAsked, reason: str) -> None:
    world = World()
    request = world.record(message)

    assert states(request) == ["refused"]
    assert reason in request.history[0].note
    assert world.confirm(message) == request if request.amendment else True
    assert world.crm.told == []
    assert world.subscriptions() == ["s-acme"]


def test_when_the_crm_stays_away_the_amendment_is_undone_and_a_person_told() -> None:
    world = World()
    world.record()
    world.crm.answer = CrmUnavailable("status 503")
    with pytest.raises(CrmUnavailableError):
        world.confirm()

    world.withdraw()
    world.withdraw()
    world.crm.answer = CrmTold()

    assert states(world.confirm()) == ["recorded", "withdrawn", "undone"]
    assert world.subscriptions() == ["s-acme"]
    assert world.crm.told == [(ORDER, True), (ORDER, False)]
    assert list(world.exceptions.open) == [f"AMENDMENT_WITHDRAWN:{ORDER}"]


def test_a_refusal_of_the_crm_is_told_apart() -> None:
    world = World()
    world.record()
    world.crm.answer = CrmRefused("INVALID_FIELD")

    with pytest.raises(CrmRefusedError, match="INVALID_FIELD"):
        world.confirm()


def test_what_the_crm_knows_is_not_withdrawn() -> None:
    world = World()
    world.record()
    confirmed = world.confirm()

    assert world.withdraw() == confirmed
    assert world.exceptions.open == {}


def test_an_amendment_that_another_one_needs_is_left_to_a_person_until_it_can_go() -> None:
    world = World()
    pause, resumption = asked("pause", **PAUSE), asked("resumption", **LATER)
    world.record(pause)
    world.record(resumption)

    assert states(world.withdraw(pause)) == ["recorded", "stuck"]
    assert "it is not paused" in world.exceptions.open[next(iter(world.exceptions.open))].message
    assert list(world.exceptions.open) == ["AMENDMENT_NOT_UNDONE:pause"]

    world.withdraw(resumption)
    assert states(world.withdraw(pause)) == ["recorded", "stuck", "withdrawn"]


def test_the_erp_holds_what_is_agreed_and_again_what_was_agreed_before() -> None:
    world = World()
    world.record()
    before, after = "from 2026-01-01 to 2026-04-30", "from 2026-05-01 to 2026-12-31"
    upgraded = (1, [f"Growth (s-acme), {before}", f"Business (s-acme@2026-05-01), {after}"])

    assert world.write_order().state is AmendmentState.RECORDED
    world.write_order()
    assert world.ordered() == [upgraded, upgraded]

    world.withdraw()
    assert world.write_order().state is AmendmentState.WITHDRAWN
    assert world.ordered()[2:] == [(2, ["Growth (s-acme), from 2026-01-01 to 2026-12-31"])]


def test_an_erp_that_is_to_hold_no_orders_is_told_nothing() -> None:
    world = World()
    world.erp.keeps_orders = False
    world.record()

    assert world.write_order().state is AmendmentState.RECORDED
    assert world.ordered() == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [(OrderRefused("no such item"), ErpRefusedError), (OrderUnavailable("status 503"), ErpUnavailableError)],
)
def test_what_the_erp_does_not_take_is_an_error(answer: OrderWriting, error: type[Exception]) -> None:
    world = World()
    world.record()
    world.erp.answer = answer

    with pytest.raises(error):
        world.write_order()


def test_what_is_agreed_while_an_order_is_written_is_written_after_it() -> None:
    world = World()
    world.record()
    world.erp.meanwhile = world.withdraw

    world.write_order()

    assert [(revision, len(lines)) for revision, lines in world.ordered()] == [(1, 2), (2, 1)]
