"""Journals to Fusion: one file each, never handed in twice, believed in once its batch is seen in the ledger."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.adapters.erp.oracle_fusion.journal_file import archive_of, file_name, group_id
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.domain.identifiers import ExternalRef
from shared.domain.money import Money, currency
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import IntentState
from shared.domain.posting.journal import Journal, JournalLine
from shared.domain.posting.outcome import (
    Absent,
    Accepted,
    Ambiguous,
    ErpRef,
    Found,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionKind,
    Throttled,
    Ticket,
    Uncertain,
)
from simulators.erp import Fault, FaultPlan
from tests.builders.posting import a_journal, an_intent
from tests.contract.erp.fusion_site import UNIT, FusionSite, fusion_site
from tests.contract.erp.systems.oracle_fusion import UNDER_TEST
from tests.contract.one_address import Switchboard, one_address
from tests.fakes.posting_world import PostingWorld

ACCRUAL = a_journal()
JOURNAL = DocumentKind.JOURNAL
USD = currency("USD")


@pytest.fixture(scope="module")
def board() -> Iterator[Switchboard]:
    with one_address() as board:
        yield board


@pytest.fixture
def site(board: Switchboard) -> FusionSite:
    return fusion_site(board)


def handed_in(site: FusionSite, journal: Journal = ACCRUAL) -> Ticket:
    outcome = site.erp.submit(journal)
    assert isinstance(outcome, Accepted)
    return outcome.ticket


def test_a_journal_is_accepted_first_and_in_the_ledger_once_its_jobs_have_run(site: FusionSite) -> None:
    ticket = handed_in(site)
    assert site.erp.poll(ticket, ACCRUAL) == Accepted(ticket)

    outcome = site.finish(Accepted(ticket), ACCRUAL)

    assert isinstance(outcome, Posted)
    found = site.erp.read(outcome.ref, JOURNAL)
    assert isinstance(found, PostedDocument)
    assert differences(ACCRUAL, found) == ()
    assert site.erp.locate(ACCRUAL.external_ref, JOURNAL) == Found(found)
    assert site.simulator.ledger.trial_balance(company=UNIT) == {
        ("1250", "EUR"): Decimal("300.00"),
        ("4400", "EUR"): Decimal("-300.00"),
    }
    assert site.posted() == [ACCRUAL.external_ref]


def test_the_same_journal_is_the_same_file_and_another_one_another_group() -> None:
    settings, euros = FusionSettings(UNDER_TEST.mapping), currency("EUR")

    assert archive_of(ACCRUAL, settings, euros) == archive_of(a_journal(), settings, euros)
    assert file_name(ACCRUAL.external_ref) == f"U2C_{ACCRUAL.external_ref}.zip"
    refs = [a_journal(f"accrual-{number}").external_ref for number in range(100)]
    groups = {group_id(ref) for ref in refs}
    assert len(groups) == 100
    assert all(0 < int(group) < 10**18 for group in groups)
    assert group_id(ExternalRef("A" * 16)) != group_id(ExternalRef("2" * 16))


def test_a_text_of_several_lines_is_on_one_line_of_the_file(site: FusionSite) -> None:
    against, revenue = ACCRUAL.lines
    lines = (replace(against, text="Acme Corp\u2028API calls"), replace(revenue, text="API calls\r\n"))
    journal = replace(ACCRUAL, text="Deferred revenue\nof October\n", lines=lines)

    outcome = site.finish(Accepted(handed_in(site, journal)), journal)

    assert isinstance(outcome, Posted), outcome
    (batch,) = site.books.batches.values()
    assert batch["_journalHeaders"][0]["JournalDescription"] == "Deferred revenue of October "


def test_a_file_whose_reply_was_lost_is_neither_absent_nor_handed_in_again(site: FusionSite) -> None:
    assert site.erp.locate(ACCRUAL.external_ref, JOURNAL) == Absent()
    site.simulator.faults.script(Fault.LOSE_REPLY, operation="import_bulk_data")
    assert isinstance(site.erp.submit(ACCRUAL), Uncertain)

    early = site.erp.locate(ACCRUAL.external_ref, JOURNAL)
    assert isinstance(early, LookupFailed)
    assert "no journal batch has come of it yet" in early.reason

    site.clock.instant += timedelta(minutes=2)
    assert isinstance(site.erp.locate(ACCRUAL.external_ref, JOURNAL), Found)


def test_a_late_commit_of_a_file_is_known_after_the_quiet_period(site: FusionSite) -> None:
    site.simulator.faults.script(Fault.LATE_COMMIT, operation="import_bulk_data")
    assert isinstance(site.erp.submit(ACCRUAL), Uncertain)
    assert site.erp.locate(ACCRUAL.external_ref, JOURNAL) == Absent()

    site.clock.instant += timedelta(seconds=site.erp.capabilities().quiet_period_seconds)

    assert isinstance(site.erp.locate(ACCRUAL.external_ref, JOURNAL), LookupFailed | Found)


def test_an_import_that_fails_after_the_load_is_a_rejection_with_the_reason_of_the_log(site: FusionSite) -> None:
    for number, (fault, kind, code) in enumerate(
        (
            (Fault.IMPORT_FAILED, RejectionKind.MAPPING, "EF04"),
            (Fault.IMPORT_WARNING, RejectionKind.MAPPING, "EF04"),
            (Fault.CLOSED_PERIOD, RejectionKind.PERIOD, "EP01"),
        )
    ):
        journal = a_journal(f"accrual-{number}")
        site.simulator.faults.script(fault, operation="import_bulk_data")

        outcome = site.finish(Accepted(handed_in(site, journal)), journal)

        assert isinstance(outcome, Rejected)
        assert (outcome.kind, outcome.code) == (kind, code)
        assert f"group {group_id(journal.external_ref)}" in outcome.text
    assert site.simulator.ledger.entries == ()


def test_a_rejection_stands_where_the_log_cannot_be_read(site: FusionSite) -> None:
    site.simulator.faults.script(Fault.IMPORT_FAILED, operation="import_bulk_data")
    ticket = handed_in(site)
    site.clock.instant += timedelta(minutes=2)
    missed_once = site.erp.poll(ticket, ACCRUAL)
    assert isinstance(missed_once, Accepted)
    site.clock.instant += timedelta(minutes=5)
    site.simulator.faults.script(None, Fault.GATEWAY_PAGE, operation="find_jobs")  # the status is told, the log is not

    outcome = site.erp.poll(missed_once.ticket, ACCRUAL)

    assert isinstance(outcome, Rejected)
    assert outcome.code == "IMPORT_FAILED"


def test_an_import_that_ends_with_a_warning_is_believed_in_its_batch(site: FusionSite) -> None:
    site.set_up(import_ends="WARNING")

    assert isinstance(site.finish(Accepted(handed_in(site)), ACCRUAL), Posted)


def test_a_batch_that_is_shown_a_little_late_is_not_rejected_for_its_job_s_warning(site: FusionSite) -> None:
    site.set_up(import_ends="WARNING")
    site.simulator.faults.script(Fault.GRANT_MISSING, Fault.GRANT_MISSING, operation="find_batches")

    outcome = site.finish(Accepted(handed_in(site)), ACCRUAL)

    assert isinstance(outcome, Posted), outcome
    assert site.posted() == [ACCRUAL.external_ref]


def test_a_batch_that_may_not_be_seen_is_not_rejected_for_its_job_s_warning(site: FusionSite) -> None:
    site.set_up(import_ends="WARNING")
    ticket = handed_in(site)
    site.clock.instant += timedelta(minutes=2)
    site.simulator.grant(UNIT, granted=False)
    hidden = site.erp.poll(ticket, ACCRUAL)
    assert isinstance(hidden, Accepted), hidden
    site.clock.instant += timedelta(hours=1)
    assert site.erp.poll(hidden.ticket, ACCRUAL) == Throttled()

    site.simulator.grant(UNIT, granted=True)

    assert isinstance(site.erp.poll(hidden.ticket, ACCRUAL), Posted)


def test_what_is_imported_waits_for_a_person_where_nothing_posts_it(site: FusionSite) -> None:
    site.set_up(autopost=False)
    ticket = handed_in(site)
    site.clock.instant += timedelta(minutes=2)

    waiting = site.erp.poll(ticket, ACCRUAL)

    assert isinstance(waiting, Accepted)
    assert waiting.ticket.value.startswith("batch:")
    ref = ErpRef(waiting.ticket.value.removeprefix("batch:"))
    assert site.erp.advance(ref, ACCRUAL) == waiting
    site.erp.discard(ref, JOURNAL)
    site.simulator.post_journals(UNIT)
    assert site.erp.poll(waiting.ticket, ACCRUAL) == Posted(ref)


def test_a_file_that_somebody_handed_in_again_is_two_batches_and_both_are_shown(site: FusionSite) -> None:
    site.finish(Accepted(handed_in(site)), ACCRUAL)
    second = handed_in(site)

    assert isinstance(site.finish(Accepted(second), ACCRUAL), Uncertain)
    assert isinstance(site.erp.locate(ACCRUAL.external_ref, JOURNAL), Ambiguous)


def test_polls_without_an_answer_wait_and_unknown_requests_are_looked_up(site: FusionSite) -> None:
    ticket = handed_in(site)
    for fault in (Fault.GATEWAY_PAGE, Fault.TRUNCATED_JSON, Fault.MAINTENANCE):
        site.simulator.faults.script(fault, operation="find_jobs")
        assert site.erp.poll(ticket, ACCRUAL) == Throttled()

    assert isinstance(site.erp.poll(Ticket("1"), ACCRUAL), Uncertain)


def test_a_file_that_fusion_cannot_schedule_is_a_matter_of_configuration(site: FusionSite) -> None:
    site.with_settings(data_access_set_id="7")
    refused = site.erp.submit(ACCRUAL)
    assert isinstance(refused, Rejected)
    assert (refused.kind, refused.code) == (RejectionKind.CONFIGURATION, "NOT_TAKEN")

    site.with_settings("journal_source_id", "journal_category")
    assert site.erp.submit(ACCRUAL) == Rejected(
        RejectionKind.MAPPING, "NOT_MAPPED", "no mapping for setting journal_source_id, setting journal_category"
    )
    long = replace(ACCRUAL, text="x" * 241)
    site.with_settings(journal_source_id="1", journal_category="Usage")
    assert isinstance(site.erp.submit(long), Rejected)
    assert site.simulator.faults.writes == 1


def test_a_journal_in_foreign_currency_is_converted_there(site: FusionSite) -> None:
    lines = (
        JournalLine(line_no=1, account="unbilled", amount=Money(Decimal("10.00"), USD), text="usage"),
        JournalLine(line_no=2, account="revenue", amount=Money(Decimal("-10.00"), USD), text="usage"),
    )
    journal = replace(ACCRUAL, lines=lines)

    outcome = site.finish(Accepted(handed_in(site, journal)), journal)

    assert isinstance(outcome, Posted)
    assert site.simulator.ledger.trial_balance(company=UNIT)["1250", "USD"] == Decimal("10.00")


def test_lost_replies_late_files_and_busy_hours_double_and_lose_no_journal(board: Switchboard) -> None:
    weather = FaultPlan(
        seed=3, throttle=0.1, server_error=0.1, gateway_timeout=0.1, lose_reply=0.2, late_commit=0.1, maintenance=0.1
    )
    site = fusion_site(board, weather)
    world = PostingWorld(erps=site)
    world.clock = site.clock
    journals = [a_journal(f"accrual-{number}", amount=f"{number}.00") for number in range(1, 9)]
    for journal in journals:
        world.issue(an_intent(journal, created_at=site.clock.now()))

    world.run_until_settled()

    assert Counter(site.posted()) == {journal.external_ref: 1 for journal in journals}
    assert {intent.state for intent in world.all_intents()} == {IntentState.POSTED}
    assert site.simulator.ledger.trial_balance(company=UNIT)["1250", "EUR"] == Decimal("36.00")
    assert site.simulator.faults.injected.total() > 2
