"""Whoever dies before or after any call of any billing step: the repeat ends with one invoice and one posting."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

import pytest

from functions.validate_invoice.use_case import Verdict
from shared.domain.identifiers import LegalEntityId
from shared.domain.invoicing.invoice import ApprovalDecision, InvoiceState
from shared.domain.master_data.catalog import ApprovalPolicy
from shared.domain.rating.charge_models import PerUnit
from shared.domain.time_period import billing_period_containing
from shared.ports.invoice_executions import ExecutionStatus
from tests.builders.billing import (
    ACME,
    BASE_FEE,
    BERLIN,
    OCTOBER,
    SECOND_OF_NOVEMBER,
    THIRD_OF_NOVEMBER,
    calls,
    catalog,
    euros,
    nimbus,
    plan,
    price,
    usage_charge,
)
from tests.builders.consolidation import LABS, TOGETHER, account_of, calls_of_labs, two_contracts
from tests.fakes.billing_world import TOKEN, BillingWorld

GERMANY = LegalEntityId("nimbus-de")
DANA = "dana@nimbus.example"
T = TypeVar("T")
MOST_CALLS = 90
NOVEMBER = billing_period_containing(OCTOBER.end, BERLIN)
DECEMBER = billing_period_containing(NOVEMBER.end, BERLIN)
DEARER = catalog(plans=[plan(BASE_FEE, usage_charge(price(PerUnit(Decimal("0.11")))))])


class Died(BaseException):
    """The function's environment died in the middle of a call: not an error that a handler could see."""


class DyingPorts:
    """Counts the calls to all ports and dies once: before or after the n-th."""

    def __init__(self, *, call: int, after: bool) -> None:
        self.calls = 0
        self._call = call
        self._after = after

    def watch(self, port: object) -> object:
        return _Watched(port, self._around)

    def _around(self, call: Callable[[], Any]) -> object:
        self.calls += 1
        dies = self.calls == self._call
        if dies and not self._after:
            raise Died
        result = call()
        if dies:
            raise Died
        return result


class _Watched:
    def __init__(self, port: object, around: Callable[[Callable[[], Any]], Any]) -> None:
        self._port = port
        self._around = around

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return lambda *args, **kwargs: self._around(lambda: method(*args, **kwargs))


def _persist(step: Callable[[], T]) -> T:
    """Run a step as the state machine and the queue do: a failed one comes again."""
    try:
        return step()
    except Died:
        return step()


def _run(world: BillingWorld, as_of: datetime) -> None:
    selection = _persist(partial(world.select, as_of))
    _persist(partial(world.start, selection))
    _persist(partial(world.build, selection))
    _persist(world.tax)
    verdict = _persist(world.validate)
    if verdict is Verdict.NEEDS_APPROVAL:
        _persist(world.request_approval)
        decision = ApprovalDecision(approved=True, decided_by=DANA, decided_at=as_of)
        _persist(partial(world.decide, decision))
    if verdict is not Verdict.INVALID:
        _persist(world.issue)
        _persist(world.complete)
    world.executions.end_all(ExecutionStatus.SUCCEEDED)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_death_at_any_call_changes_nothing(*, after: bool) -> None:
    """October is held at first, then released, and its invoice needs an approval."""
    for call in range(1, MOST_CALLS):
        ports = DyingPorts(call=call, after=after)
        world = BillingWorld(calls(150), watch=ports.watch)
        world.publish(catalog(entity=nimbus(approval=ApprovalPolicy(thresholds=(), approver=DANA))))
        world.holds.place(ACME.customer_id, "2026-10", "conflict")

        _run(world, SECOND_OF_NOVEMBER)
        world.holds.release(ACME.customer_id, "2026-10", "conflict")
        _run(world, THIRD_OF_NOVEMBER)

        assert world.invoice.state is InvoiceState.POSTED
        assert (world.invoice.number, world.invoice.gross) == ("DE-000001", euros("132.69"))
        assert world.invoices.series(GERMANY, "DE-").last == 1
        assert world.invoices.intents.accounting_period(GERMANY, "2026-11").unsettled == 1
        assert len(world.executions.started) == 2
        assert world.callbacks.answers == {TOKEN: True}
        assert world.exceptions.open == {}
        if ports.calls < call:
            return
    pytest.fail(f"billing one invoice twice took more than {MOST_CALLS} calls")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_death_at_any_call_issues_the_bills_of_a_shared_invoice_with_it(*, after: bool) -> None:
    """The usage of one of its two customers is held at first, then released."""
    for call in range(1, MOST_CALLS):
        ports = DyingPorts(call=call, after=after)
        world = BillingWorld(calls(150), calls_of_labs(40), watch=ports.watch)
        world.publish(two_contracts(TOGETHER))
        world.holds.place(LABS.customer_id, "2026-10", "conflict")

        _run(world, SECOND_OF_NOVEMBER)
        world.holds.release(LABS.customer_id, "2026-10", "conflict")
        _run(world, THIRD_OF_NOVEMBER)

        bill = world.invoices.read(account_of(TOGETHER, OCTOBER).invoice_id, 1)
        assert bill is not None
        assert (bill.invoice.state, bill.invoice.number) == (InvoiceState.CONSOLIDATED, "DE-000001")
        assert (world.invoice.state, world.invoice.gross) == (InvoiceState.POSTED, euros("137.45"))
        assert world.invoices.series(GERMANY, "DE-").last == 1
        assert world.exceptions.open == {}
        if ports.calls < call:
            return
    pytest.fail(f"billing one shared invoice twice took more than {MOST_CALLS} calls")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_death_at_any_call_bills_late_usage_once(*, after: bool) -> None:
    """October's invoice has not read it, November's has a price that keeps it back, December's takes it."""
    for call in range(1, MOST_CALLS):
        ports = DyingPorts(call=call, after=after)
        world = BillingWorld(calls(80), watch=ports.watch)
        _run(world, SECOND_OF_NOVEMBER)
        world.usage.come_late(calls(50))
        for month, version in ((NOVEMBER, DEARER), (DECEMBER, catalog())):
            world.publish(version)
            world.account = replace(world.account, billing_period=month)
            world.usage.sealed = month.end
            _run(world, month.end + timedelta(days=1))

        assert [(line.line_id, line.amount) for line in world.invoice.lines] == [
            ("s-acme/base-fee", euros("99.00")),
            ("s-acme/api-calls@2026-10", euros("3.50")),
        ]
        assert world.invoices.series(GERMANY, "DE-").last == 3
        assert world.exceptions.open == {}
        if ports.calls < call:
            return
    pytest.fail(f"billing three months took more than {MOST_CALLS} calls")
