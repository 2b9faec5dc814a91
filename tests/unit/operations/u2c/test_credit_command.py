import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from operations.u2c.__main__ import main
from operations.u2c.commands import credit
from shared.contracts.credit_note import CreditNoteEvent, answer
from shared.domain.invoicing.credit_note import (
    CreditDecision,
    CreditNoteState,
    CreditPreview,
    CreditPurpose,
    CreditRequest,
    LinesCredit,
)
from shared.domain.invoicing.credit_note_issue import drafted
from tests.builders.credit_notes import a_line, a_request, an_issued_invoice, of_lines

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PDF = "s3://documents/nimbus/c-acme/2026-10/r001/credit-sla-7.pdf"
SLA = ("c-acme/2026-10", "--id", "sla-7", "--by", "dora@nimbus.example", "--reason", "the API was down")


def event_of(*typed: str) -> Mapping[str, Any]:
    parser = argparse.ArgumentParser()
    credit.register(parser.add_subparsers())
    return credit.event_of(parser.parse_args(["credit", *typed]), NOON)


def told(event: Mapping[str, Any], answered: dict[str, Any]) -> tuple[int, str]:
    shown = StringIO()
    status = credit.credit(event, lambda _: answered, Console(file=shown, width=200), pdf=PDF)
    return status, shown.getvalue()


def test_a_credit_is_only_shown_until_it_is_to_be_issued() -> None:
    assert isinstance(CreditNoteEvent.model_validate(event_of(*SLA)).to_domain(), CreditPreview)
    assert isinstance(CreditNoteEvent.model_validate(event_of(*SLA, "--issue")).to_domain(), CreditRequest)


def test_amounts_of_lines_are_sent_with_every_digit() -> None:
    event = event_of(*SLA, "--line", "s-acme/fee=10.00", "--line", "s-acme/calls=0.10", "--currency", "EUR", "--issue")

    asked = CreditNoteEvent.model_validate(json.loads(json.dumps(event))).to_domain()

    assert isinstance(asked, CreditRequest)
    assert isinstance(asked.credit, LinesCredit)
    assert [(one.line_id, str(one.amount)) for one in asked.credit.amounts] == [
        ("s-acme/fee", "10.00 EUR"),
        ("s-acme/calls", "0.10 EUR"),
    ]


def test_an_approver_decides() -> None:
    event = event_of("c-acme/2026-10", "--id", "sla-7", "--by", "clara@nimbus.example", "--decide", "approve")

    asked = CreditNoteEvent.model_validate(event).to_domain()

    assert isinstance(asked, CreditDecision)
    assert (asked.decision.approved, asked.decision.decided_by) == (True, "clara@nimbus.example")


def test_what_would_come_of_it_is_shown() -> None:
    invoice = an_issued_invoice(a_line("fee", "99.00"))
    note = drafted(a_request(invoice, of_lines(fee="9.90")), invoice, [])

    status, text = told(event_of(*SLA), answer(note, "11.88 EUR reaches the threshold of 10.00 EUR"))

    assert status == credit.DONE
    assert "c-acme/2026-10/r1/credit/sla-7: would credit, of DE-000001" in text
    assert "net 9.90 EUR, tax 1.98 EUR, gross 11.88 EUR" in text
    assert "it would wait for an approver: 11.88 EUR reaches the threshold" in text
    assert "nothing is issued; --issue does" in text


def test_an_issued_credit_is_told_with_the_file_that_its_customer_is_sent() -> None:
    invoice = an_issued_invoice(a_line("fee", "99.00"))
    note = replace(drafted(a_request(invoice), invoice, []), state=CreditNoteState.ISSUED)

    status, text = told(event_of(*SLA, "--issue"), answer(note, ""))

    assert status == credit.DONE
    assert f"what the customer is sent: {PDF}" in text


def test_what_was_made_in_the_erp_is_recorded_and_its_document_is_named_next() -> None:
    event = event_of(*SLA, "--made-in-erp", "--issue")
    asked = CreditNoteEvent.model_validate(json.loads(json.dumps(event))).to_domain()
    assert isinstance(asked, CreditRequest)
    assert asked.made_in_erp

    invoice = an_issued_invoice(a_line("fee", "99.00"))
    note = replace(drafted(a_request(invoice), invoice, []), state=CreditNoteState.ISSUED)
    _, text = told(event, answer(note, ""))

    assert "u2c posting mark-posted c-acme/2026-10/r1/credit/sla-7 --number ... --erp-key ... --send" in text
    assert "nothing is sent" not in told(event_of(*SLA, "--issue"), answer(note, ""))[1]


def test_a_credit_is_goodwill_unless_it_says_that_it_corrects() -> None:
    purposes = [
        CreditNoteEvent.model_validate(event_of(*SLA, "--issue", *typed)).to_domain()
        for typed in ((), ("--purpose", "correction"))
    ]

    assert [one.purpose for one in purposes if isinstance(one, CreditRequest)] == [
        CreditPurpose.GOODWILL,
        CreditPurpose.CORRECTION,
    ]


def test_what_the_credit_is_to_later_invoices_is_shown() -> None:
    invoice = an_issued_invoice(a_line("fee", "99.00"))
    correcting = replace(a_request(invoice, of_lines(fee="9.90")), purpose=CreditPurpose.CORRECTION)

    _, text = told(event_of(*SLA, "--purpose", "correction"), answer(drafted(correcting, invoice, []), ""))

    assert "correction: it counts as billed" in text


def test_a_refusal_is_told_with_its_reason() -> None:
    refusal = {"outcome": "refused", "reason": "nothing is left of DE-000001 to credit"}

    status, text = told(event_of(*SLA, "--issue"), refusal)

    assert status == credit.REFUSED
    assert "nothing is left of DE-000001 to credit" in text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (
            ("c-acme/2026-10", "--id", "sla 7", "--reason", "x"),
            "--id: 'sla 7' is not letters, digits, dashes and underscores, 64 at most, a letter or a digit first",
        ),
        (
            ("c-acme/2026-10", "--id", "sla-7"),
            "--reason is needed: it is what the customer and an auditor are told",
        ),
        (
            ("c-acme/2026-10", "--id", "sla-7", "--reason", " "),
            "--reason is needed: it is what the customer and an auditor are told",
        ),
        ((*SLA, "--share", "a tenth"), "--share: 'a tenth' is no amount"),
        ((*SLA, "--line", "fee=ten", "--currency", "EUR"), "--line: 'ten' is no amount"),
        ((*SLA, "--line", "fee=10.00"), "--currency is needed: it is that of the amounts of --line"),
        ((*SLA, "--revision", "0"), "--revision: 0 is less than 1"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words_before_anybody_is_asked(
    typed: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["credit", *typed]) == credit.UNUSABLE_REQUEST

    assert capsys.readouterr().out == f"{told}\n"


def test_a_line_without_an_amount_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["credit", *SLA, "--line", "fee", "--currency", "EUR"]) == credit.UNUSABLE_REQUEST
    assert "--line is LINE=AMOUNT" in capsys.readouterr().out
