"""The CRM asks for amendments of a contract: each is done everywhere, or undone everywhere, or before a person."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.circuit import LEFT_ALONE_FOR
from simulators.erp.netsuite.simulator import NetSuiteSimulator
from simulators.http.faults import Fault
from tests.scenarios.amended_contracts import UPGRADE, Amending, amending, amending_with_an_erp
from tests.scenarios.small_month import instant
from tests.scenarios.test_every_call_may_be_the_last import AMEND_CONTRACTS, Killer, Moment, site_of

PAUSE = {"subscription": "s-acme", "effective": "2026-06-01", "change": "pause"}
RESUMPTION = {"subscription": "s-acme", "effective": "2026-07-01", "change": "resumption"}
TRIES = 7  # of a task that tells the CRM
WITHDRAWN, NOT_UNDONE = ExceptionCode.AMENDMENT_WITHDRAWN, ExceptionCode.AMENDMENT_NOT_UNDONE


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Amending]:
    with amending(tmp_path) as deployed:
        yield deployed


def test_an_amendment_is_in_force_and_the_crm_knows(world: Amending) -> None:
    assert world.ask() == "SUCCEEDED"

    assert world.states() == ["recorded", "confirmed"]
    assert world.subscriptions() == ["s-acme", "s-acme@2026-03-16"]
    assert world.told() == ["In force"]
    assert world.exceptions() == set()


def test_a_scheduled_change_survives_publications_and_bars_those_that_contradict_it(world: Amending) -> None:
    world.ask("far", **UPGRADE | {"effective": "2027-03-16"})
    world.cloud.clock.advance_to(instant("2026-03-10T12:00"))
    world.publish(products=[{"id": "platform", "name": "The platform"}, {"id": "api", "name": "API"}])
    assert world.subscriptions() == ["s-acme", "s-acme@2027-03-16"]

    world.cloud.clock.advance_to(instant("2026-03-11"))
    world.publish(amend_acme={"subscription": "s-acme", "effective": "2027-03-16", "change": "cancellation"})
    assert world.subscriptions() == ["s-acme", "s-acme@2027-03-16"]


def test_a_refused_amendment_leaves_no_trace_but_its_reasons(world: Amending) -> None:
    assert world.ask(**RESUMPTION) == "SUCCEEDED"

    assert world.states() == ["refused"]
    assert world.subscriptions() == ["s-acme"]
    assert world.told() == []


def test_a_request_that_comes_again_later_is_done_once(world: Amending) -> None:
    world.ask()

    assert world.ask(execution="order-1-again") == "SUCCEEDED"
    assert world.states() == ["recorded", "confirmed"]
    assert world.told() == ["In force"]


def test_another_request_under_a_known_id_fails_and_touches_nothing(world: Amending) -> None:
    world.ask()

    assert world.ask(execution="order-1-other", **PAUSE) == "FAILED"
    assert world.states() == ["recorded", "confirmed"]
    assert world.subscriptions() == ["s-acme", "s-acme@2026-03-16"]
    assert world.exceptions() == {ExceptionCode.FAILED_EXECUTION}


def test_a_lost_reply_is_told_again_and_comes_to_one_record(world: Amending) -> None:
    world.crm.faults.script(Fault.LOSE_REPLY, Fault.GATEWAY_TIMEOUT)

    assert world.ask() == "SUCCEEDED"
    assert world.told() == ["In force", "In force", "In force"]
    assert len(world.crm.records()) == 1


def test_a_crm_that_is_down_has_the_amendment_undone_and_is_told_when_it_is_back(world: Amending) -> None:
    world.crm.faults.script(*[Fault.UNAVAILABLE] * TRIES)

    assert world.ask() == "SUCCEEDED"
    assert world.states() == ["recorded", "withdrawn", "undone"]
    assert world.subscriptions() == ["s-acme"]
    assert world.told() == ["Withdrawn"]
    assert world.exceptions() == {WITHDRAWN}


def test_a_crm_that_stays_down_is_before_a_person_who_has_it_told_later(world: Amending) -> None:
    world.crm.faults.script(*[Fault.UNAVAILABLE] * TRIES * 2)
    world.ask()
    assert world.states() == ["recorded", "withdrawn"]
    assert world.exceptions() == {WITHDRAWN, NOT_UNDONE}
    world.crm.faults.script(*[None] * len(world.crm.faults.pending))

    assert world.ask(execution="order-1-again") == "SUCCEEDED"
    assert world.states() == ["recorded", "withdrawn", "undone"]
    assert world.told()[-1] == "Withdrawn"


def test_a_refusal_of_the_crm_is_not_repeated(world: Amending) -> None:
    world.crm.doubled.add("order-1")

    world.ask()

    assert world.crm.faults.writes == 2
    assert "CrmRefusedError: several records have the id of the request" in world.message_of(WITHDRAWN)
    assert world.states() == ["recorded", "withdrawn"]
    assert world.exceptions() == {WITHDRAWN, NOT_UNDONE}


TEAM = "Team (s-initech), from 2026-03-01"


def test_the_erp_holds_what_is_agreed_whatever_became_of_the_amendment(tmp_path: Path) -> None:
    with amending_with_an_erp(tmp_path) as (world, erp):
        pause = {"customer": "initech", "subscription": "s-initech", "change": "pause"}
        paused = f"{TEAM}, paused from 2026-04-01 to 2026-04-30"
        resumption = pause | {"effective": "2026-05-01", "change": "resumption"}

        # A reply is lost, then NetSuite is busy: one order comes of it.
        erp.faults.script(Fault.LOSE_REPLY, Fault.THROTTLE, operation="upsert_sales_order")
        world.ask("pause", **pause, effective="2026-04-01")
        world.ask("resume", **resumption)
        writes = erp.faults.writes
        world.ask("resume", execution="resume-again", **resumption)
        assert world.states("pause") == world.states("resume") == ["recorded", "confirmed"]
        assert (agreed(erp), erp.faults.writes) == (["c-initech, revision 2", paused], writes)

        # The CRM never takes the next one: the ERP is back where it was.
        later = pause | {"effective": "2026-06-01"}
        world.crm.doubled.add("crm-refuses")
        world.ask("crm-refuses", **later)
        assert world.states("crm-refuses") == ["recorded", "withdrawn"]
        assert agreed(erp) == ["c-initech, revision 4", paused]

        # The ERP is down for good: nothing is in force, and the CRM never heard that it was.
        told = len(world.told())
        erp.faults.script(*[Fault.UNAVAILABLE] * TRIES * 2, operation="upsert_sales_order")
        world.ask("erp-down", **later)
        assert world.states("erp-down") == ["recorded", "withdrawn", "undone"]
        assert world.told()[told:] == ["Withdrawn"]
        assert world.exceptions() == {WITHDRAWN, NOT_UNDONE}
        assert agreed(erp) == ["c-initech, revision 4", paused]

        # It is back, is tried again after a minute, and a person has it told.
        world.cloud.clock.advance_to(world.cloud.clock.now() + LEFT_ALONE_FOR)
        erp.faults.call_off()
        world.ask("erp-down", execution="erp-down-again", **later)
        assert agreed(erp) == ["c-initech, revision 6", paused]


def agreed(erp: NetSuiteSimulator) -> list[str]:
    """Return the memo and the lines of the one order that the ERP holds."""
    (order,) = erp.sales_orders()
    return [order["memo"], *(line["description"] for line in order["_items"])]


CASES = {"confirmed": ["record_amendment", "confirm_amendment"], "undone": sorted(AMEND_CONTRACTS)}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("end", "function"), [(end, one) for end, functions in CASES.items() for one in functions])
def test_whoever_dies_at_whichever_call_the_end_is_the_same(
    end: Literal["confirmed", "undone"], function: str, tmp_path: Path
) -> None:
    sites: list[str] = []

    def listen(who: str, _moment: Moment, operation: str) -> None:
        if who == function and site_of(operation) not in sites:
            sites.append(site_of(operation))

    assert ended(tmp_path, end, listen) == expected(end)
    assert sites
    for number, operation in enumerate(sites):
        folder = tmp_path / str(number)
        folder.mkdir()
        killer = Killer(function, operation, ["before", "after"])
        assert (operation, ended(folder, end, killer)) == (operation, expected(end))
        assert killer.to_die != ["before", "after"]


def ended(folder: Path, end: str, observer: object) -> tuple[object, ...]:
    with amending(folder) as world:
        if end == "undone":
            world.crm.doubled.add("order-1")
        world.cloud.on_call = observer  # type: ignore[assignment]
        world.ask()
        world.cloud.on_call = None
        return world.states(), world.subscriptions(), world.exceptions()


def expected(end: str) -> tuple[object, ...]:
    if end == "confirmed":
        return ["recorded", "confirmed"], ["s-acme", "s-acme@2026-03-16"], set()
    return ["recorded", "withdrawn"], ["s-acme"], {WITHDRAWN, NOT_UNDONE}


def test_the_next_invoice_has_what_was_amended(tmp_path: Path) -> None:
    with amending(tmp_path, start=instant("2026-03-30")) as world:
        world.ask()
        world.pass_until(instant("2026-04-04"))

        assert world.fees_of("c-acme/2026-03") == {
            "s-acme/fee": "47.90",  # 1 to 15 March, 15 of 31 days at 99.00
            "s-acme@2026-03-16/fee": "160.00",  # 16 to 31 March, 16 of 31 days at 310.00
        }
