import argparse
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from io import StringIO
from typing import Any

import pytest
from pydantic import ValidationError
from rich.console import Console

from operations.u2c.__main__ import main
from operations.u2c.commands import posting
from shared.contracts.posting_repair import answer
from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.decisions import refused
from shared.domain.posting.outcome import ErpRef, PostedDocument
from shared.domain.posting.repair import Cancelled, adopted, cancelled, marked, replaced
from tests.builders.posting import BOOKS, FIRST_OF_NOVEMBER, a_document, an_intent
from tests.fakes.fake_erp import FAKE, FakeErp

NOW = FIRST_OF_NOVEMBER
REFUSED = refused(an_intent(), ExceptionCode.PERIOD_CLOSED, "closed through 2026-10-31", now=NOW)
ANEW = a_document(posting_date=date(2026, 11, 1))


def event_of(*typed: str, remedy: str = "repair") -> Mapping[str, Any]:
    parser = argparse.ArgumentParser()
    posting.register(parser.add_subparsers())
    return posting.event_of(parser.parse_args(["posting", remedy, *typed, "--by", "fred@nimbus.example"]))


def told(answered: dict[str, Any], *typed: str) -> tuple[int, str]:
    shown = StringIO()
    status = posting.ask(event_of("acme-2026/2026-10", *typed), lambda _: answered, Console(file=shown, width=200))
    return status, shown.getvalue()


def test_it_is_only_shown_until_it_is_to_be_sent() -> None:
    asked = {"remedy": "repair", "document": "acme-2026/2026-10/r1", "asked_by": "fred@nimbus.example"}

    assert event_of("acme-2026/2026-10/r1") == {**asked, "send": False}
    assert event_of("acme-2026/2026-10/r1", "--send") == {**asked, "send": True}


def test_what_would_be_sent_is_shown_with_what_differs() -> None:
    repair = replaced(REFUSED, ANEW, asked_by="fred", now=NOW)

    status, text = told(answer(repair))

    assert status == posting.DONE
    assert text.splitlines() == [
        "acme-2026/2026-10/r1 was refused: closed through 2026-10-31",
        "acme-2026/2026-10/r1/p2: DE-000001 would be sent in its place",
        "  posting date 2026-11-01, accounting period 2026-11",
        f"  net 1200.57 EUR, tax 228.11 EUR, gross 1428.68 EUR, our key {repair.posting.external_ref}",
        "  posting_date: 2026-10-31 -> 2026-11-01",
        "nothing is done; --send does it",
    ]


def test_a_document_that_says_the_same_is_told_to_take_its_names_from_todays_catalogue() -> None:
    status, text = told(answer(replaced(REFUSED, REFUSED.document, asked_by="fred", now=NOW)), "--send")

    assert status == posting.DONE
    assert "DE-000001 is sent in its place" in text
    assert "it says the same as the refused one; names in the ERP are those of today's catalogue" in text
    assert "nothing is done" not in text


def test_what_was_booked_by_hand_is_told_with_its_number_and_its_difference() -> None:
    found = PostedDocument(
        ref=ErpRef("77"),
        external_ref=REFUSED.external_ref,
        number="103099",
        posted=True,
        accounting_period="2026-11",
        net=ANEW.net,
        tax=ANEW.tax,
        gross=ANEW.gross,
    )
    capabilities = FakeErp(lambda: NOW).capabilities()
    done = adopted(REFUSED, found, books=BOOKS, asked_by="fred", capabilities=capabilities, now=NOW)

    status, text = told(answer(done), "--send")

    assert status == posting.DONE
    assert "DE-000001 is taken over as 103099 of the ERP, which has it" in text
    assert "differs: accounting period is 2026-11 in the ERP, 2026-10 here" in text


def test_a_refusal_is_told_with_its_reason() -> None:
    status, text = told({"outcome": "refused", "reason": "acme-2026/2026-10/r1 is posted"}, "--send")

    assert status == posting.REFUSED
    assert "acme-2026/2026-10/r1 is posted" in text


@pytest.mark.parametrize("typed", ["acme", "acme-2026/2026-10/r1/void"])
def test_what_names_no_document_is_refused_before_anybody_is_asked(typed: str) -> None:
    with pytest.raises(ValidationError, match="names no invoice, no credit note and no journal"):
        event_of(typed)


def test_what_was_booked_by_hand_is_named_by_the_number_of_the_erp() -> None:
    asked = event_of("acme-2026/2026-10", "--number", "SI-4711", "--erp-key", "98001", remedy="mark-posted")

    assert asked == {
        "remedy": "mark_posted",
        "document": "acme-2026/2026-10",
        "asked_by": "fred@nimbus.example",
        "send": False,
        "number": "SI-4711",
        "erp_key": "98001",
        "unverified": False,
    }


def test_what_is_marked_on_somebodys_word_says_so() -> None:
    word = marked(REFUSED, "SI-4711", None, books=BOOKS, asked_by="fred", capabilities=FAKE, now=NOW)

    status, text = told(answer(word), "--send")

    assert status == posting.DONE
    assert text.splitlines() == [
        "acme-2026/2026-10/r1: DE-000001 is booked by hand as SI-4711, on the word of fred",
        "  the ERP was not seen to have it",
        "  without the ERP's own key it is not credited here: mark-posted --erp-key adds that later",
    ]


def test_what_was_booked_without_our_key_is_to_get_it() -> None:
    word = marked(REFUSED, "SI-4711", None, books=BOOKS, asked_by="fred", capabilities=FAKE, now=NOW)

    _, text = told(answer(replace(word, has_our_key=False)), "--send")

    key = REFUSED.external_ref
    assert f"  without our key {key} as its reference there nobody hears here what is paid or voided of it" in text


def test_what_is_given_up_is_to_be_voided() -> None:
    given_up = cancelled(REFUSED, reason="the customer is insolvent", asked_by="fred", now=NOW)

    status, text = told(answer(given_up))

    assert status == posting.DONE
    assert text.splitlines() == [
        "acme-2026/2026-10/r1: DE-000001 would be cancelled by fred: the customer is insolvent",
        "  it is issued all the same: an invoice is to be voided, a journal is not to be missed",
        "nothing is done; --send does it",
    ]


def test_what_was_given_up_before_is_told_as_done_and_by_whom() -> None:
    given_up = cancelled(REFUSED, reason="the customer is insolvent", asked_by="fred", now=NOW).posting

    for typed in ((), ("--send",)):
        status, text = told(answer(Cancelled(posting=given_up, is_repeat=True)), *typed)

        assert status == posting.DONE
        assert text.splitlines() == [
            "acme-2026/2026-10/r1: DE-000001 is cancelled by fred: the customer is insolvent",
            "  it is issued all the same: an invoice is to be voided, a journal is not to be missed",
            "it was done before; nothing was done now",
        ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            ("repair", "nonsense"),
            (
                "DOCUMENT: 'nonsense' names no invoice, no credit note and no journal,"
                " as c-acme/2026-03/r1 or journal=accrual-2026-03 would"
            ),
        ),
        (("repair", ""), "DOCUMENT: is empty"),
        (("cancel", "c-acme/2026-03", "--reason", ""), "--reason: is empty"),
        (("mark-posted", "c-acme/2026-03", "--number", "9" * 301), "--number: is longer than 300 characters"),
    ],
)
def test_a_request_that_cannot_be_used_is_refused_in_words(
    typed: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["posting", *typed, "--by", "fred@nimbus.example"]) == posting.UNUSABLE_REQUEST

    assert capsys.readouterr().out == f"{said}\n"


def test_nobody_gives_up_without_a_reason() -> None:
    with pytest.raises(SystemExit):
        event_of("acme-2026/2026-10", remedy="cancel")
