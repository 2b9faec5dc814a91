from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.announcement import announcement_of
from shared.domain.posting.decisions import refused
from shared.domain.posting.digest import payload_digest
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.lookups import told
from shared.domain.posting.repair import replaced
from shared.domain.posting.transitions import TransitionNotAllowedError
from tests.builders.posting import FIRST_OF_NOVEMBER, a_document, an_intent

NOON = FIRST_OF_NOVEMBER + timedelta(hours=6)


def a_refused_intent() -> PostingIntent:
    intent = refused(an_intent(), ExceptionCode.PERIOD_CLOSED, "the period is closed", now=FIRST_OF_NOVEMBER)
    return told(intent, now=FIRST_OF_NOVEMBER)


def test_the_posting_in_the_place_of_another_has_a_name_a_key_and_a_digest_of_its_own() -> None:
    was = a_refused_intent()

    repair = replaced(was, was.document, asked_by="fred", now=NOON)

    assert repair.refused.replaced_by == repair.posting.posting_id == f"{was.posting_id}/p2"
    assert repair.posting.replaces == was.posting_id
    assert repair.posting.external_ref == repair.posting.document.external_ref != was.external_ref
    assert repair.posting.payload_digest == payload_digest(repair.posting.document) != was.payload_digest
    assert (repair.posting.state, repair.posting.attempts) == (IntentState.INTENT, 0)


def test_what_differs_is_named_by_its_place_and_the_key_is_no_difference() -> None:
    was = a_refused_intent()
    anew = a_document(posting_date=date(2026, 11, 1))
    anew = replace(anew, party=replace(anew.party, tax_id=""), taxes=())

    assert replaced(was, was.document, asked_by="fred", now=NOON).differences == ()
    assert replaced(was, anew, asked_by="fred", now=NOON).differences == (
        "posting_date: 2026-10-31 -> 2026-11-01",
        "party.tax_id: DE811907980 -> nothing",
        "taxes[1].code: VAT19 -> nothing",
        "taxes[1].rate: 0.19 -> nothing",
        "taxes[1].base: 1200.57 EUR -> nothing",
        "taxes[1].amount: 228.11 EUR -> nothing",
    )


def test_the_exception_of_the_refusal_closes_once_the_posting_in_its_place_settles() -> None:
    repair = replaced(a_refused_intent(), a_document(), asked_by="fred", now=NOON)
    settled = replace(repair.posting, state=IntentState.POSTED)

    assert announcement_of(repair.posting, now=NOON).resolved == ()
    assert announcement_of(settled, now=NOON).resolved == ("PERIOD_CLOSED:acme-2026/2026-10/r1",)


@pytest.mark.parametrize("state", [state for state in IntentState if state is not IntentState.REJECTED])
def test_only_a_refused_posting_is_replaced(state: IntentState) -> None:
    with pytest.raises(TransitionNotAllowedError):
        replaced(replace(an_intent(), state=state), a_document(), asked_by="fred", now=NOON)
