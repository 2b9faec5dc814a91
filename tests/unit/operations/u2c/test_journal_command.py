import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from rich.console import Console

from operations.u2c.commands import journal
from shared.contracts.journal import answer
from shared.domain.posting.journal_approval import PreparedJournal
from tests.builders.posting import a_journal

ACCRUAL = """\
id: accrual-2026-10
legal_entity: acme-gmbh
posting_date: 2026-10-31
currency: EUR
text: Usage of October that is not billed
lines:
  - {account: unbilled, debit: 300.00}
  - {account: revenue, credit: 300.00, dimensions: {region: eu}}
"""


def event_of(*typed: str) -> Mapping[str, Any]:
    parser = argparse.ArgumentParser()
    journal.register(parser.add_subparsers())
    arguments = parser.parse_args(["journal", *typed, "--by", "fred@nimbus.example"])
    event: Mapping[str, Any] = arguments.event_of(arguments)
    return event


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "accrual.yaml"
    path.write_text(ACCRUAL)
    return path


def test_a_file_is_read_with_every_digit_and_only_shown_until_it_is_to_be_stored(file: Path) -> None:
    shown, stored = event_of("post", str(file)), event_of("post", str(file), "--send")

    assert shown["send"] is False
    assert stored == {**shown, "send": True}
    assert [line["debit"] or line["credit"] for line in shown["journal"]["lines"]] == ["300.00", "300.00"]
    assert shown["journal"]["lines"][1]["dimensions"] == {"region": "eu"}


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("debit: 300.00", "debit: 300.00, credit: 1"),
        ("debit: 300.00", "debit: -300.00"),
        ("debit: 300.00", "debit: many"),
        ("id: accrual-2026-10", "id: a/b"),
        ("currency: EUR", "currency: euros"),
        ("posting_date: 2026-10-31", "posting_date: in October"),
    ],
)
def test_a_file_that_is_no_journal_is_refused_before_anybody_is_asked(file: Path, written: str, instead: str) -> None:
    file.write_text(ACCRUAL.replace(written, instead))

    with pytest.raises(ValidationError):
        event_of("post", str(file))


def test_a_decision_names_who_decides() -> None:
    assert event_of("decide", "accrual-2026-10", "reject", "--reason", "wrong account") == {
        "act": "decide",
        "journal_id": "accrual-2026-10",
        "approved": False,
        "decided_by": "fred@nimbus.example",
        "reason": "wrong account",
    }


def test_what_would_come_of_it_is_shown_in_words(file: Path) -> None:
    prepared = PreparedJournal(journal=a_journal(), prepared_by="fred", prepared_at=datetime(2026, 11, 1, tzinfo=UTC))
    shown = StringIO()

    status = journal.ask(
        event_of("post", str(file)), lambda _: answer(prepared, "clara"), Console(file=shown, width=200)
    )

    assert status == journal.DONE
    assert shown.getvalue().splitlines() == [
        f"accrual-10: 2 lines of 300.00 EUR in 2026-10, our key {a_journal().external_ref}",
        "  would wait for clara",
        "nothing is stored; --send does it",
    ]


def test_a_refusal_is_told_with_its_reason() -> None:
    shown = StringIO()
    refusal = {"outcome": "refused", "reason": "fred has prepared it"}

    status = journal.ask(event_of("decide", "a", "approve"), lambda _: refusal, Console(file=shown, width=200))

    assert (status, shown.getvalue()) == (journal.REFUSED, "fred has prepared it\n")
