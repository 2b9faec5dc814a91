import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from operations.u2c.commands import credit, void
from shared.contracts.credit_note import CreditNoteEvent
from shared.domain.invoicing.credit_note import CreditDecision, CreditPreview, CreditPurpose, CreditRequest, WholeCredit

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PRICE = ("c-acme/2026-10", "--id", "price", "--by", "dora@nimbus.example", "--reason", "billed by the old price")


def event_of(*typed: str) -> Mapping[str, Any]:
    parser = argparse.ArgumentParser()
    void.register(parser.add_subparsers())
    return credit.event_of(parser.parse_args(["void", *typed]), NOON)


def test_a_void_is_only_shown_until_it_is_to_be_issued() -> None:
    assert isinstance(CreditNoteEvent.model_validate(event_of(*PRICE)).to_domain(), CreditPreview)


def test_an_invoice_is_voided_whole() -> None:
    asked = CreditNoteEvent.model_validate(event_of(*PRICE, "--issue")).to_domain()

    assert isinstance(asked, CreditRequest)
    assert (asked.purpose, asked.credit) == (CreditPurpose.VOID, WholeCredit())


def test_an_approver_decides_on_it_as_on_a_credit() -> None:
    event = event_of("c-acme/2026-10", "--id", "price", "--by", "clara@nimbus.example", "--decide", "approve")

    assert isinstance(CreditNoteEvent.model_validate(event).to_domain(), CreditDecision)
