"""The table of a posting intent's life, walked."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.announcement import announcement_of
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.decisions import MAX_BACK_OFF, concluded, refused, sending
from shared.domain.posting.intent import IntentState
from shared.domain.posting.lookups import rechecked
from shared.domain.posting.outcome import Absent, ErpRef, LookupFailed, Posted, Throttled
from shared.domain.posting.transitions import TRANSITIONS, Step, TransitionNotAllowedError, take
from tests.builders.posting import BOOKS, FIRST_OF_NOVEMBER, an_intent

CAPABILITIES = Capabilities(
    system="test", quiet_period_seconds=660, lookup_spacing_seconds=300, two_step_post=True, natural_key_enforced=False
)


def test_a_posting_that_is_posted_or_rejected_is_never_sent_again() -> None:
    for (state, _), following in TRANSITIONS.items():
        if state.settled:
            assert following.settled
            assert following is state or state is IntentState.REJECTED


def test_only_intent_and_a_found_draft_lead_to_sending() -> None:
    starts = {state for (state, step), following in TRANSITIONS.items() if following is IntentState.SENDING}

    assert starts == {IntentState.INTENT, IntentState.ACCEPTED, IntentState.UNKNOWN}


def test_an_attempt_of_unknown_end_returns_to_intent_only_by_proof_of_absence() -> None:
    steps = {step for (state, step), following in TRANSITIONS.items() if (state, following) == ("unknown", "intent")}

    assert steps == {Step.PROVE_ABSENT}


def test_what_the_erp_has_taken_returns_to_intent_only_by_way_of_a_look_up() -> None:
    following = {following for (state, _), following in TRANSITIONS.items() if state is IntentState.ACCEPTED}

    assert following == set(IntentState) - {IntentState.INTENT, IntentState.CANCELLED}


def test_a_step_that_is_not_in_the_table_is_a_defect() -> None:
    missing = set(product(IntentState, Step)) - set(TRANSITIONS)

    assert (IntentState.POSTED, Step.SEND) in missing
    rejected = refused(an_intent(), ExceptionCode.PERIOD_CLOSED, "closed", now=FIRST_OF_NOVEMBER)
    for step in (step for state, step in missing if state is IntentState.REJECTED):
        with pytest.raises(TransitionNotAllowedError):
            take(step, rejected)


def test_the_back_off_doubles_up_to_an_hour_however_long_the_erp_is_busy() -> None:
    intent, delays = an_intent(), []
    for _ in range(20):
        intent = concluded(
            sending(intent, books=BOOKS, now=FIRST_OF_NOVEMBER),
            Throttled(),
            read_back=None,
            capabilities=CAPABILITIES,
            now=FIRST_OF_NOVEMBER,
        )
        delays.append(intent.due_at - FIRST_OF_NOVEMBER)

    assert delays[:4] == [timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)]
    assert delays[-1] == MAX_BACK_OFF


@pytest.mark.parametrize(
    ("reason", "told"),
    [("", "the ERP was busy"), ("the customer may still be created", "the customer may still be created")],
)
def test_a_wish_to_wait_longer_is_granted_and_its_reason_kept(reason: str, told: str) -> None:
    intent = concluded(
        sending(an_intent(), books=BOOKS, now=FIRST_OF_NOVEMBER),
        Throttled(600, reason),
        read_back=None,
        capabilities=CAPABILITIES,
        now=FIRST_OF_NOVEMBER,
    )

    assert intent.due_at == FIRST_OF_NOVEMBER + timedelta(minutes=10)
    assert intent.reason == told


def test_posted_but_not_read_back_is_unknown_until_it_is() -> None:
    intent = concluded(
        sending(an_intent(), books=BOOKS, now=FIRST_OF_NOVEMBER),
        Posted(ErpRef("1")),
        read_back=LookupFailed("status 502"),
        capabilities=CAPABILITIES,
        now=FIRST_OF_NOVEMBER,
    )

    assert intent.state is IntentState.UNKNOWN
    assert intent.reason == "posted, but not read back: status 502"


def test_what_may_come_late_is_looked_up_after_a_day_and_after_its_last_look_up_nothing_is_due() -> None:
    silent = replace(an_intent(), may_come_late=True)
    rejected = refused(silent, ExceptionCode.POSTING_REJECTED, "no such item", now=FIRST_OF_NOVEMBER)
    second = FIRST_OF_NOVEMBER + timedelta(hours=25)

    once = rechecked(rejected, Absent(), ours=(), capabilities=CAPABILITIES, now=FIRST_OF_NOVEMBER + timedelta(hours=1))
    twice = rechecked(once, Absent(), ours=(), capabilities=CAPABILITIES, now=second)

    assert (once.rechecks_left, once.due_at) == (1, second)
    assert (twice.rechecks_left, twice.due_at) == (0, second)


def test_an_exception_names_the_posting_and_carries_no_payload() -> None:
    rejected = refused(an_intent(), ExceptionCode.MAPPING_MISSING, "x" * 9000, now=FIRST_OF_NOVEMBER)

    (record,) = announcement_of(rejected, now=FIRST_OF_NOVEMBER).raised

    assert record.exception_id == "MAPPING_MISSING:acme-2026/2026-10/r1"
    assert record.detail["invoice_number"] == "DE-000001"
    assert len(record.message) == 500
    assert "ap@acme.example" not in str(record)


def test_no_token_of_a_waiting_execution_shows_when_an_intent_is_printed() -> None:
    waiting = replace(an_intent(), task_tokens=("AQCEAAAAKgAAAAMAAAAA",))
    rejected = refused(waiting, ExceptionCode.PERIOD_CLOSED, "closed", now=FIRST_OF_NOVEMBER)

    assert "AQCE" not in repr(rejected)
    assert "AQCE" not in repr(announcement_of(rejected, now=FIRST_OF_NOVEMBER))
