"""The whole posting stage against simulators with seeded faults: every posting once in the ledger, none stuck."""

from collections import Counter
from datetime import date

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.intent import IntentState
from shared.domain.posting.outcome import Posted
from simulators.erp import Fault, FaultPlan
from tests.builders.posting import a_credit_memo, a_document, an_intent
from tests.contract.erp.conftest import OpenSite
from tests.contract.erp.systems.every_system import CALLED_SYSTEMS, under_test
from tests.fakes.posting_world import PostingWorld

POSTINGS = 12
CREDITS = 6  # of 119.00 each, of an invoice of 1428.68


@pytest.mark.parametrize("seed", [1, 4])  # none of them draws two dead tokens in a row, which stop a connection
@pytest.mark.parametrize("system", CALLED_SYSTEMS)
def test_faults_of_every_kind_double_lose_and_strand_nothing(open_site: OpenSite, system: str, seed: int) -> None:
    faults = FaultPlan(
        seed=seed,
        throttle=0.1,
        server_error=0.05,
        gateway_timeout=0.05,
        lose_reply=0.1,
        late_commit=0.1,
        read_lag=0.1,
        lost_unseen=0.1,
        read_lag_seconds=under_test(system).system.capabilities.quiet_period_seconds - 1,
        truncated_json=0.05,
        location_stripped=0.05,
        auth_expired=0.05,
    )
    site = open_site(system, faults)
    world = PostingWorld(erps=site.routing)
    world.clock = site.clock
    documents = [a_document(posting_id=f"acme-{n}/2026-10/r1", number=f"DE-{n:06d}") for n in range(POSTINGS)]
    for document in documents:
        world.issue(an_intent(document))

    world.run_until_settled()

    invoice = world.all_intents()[0].erp_ref
    assert invoice is not None
    documents += [
        a_credit_memo(of_invoice=invoice.value, posting_id=f"acme-0/2026-10/r1/credit/{n}", number=f"DE-CN-{n:06d}")
        for n in range(CREDITS)
    ]
    for memo in documents[POSTINGS:]:
        world.issue(an_intent(memo, created_at=world.clock.now()))

    world.run_until_settled()

    assert Counter(site.posted()) == {document.external_ref: 1 for document in documents}
    assert len(site.simulator.documents()) == POSTINGS + CREDITS
    assert {intent.state for intent in world.all_intents()} == {IntentState.POSTED}
    assert world.told.open_codes() == set()
    assert site.simulator.faults.injected.total() > 0


@pytest.mark.parametrize(
    ("system", "operation", "fault"),
    [
        ("business_central", "post_invoice", Fault.THROTTLE),
        ("tryton", "post_invoice", Fault.THROTTLE),
        ("oracle_fusion", None, Fault.LOSE_REPLY),
        ("dynamics_finance", None, Fault.LOSE_REPLY),
    ],
)
def test_a_draft_of_a_month_that_the_catalogue_has_closed_since_is_deleted_and_never_posted(
    open_site: OpenSite, system: str, operation: str | None, fault: Fault
) -> None:
    site = open_site(system)
    world = PostingWorld(erps=site.routing)
    world.clock = site.clock
    site.simulator.faults.script(fault, operation=operation or site.creates_invoice)
    world.issue(an_intent(a_document()))
    world.deliver()
    assert len(site.simulator.documents()) == 1

    world.books.closed_through = date(2026, 10, 31)
    world.run_until_settled()

    assert site.simulator.documents() == ()
    assert world.intent().state is IntentState.REJECTED
    assert world.told.open_codes() == {ExceptionCode.PERIOD_CLOSED}


@pytest.mark.parametrize(
    ("system", "operation"),
    [("business_central", "post_invoice"), ("sap_s4hana", "create_journal_entry"), ("tryton", "post_invoice")],
)
def test_of_two_with_one_key_the_one_that_stands_is_posted_once_finance_has_reversed_the_other(
    open_site: OpenSite, system: str, operation: str
) -> None:
    site = open_site(system)
    world = PostingWorld(erps=site.routing)
    world.clock = site.clock
    site.simulator.faults.script(Fault.LOSE_REPLY, operation=operation)
    world.issue()
    world.deliver()
    assert isinstance(site.post(a_document()), Posted)  # once more, as what is committed late would be
    for _ in range(6):
        world.tick()
    assert world.intent().state is IntentState.UNKNOWN
    assert ExceptionCode.POSTING_CONFLICT in world.told.open_codes()

    assert site.under_test.takes_back is not None
    site.under_test.takes_back(site.simulator, a_document().external_ref, date(2026, 11, 2))
    world.run_until_settled()

    _, stands, *_ = site.simulator.documents()
    assert world.intent().state is IntentState.POSTED
    assert world.intent().erp_number == stands.number
    assert world.told.open_codes() == set()


def test_what_the_erp_has_to_post_by_itself_is_refused_at_once_where_both_have_closed_its_month(
    open_site: OpenSite,
) -> None:
    site = open_site("dynamics_finance")
    world = PostingWorld(erps=site.routing)
    world.clock = site.clock
    world.issue(an_intent(a_document()))
    world.deliver()
    assert world.intent().state is IntentState.ACCEPTED

    site.simulator.set_posting_window("DE01", posting_from=date(2026, 11, 1), posting_to=None)
    world.books.closed_through = date(2026, 10, 31)
    world.tick()

    assert site.simulator.documents() == ()
    assert world.told.open_codes() == {ExceptionCode.PERIOD_CLOSED}
