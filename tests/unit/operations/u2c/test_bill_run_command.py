"""u2c bill-run shows where every account is and whether it ties, and hands an approver's word over."""

from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import replace
from io import StringIO
from typing import Any

from rich.console import Console

from operations.u2c.commands.bill_run import DOES_NOT_TIE, REFUSED, TIES, ask, register
from shared.contracts.bill_run_record import record_reply, refusal_reply
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.bill_run_record import BillRunApproval, BillRunEnd, BillRunRecord, EndAmounts
from tests.builders.billing import FIRST_RUN, SECOND_OF_NOVEMBER, euros

RECORD = BillRunRecord(
    bill_run_id=FIRST_RUN,
    recorded_at=SECOND_OF_NOVEMBER,
    selected=3,
    built=2,
    parked_before=1,
    waiting_for=(),
    ends=((BillRunEnd.POSTED, 2), (BillRunEnd.FAILED, 1)),
    amounts=(
        EndAmounts(
            end=BillRunEnd.POSTED, invoices=2, gross=euros("1332.69"), lines=euros("1111.50"), taxes=euros("221.19")
        ),
    ),
    failures=((BillRunEnd.FAILED, InvoiceId("c-globex/2026-10")),),
    legal_entities=(),
)
APPROVED = replace(RECORD, approval=BillRunApproval(approved_by="dana", approved_at=SECOND_OF_NOVEMBER))


def asked(reply: dict[str, Any], *arguments: str) -> tuple[int, str, Mapping[str, Any]]:
    parser, events, text = ArgumentParser(exit_on_error=False), [], StringIO()
    register(parser.add_subparsers())

    def invoke(event: Mapping[str, Any]) -> dict[str, Any]:
        events.append(event)
        return reply

    status = ask(parser.parse_args(["bill-run", *arguments]), invoke, Console(file=text, width=120))
    return status, text.getvalue(), events[0]


def test_the_newest_run_is_shown_with_every_end_and_whether_it_ties() -> None:
    status, text, event = asked(record_reply(RECORD), "show")

    assert (status, event) == (TIES, {"bill_run_id": None, "approved_by": ""})
    assert [" ".join(line.split()) for line in text.splitlines()] == [
        "bill-run-2026-11-02T06:00:00.000000Z, as of 2026-11-02 06:00 UTC",
        "selected 3, built 2; left out because parked before: 1",
        "accounts gross EUR",
        "posted 2 1,332.69",
        "failed 1",
        "failed: c-globex/2026-10",
        "all accounts are at an end",
        "ties: every account is at one end, and each gross is the sum of its lines and taxes",
    ]


def test_a_run_that_does_not_tie_says_why() -> None:
    status, text, _ = asked(record_reply(replace(RECORD, selected=4)), "show", FIRST_RUN)

    assert status == DOES_NOT_TIE
    assert "does not tie: 4 accounts are selected and 3 are at an end" in text


def test_an_approval_is_handed_over_by_name() -> None:
    status, text, event = asked(record_reply(APPROVED), "approve", FIRST_RUN, "--by", "dana")

    assert (status, event) == (TIES, {"bill_run_id": FIRST_RUN, "approved_by": "dana"})
    assert "approved by dana at 2026-11-02 06:00 UTC" in text


def test_a_refusal_is_shown_in_words() -> None:
    status, text, _ = asked(refusal_reply(ValueError("2 accounts are under way")), "approve", "x", "--by", "dana")

    assert (status, text) == (REFUSED, "2 accounts are under way\n")
