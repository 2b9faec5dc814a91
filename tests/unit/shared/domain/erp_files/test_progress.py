"""Answers of a receiver that come twice, late, in any order, by halves, or cannot be right."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.erp_files.answers import (
    Acknowledged,
    Acknowledgement,
    Answer,
    Received,
    ReceivedAnswer,
    Response,
    Unreadable,
)
from shared.domain.erp_files.balance import balances, unbalanced
from shared.domain.erp_files.progress import FileProgress, Hearing, hear
from shared.domain.erp_files.staged_document import Verdict, VerdictStatus
from tests.builders.erp_files import a_file, invoices, posted, rejected
from tests.builders.posting import eur

FIRST, SECOND = invoices(2)
FILE = a_file([FIRST, SECOND]).file
SENT = FileProgress(file=FILE)
TAKEN = Acknowledgement(file=FILE.name, sha256=FILE.sha256, status=Acknowledged.VALIDATED)


def says(*verdicts: Verdict) -> Response:
    return Response(file=FILE.name, sha256=FILE.sha256, verdicts=verdicts)


def refusal(code: str) -> Acknowledgement:
    return replace(TAKEN, status=Acknowledged.REJECTED_FILE, code=code, text="see code")


def heard(*answers: Answer, before: FileProgress = SENT) -> Hearing:
    number = len(before.heard)
    received = tuple(ReceivedAnswer(f"answer {number + n}", answer) for n, answer in enumerate(answers))
    return hear(before, Received(answers=received))


def test_a_file_is_answered_when_each_of_its_documents_is() -> None:
    hearing = heard(TAKEN, says(posted(FIRST), rejected(SECOND)))

    assert hearing.progress.acknowledged
    assert hearing.progress.is_answered
    assert hearing.verdicts == (posted(FIRST), rejected(SECOND))
    assert hearing.wrong == ()


def test_half_an_answer_leaves_the_other_documents_pending_until_the_rest_comes() -> None:
    half = heard(TAKEN, says(posted(FIRST)))
    assert not half.progress.is_answered

    whole = heard(says(posted(FIRST), posted(SECOND)), before=half.progress)

    assert whole.progress.is_answered
    assert whole.verdicts == (posted(SECOND),)


def test_an_answer_that_comes_again_changes_nothing() -> None:
    received = Received(answers=(ReceivedAnswer("rsp 1", says(posted(FIRST))),))
    once = hear(SENT, received)

    assert hear(once.progress, received) == Hearing(progress=once.progress)
    assert heard(says(posted(FIRST)), before=once.progress).verdicts == ()


def test_a_response_before_its_acknowledgement_counts() -> None:
    hearing = heard(says(posted(FIRST), posted(SECOND)), TAKEN)

    assert hearing.progress.is_answered
    assert hearing.progress.acknowledged


def test_an_answer_that_cannot_be_read_yet_says_nothing() -> None:
    hearing = heard(Unreadable("half of it"))

    assert (hearing.verdicts, hearing.wrong, hearing.progress.acknowledged) == ((), (), False)


@pytest.mark.parametrize("code", ["DAMAGED", "SEQUENCE_GAP", "CHAIN_BROKEN"])
def test_a_file_that_may_come_again_leaves_its_documents_pending(code: str) -> None:
    hearing = heard(replace(refusal(code), sha256="d" * 64))  # of what arrived

    assert hearing.verdicts == ()
    assert hearing.progress.refusal == f"{code}: see code"
    assert heard(TAKEN, before=hearing.progress).progress.refusal == ""


@pytest.mark.parametrize("code", ["LAYOUT", "CONTROL_TOTALS", "SEQUENCE_REUSED", "SOMETHING_NEW"])
def test_a_file_that_is_refused_for_good_rejects_all_of_its_documents(code: str) -> None:
    hearing = heard(refusal(code))

    assert [verdict.status for verdict in hearing.verdicts] == [VerdictStatus.REJECTED] * 2
    assert hearing.progress.is_answered


def test_an_older_refusal_that_comes_after_the_file_was_taken_changes_nothing() -> None:
    taken = heard(TAKEN).progress

    assert heard(refusal("SEQUENCE_GAP"), before=taken).progress.refusal == ""
    assert heard(refusal("CONTROL_TOTALS"), before=taken).wrong == ("it refuses a file that was taken",)


def test_a_second_word_on_a_document_is_shown_to_a_person_and_not_believed() -> None:
    before = heard(says(rejected(FIRST))).progress

    hearing = heard(says(posted(FIRST)), before=before)

    assert hearing.verdicts == ()
    assert hearing.wrong == (
        f"it says of {FIRST.external_ref} that it is POSTED, after REJECTED (number RE-00001, then none)",
    )


def test_other_words_for_the_same_refusal_are_no_second_word_on_a_document() -> None:
    before = heard(says(rejected(FIRST))).progress

    assert heard(says(replace(rejected(FIRST), text="October is closed")), before=before).wrong == ()
    assert heard(says(replace(rejected(FIRST), code="UNKNOWN_ACCOUNT")), before=before).wrong != ()


def test_the_same_answer_in_another_version_is_noted_and_says_nothing_new() -> None:
    answer = ReceivedAnswer("rsp 5f0c", replace(says(posted(FIRST)), sha256="0" * 64))
    once = hear(SENT, Received(versions=("1",), answers=(answer,)))
    assert once.wrong

    again = hear(once.progress, Received(versions=("1", "2"), answers=(answer,)))

    assert again.wrong == ()
    assert again.progress == replace(once.progress, version=3, versions=("1", "2"))
    assert hear(again.progress, Received(versions=("1", "2"))) == Hearing(progress=again.progress)


def test_a_file_remembers_no_more_answers_than_fit_beside_it() -> None:
    other = [Unreadable(f"{n} faults") for n in range(600)]

    progress = heard(*other).progress

    assert len(progress.heard) == 500
    assert progress.heard[-1] == "answer 599"


def test_an_answer_about_other_bytes_or_documents_is_not_believed() -> None:
    other = invoices(3)[2]

    assert heard(replace(TAKEN, sha256="0" * 64)).wrong == ("it is about other bytes than were sent",)
    assert heard(replace(TAKEN, file="other.csv")).wrong == ("it is about other.csv",)
    assert heard(says(posted(other))).wrong == (f"it answers {other.external_ref}, which is not in the file",)


@given(statuses=st.lists(st.sampled_from(["posted", "rejected", "pending"]), min_size=1, max_size=8))
def test_what_was_sent_is_what_was_posted_refused_or_is_pending(statuses: list[str]) -> None:
    documents = invoices(len(statuses))
    made = {"posted": posted, "rejected": rejected}
    verdicts = {
        document.external_ref: made[status](document)
        for document, status in zip(documents, statuses, strict=True)
        if status in made
    }

    (euros,) = balances(a_file(documents).file, verdicts)

    assert not unbalanced([euros])
    assert euros.sent.documents == euros.posted.documents + euros.rejected.documents + euros.pending.documents
    assert euros.sent.gross == euros.posted.gross + euros.rejected.gross + euros.pending.gross
    assert euros.posted.documents == statuses.count("posted")


def test_another_amount_in_the_ledger_breaks_the_balance() -> None:
    booked = replace(posted(FIRST), gross=eur("1428.67"))

    (euros,) = balances(FILE, {FIRST.external_ref: booked})

    assert str(euros.difference) == "0.01"
    assert unbalanced([euros]) == (euros,)
